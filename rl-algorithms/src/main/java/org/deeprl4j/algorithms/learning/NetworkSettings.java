package org.deeprl4j.algorithms.learning;

import java.util.List;
import org.deeprl4j.nn.Activation;

/** The settings that a learner's networks read. */
public interface NetworkSettings {
  /** Widths of the hidden layers. */
  List<Integer> hidden();

  /** Activation of the hidden layers. */
  Activation activation();

  /** Adam's ε. */
  double adamEpsilon();

  /** Rows of a batch. */
  int batchSize();

  /** Environments stepped together. */
  int environments();
}
