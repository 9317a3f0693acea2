/**
 * Spaces of settings, and samplers that propose points of them: the part of a search that knows no
 * run.
 */
@NullMarked
package org.deeprl4j.experiments.search;

import org.jspecify.annotations.NullMarked;
