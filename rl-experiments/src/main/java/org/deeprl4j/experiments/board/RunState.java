package org.deeprl4j.experiments.board;

/** How a run is. */
public enum RunState {
  /** A process is at it. */
  RUNNING,
  /** All steps are taken, and the final policy is evaluated if it is to be. */
  FINISHED,
  /** No process is at it, and steps are left; it can be resumed. */
  STOPPED,
  /** Its study says that it threw something. */
  FAILED,
  /** Its files are damaged, or of another version. */
  BROKEN
}
