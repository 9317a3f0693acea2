package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeprl4j.random.Rng;

/**
 * Where each layer's parameters lie in an MLP's flat vector θ, and how they are drawn: DL4J's
 * layout, the same for every implementation.
 *
 * <p>Layer after layer, θ holds
 *
 * <ol>
 *   <li>W, which DL4J sees as [in, out] in 'f' order, that is, row-major [out][in]: the weight from
 *       input i to output o is {@code θ[weights + o·in + i]};
 *   <li>b, {@code θ[biases + o]};
 *   <li>with layer normalisation g, {@code θ[gains + o]}.
 * </ol>
 *
 * <p>A layer computes u = x·W, with layer normalisation z = g∘(u − μ)/σ + b, else z = u + b, and y
 * = f(z). μ and σ are the mean and the population standard deviation of a row of u; DL4J adds no ε,
 * and a row whose σ is 0 normalises to 0. The bias comes after the normalisation.
 */
final class MlpLayout {
  /**
   * One layer.
   *
   * @param inputs columns of x
   * @param outputs columns of y
   * @param weights offset of W
   * @param biases offset of b
   * @param gains offset of g, or −1 without layer normalisation
   * @param activation f
   */
  record Layer(int inputs, int outputs, int weights, int biases, int gains, Activation activation) {
    boolean layerNorm() {
      return gains >= 0;
    }
  }

  private final Mlp mlp;
  private final List<Layer> layers;
  private final int parameterCount;

  private MlpLayout(Mlp mlp, List<Layer> layers, int parameterCount) {
    this.mlp = mlp;
    this.layers = layers;
    this.parameterCount = parameterCount;
  }

  /**
   * The layout of an MLP's parameters.
   *
   * @throws IllegalArgumentException if there are 2³¹ parameters or more
   */
  static MlpLayout of(Mlp mlp) {
    List<Layer> layers = new ArrayList<>();
    long offset = 0;
    int inputs = mlp.inputs();
    for (int l = 0; l <= mlp.hidden().size(); l++) {
      boolean last = l == mlp.hidden().size();
      int outputs = last ? mlp.outputs() : mlp.hidden().get(l);
      boolean layerNorm = mlp.layerNorm() && !last;
      long weights = offset;
      long biases = weights + (long) inputs * outputs;
      long gains = biases + outputs;
      offset = layerNorm ? gains + outputs : gains;
      if (offset > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "an MLP must have less than 2^31 parameters, " + mlp + " has more");
      }
      layers.add(
          new Layer(
              inputs,
              outputs,
              (int) weights,
              (int) biases,
              layerNorm ? (int) gains : -1,
              last ? mlp.outputActivation() : mlp.activation()));
      inputs = outputs;
    }
    return new MlpLayout(mlp, List.copyOf(layers), (int) offset);
  }

  /** The layers from the input to the output; there is at least one. */
  List<Layer> layers() {
    return layers;
  }

  /** P, the length of θ. */
  int parameterCount() {
    return parameterCount;
  }

  /**
   * Draws θ as {@link Mlp#init()} says; gains are 1. The same generator state gives the same bits.
   *
   * @param theta at least P elements, of which the first P are set. Modified.
   */
  void initialise(Rng random, float[] theta) {
    if (theta.length < parameterCount) {
      throw new IllegalArgumentException(
          "theta must have " + parameterCount + " elements, not " + theta.length);
    }
    Mlp.Init init = mlp.init();
    if (init instanceof Mlp.Init.Dl4j dl4j) {
      drawByDl4j(dl4j, random, theta);
      return;
    }
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      boolean last = l == layers.size() - 1;
      if (init instanceof Mlp.Init.Orthogonal orthogonal) {
        double gain = last ? orthogonal.outputGain() : orthogonal.hiddenGain();
        orthogonal(random, layer, gain, theta);
        Arrays.fill(theta, layer.biases, layer.biases + layer.outputs, 0);
      } else {
        double limit = 1 / Math.sqrt(layer.inputs);
        if (last && init instanceof Mlp.Init.FanInUniformSmallOutput small) {
          limit = small.limit();
        }
        for (int i = layer.weights; i < layer.biases + layer.outputs; i++) {
          theta[i] = (float) (limit * (2 * random.nextDouble() - 1));
        }
      }
      if (layer.layerNorm()) {
        Arrays.fill(theta, layer.gains, layer.gains + layer.outputs, 1);
      }
    }
  }

  /**
   * A matrix with orthonormal rows or columns, whichever are fewer, times a gain: the Q of the QR
   * decomposition of a Gaussian matrix whose R has a positive diagonal, which is uniform among them
   * (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
   * Gram-Schmidt gives that sign by itself; its second sweep makes Q orthogonal to the last bits.
   */
  static void orthogonal(Rng random, Layer layer, double gain, float[] theta) {
    boolean rows = layer.outputs <= layer.inputs;
    int count = Math.min(layer.inputs, layer.outputs);
    int length = Math.max(layer.inputs, layer.outputs);
    double[][] q = new double[count][length];
    for (int k = 0; k < count; k++) {
      double[] v = q[k];
      for (int i = 0; i < length; i++) {
        v[i] = random.nextGaussian();
      }
      for (int sweep = 0; sweep < 2; sweep++) {
        for (int j = 0; j < k; j++) {
          double projection = dot(q[j], v);
          for (int i = 0; i < length; i++) {
            v[i] -= projection * q[j][i];
          }
        }
      }
      double norm = Math.sqrt(dot(v, v));
      for (int i = 0; i < length; i++) {
        v[i] /= norm;
      }
    }
    for (int o = 0; o < layer.outputs; o++) {
      for (int i = 0; i < layer.inputs; i++) {
        double element = rows ? q[o][i] : q[i][o];
        theta[layer.weights + o * layer.inputs + i] = (float) (gain * element);
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private void drawByDl4j(Mlp.Init.Dl4j init, Rng random, float[] theta) {
    MultiLayerConfiguration configuration = Dl4jConfigurations.read(init.configuration());
    int drawn = Dl4jConfigurations.parameterCount(configuration);
    if (drawn != parameterCount) {
      throw new IllegalArgumentException(
          "the configuration of Init.Dl4j has "
              + drawn
              + " parameters, but the MLP to be initialised has "
              + parameterCount);
    }
    MultiLayerNetwork network = Dl4jModels.initialised(configuration, random);
    HostMemory.read(network.params(), theta);
  }
}
