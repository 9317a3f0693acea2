package org.deeprl4j.nn.cuda;

/**
 * CUDA is not there or cannot do what was asked. The message is one line: what was found, and what
 * to do.
 */
public final class CudaException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  CudaException(String message) {
    super(message);
  }
}
