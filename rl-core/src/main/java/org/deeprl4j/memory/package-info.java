/** What the JVM's memory has room for. */
@NullMarked
package org.deeprl4j.memory;

import org.jspecify.annotations.NullMarked;
