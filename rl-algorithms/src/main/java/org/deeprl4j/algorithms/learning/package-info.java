/** What learners share: networks that are run and stepped together, policies and their files. */
@NullMarked
package org.deeprl4j.algorithms.learning;

import org.jspecify.annotations.NullMarked;
