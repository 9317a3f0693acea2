package org.deeprl4j.algorithms.learning;

import java.util.List;
import org.deeprl4j.nn.Activation;

/** What a learner's networks read of a configuration. */
public interface NetworkSettings {
  /** Widths of the hidden layers. */
  List<Integer> hidden();

  /** Of the hidden layers. */
  Activation activation();

  /** Adam's ε. */
  double adamEpsilon();

  /** Rows of a batch. */
  int batchSize();

  /** Environments stepped together. */
  int environments();
}
