/** The machinery of configuration records: reading, layering, presets, ranges. */
@NullMarked
package org.deeprl4j.algorithms.configuration;

import org.jspecify.annotations.NullMarked;
