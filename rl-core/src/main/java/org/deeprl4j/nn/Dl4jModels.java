package org.deeprl4j.nn;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeprl4j.random.Rng;

/** Builds DL4J's networks for the way they are used here. */
final class Dl4jModels {
  private Dl4jModels() {}

  /**
   * A network with workspaces off (arrays that outlive a call would be errors in one) and
   * parameters drawn as the configuration says, from a seed drawn from {@code random}.
   */
  static MultiLayerNetwork initialised(MultiLayerConfiguration configuration, Rng random) {
    MultiLayerConfiguration seeded = withoutWorkspaces(configuration);
    long seed = random.nextLong();
    for (NeuralNetConfiguration layer : seeded.getConfs()) {
      layer.setSeed(seed);
    }
    MultiLayerNetwork network = new MultiLayerNetwork(seeded);
    network.init();
    return network;
  }

  /** A copy of a configuration with workspaces off. */
  static MultiLayerConfiguration withoutWorkspaces(MultiLayerConfiguration configuration) {
    MultiLayerConfiguration copy = configuration.clone();
    copy.setTrainingWorkspaceMode(WorkspaceMode.NONE);
    copy.setInferenceWorkspaceMode(WorkspaceMode.NONE);
    return copy;
  }
}
