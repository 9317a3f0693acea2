/** Networks: description, execution on fused kernels or DL4J, and the tensors they share. */
@NullMarked
package org.deeprl4j.nn;

import org.jspecify.annotations.NullMarked;
