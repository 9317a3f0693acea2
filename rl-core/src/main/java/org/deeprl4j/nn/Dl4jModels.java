package org.deeprl4j.nn;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/**
 * To and from DeepLearning4J: descriptions, networks and model files. Parameters keep their order
 * and their bits either way.
 */
public final class Dl4jModels {
  private static final int MOST_CONFIGURATION = 1 << 24;
  private static final int MOST_SHAPE = 128; // ND4J's arrays have at most 32 dimensions

  private Dl4jModels() {}

  /**
   * The description of a DL4J network: an {@link Mlp} where it is a stack of dense layers, so that
   * it runs on the fused kernels, else a {@link NetworkSpec.Dl4j}.
   *
   * @param configuration of feed-forward layers, without an output layer: losses are the
   *     algorithms' affair
   * @throws IllegalArgumentException if it has an output layer, recurrent layers, regularisation
   *     (which an algorithm would not apply), or sizes that do not follow from it
   */
  public static NetworkSpec describe(MultiLayerConfiguration configuration) {
    requireFeedForward(configuration);
    Mlp mlp = asMlp(configuration);
    if (mlp != null) {
      return mlp;
    }
    int inputs = inputs(configuration);
    MultiLayerNetwork probe = initialised(configuration, new Rng(0));
    INDArray output = probe.output(Nd4j.zeros(1, inputs), false);
    if (output.rank() != 2) {
      throw new IllegalArgumentException(
          "a network must give a row of outputs for a row of inputs, but this one of layers "
              + layerNames(configuration)
              + " gives an array of rank "
              + output.rank());
    }
    return new NetworkSpec.Dl4j(inputs, (int) output.size(1), configuration.toJson());
  }

  /**
   * A DL4J network with given parameters; workspaces are off, and the updater does nothing.
   *
   * @param spec an {@link Mlp} or a {@link NetworkSpec.Dl4j}; of networks side by side give one
   *     part and its slice of the parameters
   * @param parameters θ, [1, P]; copied
   * @throws IllegalArgumentException if DL4J has no such network, or P differs
   */
  public static MultiLayerNetwork toDl4j(NetworkSpec spec, Tensor parameters) {
    MultiLayerConfiguration configuration;
    if (spec instanceof Mlp mlp) {
      configuration = configuration(mlp);
    } else if (spec instanceof NetworkSpec.Dl4j dl4j) {
      configuration = Dl4jConfigurations.read(dl4j.configuration());
    } else {
      throw new IllegalArgumentException(
          "only an Mlp or a NetworkSpec.Dl4j can become a DL4J network, not "
              + spec.getClass().getSimpleName());
    }
    Shapes.requireShape("parameters", parameters, 1, spec.parameterCount());
    MultiLayerNetwork network = new MultiLayerNetwork(withoutWorkspaces(configuration));
    network.init(parameters.array().dup(), false);
    return network;
  }

  /** A DL4J network of dense layers; workspaces are off, and the updater does nothing. */
  public static MultiLayerNetwork toDl4j(DenseStack stack) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().updater(new NoOp()).list();
    int size = 0;
    for (DenseStack.Layer layer : stack.layers()) {
      list.layer(dense(layer.inputs(), layer.outputs(), layer.gains() != null, layer.activation()));
      size += layer.weights().length + layer.biases().length;
      size += layer.gains() == null ? 0 : layer.outputs();
    }
    float[] theta = new float[size];
    int at = 0;
    for (DenseStack.Layer layer : stack.layers()) {
      int n = layer.outputs();
      for (int o = 0; o < n; o++) {
        for (int i = 0; i < layer.inputs(); i++) {
          theta[at++] = layer.weights()[i * n + o];
        }
      }
      System.arraycopy(layer.biases(), 0, theta, at, n);
      at += n;
      float[] gains = layer.gains();
      if (gains != null) {
        System.arraycopy(gains, 0, theta, at, n);
        at += n;
      }
    }
    MultiLayerNetwork network = new MultiLayerNetwork(withoutWorkspaces(list.build()));
    network.init(Nd4j.create(theta, new long[] {1, size}), false);
    return network;
  }

  /**
   * A network with a DL4J network's parameters, as {@link #describe} describes it.
   *
   * @throws IllegalArgumentException as {@link #describe}
   */
  public static Network fromDl4j(Compute compute, MultiLayerNetwork network) {
    Network copy = compute.network(describe(network.getLayerWiseConfigurations()), new Rng(0));
    HostMemory.read(network.params(), copy.parameters().floatsForWriting());
    return copy;
  }

  /** Writes DL4J's own model file, whole or not at all. */
  public static void write(MultiLayerNetwork network, Path file) throws IOException {
    try (WholeFile whole = WholeFile.replacing(file)) {
      ModelSerializer.writeModel(network, whole.temporary().toFile(), false);
      whole.commit();
    }
  }

  /**
   * Reads DL4J's own model file: its description and its parameters, and nothing else of what it
   * may hold.
   *
   * @throws IOException if the file cannot be read
   * @throws StateFormatException naming the file if it holds no network, one with parts that are
   *     not DL4J's feed-forward layers, or parameters that an earlier DL4J than 1.0.0-beta4 wrote
   */
  public static MultiLayerNetwork read(Path file) throws IOException {
    WholeFile.requireRegular(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      byte[] text;
      try (InputStream in = zip.getInputStream(entry(zip, "configuration.json"))) {
        text = in.readNBytes(MOST_CONFIGURATION);
      }
      MultiLayerConfiguration configuration =
          Dl4jConfigurations.read(new String(text, StandardCharsets.UTF_8));
      int count = Dl4jConfigurations.parameterCount(configuration);
      ZipEntry numbers = entry(zip, "coefficients.bin");
      if (count > numbers.getSize() / Float.BYTES) {
        throw new StateFormatException(
            "its network has %d parameters, more than its coefficients.bin holds".formatted(count));
      }
      float[] parameters;
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(zip.getInputStream(numbers)))) {
        parameters = coefficients(in, count);
      }
      MultiLayerNetwork network = new MultiLayerNetwork(configuration);
      network.init(Nd4j.create(parameters, new long[] {1, count}, 'c'), false);
      return network;
    } catch (ZipException | EOFException | UTFDataFormatException e) {
      throw new StateFormatException(file + " is no model file of DL4J: " + e.getMessage(), e);
    } catch (StateFormatException e) {
      throw new StateFormatException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
  }

  private static ZipEntry entry(ZipFile zip, String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new StateFormatException("it has no " + name);
    }
    return entry;
  }

  /** An array as ND4J writes it: a buffer with its shape, and a buffer with its elements. */
  private static float[] coefficients(DataInputStream in, int count) throws IOException {
    in.readUTF();
    long words = in.readLong();
    String type = in.readUTF();
    if (!type.equals("LONG") || words < 1 || words > MOST_SHAPE) {
      throw new StateFormatException(
          "coefficients.bin has a shape of %d numbers of type %s".formatted(words, type));
    }
    in.skipNBytes(words * Long.BYTES);
    in.readUTF();
    long elements = in.readLong();
    String kind = in.readUTF();
    boolean wide = kind.equals("DOUBLE");
    if (elements != count || !(wide || kind.equals("FLOAT"))) {
      throw new StateFormatException(
          "coefficients.bin has %d elements of type %s for %d parameters"
              .formatted(elements, kind, count));
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = wide ? (float) in.readDouble() : in.readFloat();
    }
    return values;
  }

  /** DL4J's description of an MLP. */
  static MultiLayerConfiguration configuration(Mlp mlp) {
    NeuralNetConfiguration.ListBuilder list =
        new NeuralNetConfiguration.Builder().updater(new NoOp()).list();
    for (MlpLayout.Layer layer : MlpLayout.of(mlp).layers()) {
      list.layer(dense(layer.inputs(), layer.outputs(), layer.layerNorm(), layer.activation()));
    }
    return list.build();
  }

  private static DenseLayer dense(
      int inputs, int outputs, boolean layerNorm, Activation activation) {
    return new DenseLayer.Builder()
        .nIn(inputs)
        .nOut(outputs)
        .hasLayerNorm(layerNorm)
        .activation(toDl4j(activation))
        .build();
  }

  /** The MLP that a configuration is, or null if it is something else. */
  private static @Nullable Mlp asMlp(MultiLayerConfiguration configuration) {
    List<NeuralNetConfiguration> layers = configuration.getConfs();
    List<Integer> hidden = new ArrayList<>();
    Activation activation = null;
    boolean layerNorm = false;
    for (int l = 0; l < layers.size(); l++) {
      if (!(layers.get(l).getLayer() instanceof DenseLayer dense)
          || dense.getClass() != DenseLayer.class
          || !dense.hasBias()
          || dense.getIDropout() != null
          || dense.getWeightNoise() != null
          || configuration.getInputPreProcess(l) != null) {
        return null;
      }
      Activation own = fromDl4j(dense.getActivationFn());
      boolean last = l == layers.size() - 1;
      boolean first = l == 0;
      boolean fits =
          last
              ? !dense.hasLayerNorm()
              : first || (own == activation && dense.hasLayerNorm() == layerNorm);
      if (own == null || !fits) {
        return null;
      }
      if (last) {
        return new Mlp(
            inputs(configuration),
            (int) dense.getNOut(),
            hidden,
            activation == null ? Activation.TANH : activation,
            own,
            layerNorm,
            new Mlp.Init.Dl4j(configuration.toJson()));
      }
      hidden.add((int) dense.getNOut());
      activation = own;
      layerNorm = dense.hasLayerNorm();
    }
    return null;
  }

  /** Columns of the flat input. */
  private static int inputs(MultiLayerConfiguration configuration) {
    InputPreProcessor first = configuration.getInputPreProcess(0);
    if (first instanceof FeedForwardToCnnPreProcessor picture) {
      return Math.toIntExact(
          picture.getInputHeight() * picture.getInputWidth() * picture.getNumChannels());
    }
    if (first == null
        && configuration.getConf(0).getLayer() instanceof FeedForwardLayer layer
        && layer instanceof DenseLayer
        && layer.getNIn() > 0) {
      return Math.toIntExact(layer.getNIn());
    }
    throw new IllegalArgumentException(
        "the columns of the network's input do not follow from its configuration: give the first"
            + " dense layer its nIn, or set InputType.convolutionalFlat(height, width, channels)");
  }

  /** Checks that DL4J can run a network row by row and leave the loss to others. */
  static void requireFeedForward(MultiLayerConfiguration configuration) {
    for (NeuralNetConfiguration conf : configuration.getConfs()) {
      Layer layer = conf.getLayer();
      if (layer instanceof BaseRecurrentLayer) {
        throw new IllegalArgumentException(
            "recurrent layers are not supported, but there is a "
                + layer.getClass().getSimpleName());
      }
      if (layer instanceof BaseOutputLayer || layer instanceof LossLayer) {
        throw new IllegalArgumentException(
            "a network must not have an output layer, its loss is the algorithm's: use a DenseLayer"
                + " instead of the "
                + layer.getClass().getSimpleName());
      }
      if (layer instanceof BaseLayer base
          && !(isEmpty(base.getRegularization()) && isEmpty(base.getRegularizationBias()))) {
        throw new IllegalArgumentException(
            "regularisation in a layer would not be applied, but a "
                + layer.getClass().getSimpleName()
                + " has "
                + base.getRegularization());
      }
    }
  }

  private static boolean isEmpty(@Nullable List<?> list) {
    return list == null || list.isEmpty();
  }

  /** The kinds of a network's layers, for messages. */
  static String layerNames(MultiLayerConfiguration configuration) {
    return configuration.getConfs().stream()
        .map(conf -> conf.getLayer().getClass().getSimpleName())
        .collect(Collectors.joining(", "));
  }

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

  private static MultiLayerConfiguration withoutWorkspaces(MultiLayerConfiguration configuration) {
    MultiLayerConfiguration copy = configuration.clone();
    copy.setTrainingWorkspaceMode(WorkspaceMode.NONE);
    copy.setInferenceWorkspaceMode(WorkspaceMode.NONE);
    return copy;
  }

  private static IActivation toDl4j(Activation activation) {
    return switch (activation) {
      case IDENTITY -> new ActivationIdentity();
      case RELU -> new ActivationReLU();
      case LEAKY_RELU -> new ActivationLReLU(0.01);
      case TANH -> new ActivationTanH();
      case SIGMOID -> new ActivationSigmoid();
      case ELU -> new ActivationELU(1);
      case SOFTPLUS -> new ActivationSoftPlus();
      case SWISH -> new ActivationSwish();
      case GELU -> new ActivationGELU();
    };
  }

  private static @Nullable Activation fromDl4j(IActivation activation) {
    for (Activation own : Activation.values()) {
      if (toDl4j(own).equals(activation)) {
        return own;
      }
    }
    return null;
  }
}
