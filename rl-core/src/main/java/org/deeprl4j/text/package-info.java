/** Texts for people. */
@NullMarked
package org.deeprl4j.text;

import org.jspecify.annotations.NullMarked;
