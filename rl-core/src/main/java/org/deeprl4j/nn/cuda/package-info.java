/**
 * CUDA without a toolkit: the driver, NVRTC and cuBLAS called through JNA's direct mapping. Nothing
 * is loaded before {@link org.deeprl4j.nn.cuda.CudaDevice} is asked for a device.
 *
 * <p>A device and all that belongs to it serve one thread at a time, not always the same. Sizes and
 * offsets are bytes unless they say otherwise.
 */
@NullMarked
package org.deeprl4j.nn.cuda;

import org.jspecify.annotations.NullMarked;
