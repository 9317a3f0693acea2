package org.deeprl4j.examples;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Dl4jModels;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.nd4j.linalg.activations.Activation;

/** A custom DL4J network, here a convolutional one, as policy and value function of PPO. */
public final class CustomNetwork {
  private static final int SIZE = 7;

  private CustomNetwork() {}

  /**
   * Shows a picture with one bright pixel; the action says whether it is in the left or the right
   * half.
   */
  static final class Spot extends Simulation {
    Spot() {
      super(2, Box.of(0, 1, SIZE * SIZE), new Discrete(2));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = random.nextInt(SIZE);
      state[1] = random.nextInt(SIZE);
    }

    @Override
    protected void advance(float[] action, Step next) {
      boolean right = 2 * state[1] > SIZE;
      next.setReward((action[0] == 1) == right ? 1 : 0);
      start(random());
    }

    @Override
    protected void observe(float[] observation) {
      Arrays.fill(observation, 0);
      observation[(int) (state[0] * SIZE + state[1])] = 1;
    }
  }

  /** Outputs [V | z]: the value and the logits of the two actions, from shared layers. */
  static NetworkSpec network() {
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .weightInit(WeightInit.XAVIER)
            .activation(Activation.TANH)
            .list()
            .layer(new ConvolutionLayer.Builder(3, 3).nIn(1).nOut(4).build())
            .layer(new DenseLayer.Builder().nOut(32).build())
            .layer(new DenseLayer.Builder().nOut(3).activation(Activation.IDENTITY).build())
            .setInputType(InputType.convolutionalFlat(SIZE, SIZE, 1))
            .build();
    return Dl4jModels.describe(configuration);
  }

  /** Runs the example. */
  public static void main(String[] arguments) {
    System.out.printf("right %.0f %% of the time%n", run(10_000).meanReturn());
  }

  /** Trains for a number of steps, and evaluates over 10 episodes of 100 pictures. */
  static EvaluationResult run(long steps) {
    PpoConfig config =
        PpoConfig.defaults().withEnvironments(4).withRolloutSteps(64).withEpochs(4).withGamma(0);
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Ppo.start(
                new TrainingSetup(CustomNetwork::spots, steps, 1, compute),
                config,
                context -> network())) {
      trainer.train();
      return Evaluation.run(CustomNetwork::spots, trainer.policy(), 10, 10_001);
    }
  }

  private static Mdp spots() {
    return new TimeLimit(new Spot(), 100);
  }
}
