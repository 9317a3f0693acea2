package org.deeprl4j.nn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.StateFormatException;

/**
 * DL4J's description of a network as JSON. It names the classes of layers, activations and so on,
 * and DL4J would load and initialise whatever class a file names. So the names are compared with
 * those in this file before anything is loaded.
 */
final class Dl4jConfigurations {
  private static final ObjectMapper JSON = JsonFiles.strict().build();

  /** The keys under which DL4J looks for the name of a class. */
  private static final Set<String> KEYS = Set.of("@class", "type");

  private static final Set<String> CLASSES =
      Stream.of(
              in(
                  "org.deeplearning4j.nn.conf.layers",
                  "ActivationLayer BatchNormalization Convolution1D Convolution1DLayer Convolution2D"
                      + " ConvolutionLayer Deconvolution2D DenseLayer DepthwiseConvolution2D"
                      + " DropoutLayer GlobalPoolingLayer LocalResponseNormalization PReLULayer"
                      + " SeparableConvolution2D SpaceToBatchLayer SpaceToDepthLayer"
                      + " Subsampling1DLayer SubsamplingLayer Upsampling1D Upsampling2D"
                      + " ZeroPadding1DLayer ZeroPaddingLayer"),
              in("org.deeplearning4j.nn.conf.layers.convolutional", "Cropping1D Cropping2D"),
              in(
                  "org.deeplearning4j.nn.conf.layers.misc",
                  "ElementWiseMultiplicationLayer RepeatVector"),
              in(
                  "org.deeplearning4j.nn.conf.preprocessor",
                  "CnnToFeedForwardPreProcessor FeedForwardToCnnPreProcessor"),
              in(
                  "org.deeplearning4j.nn.conf.dropout",
                  "AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout"),
              in("org.deeplearning4j.nn.conf.weightnoise", "DropConnect WeightNoise"),
              in(
                  "org.deeplearning4j.nn.conf.constraint",
                  "MaxNormConstraint MinMaxNormConstraint NonNegativeConstraint UnitNormConstraint"),
              in(
                  "org.deeplearning4j.nn.conf.distribution",
                  "BinomialDistribution ConstantDistribution GaussianDistribution"
                      + " LogNormalDistribution NormalDistribution OrthogonalDistribution"
                      + " TruncatedNormalDistribution UniformDistribution"),
              in(
                  "org.deeplearning4j.nn.weights",
                  "WeightInitConstant WeightInitDistribution WeightInitIdentity"
                      + " WeightInitLecunUniform WeightInitNormal WeightInitRelu"
                      + " WeightInitReluUniform WeightInitSigmoidUniform WeightInitUniform"
                      + " WeightInitVarScalingNormalFanAvg WeightInitVarScalingNormalFanIn"
                      + " WeightInitVarScalingNormalFanOut WeightInitVarScalingUniformFanAvg"
                      + " WeightInitVarScalingUniformFanIn WeightInitVarScalingUniformFanOut"
                      + " WeightInitXavier WeightInitXavierLegacy WeightInitXavierUniform"),
              in(
                  "org.nd4j.linalg.activations.impl",
                  "ActivationCube ActivationELU ActivationGELU ActivationHardSigmoid"
                      + " ActivationHardTanH ActivationIdentity ActivationLReLU ActivationMish"
                      + " ActivationRReLU ActivationRationalTanh ActivationReLU ActivationReLU6"
                      + " ActivationRectifiedTanh ActivationSELU ActivationSigmoid"
                      + " ActivationSoftPlus ActivationSoftSign ActivationSoftmax"
                      + " ActivationSwish ActivationTanH ActivationThresholdedReLU"),
              in(
                  "org.nd4j.linalg.learning.config",
                  "AMSGrad AdaBelief AdaDelta AdaGrad AdaMax Adam Nadam Nesterovs NoOp RmsProp Sgd"),
              in(
                  "org.nd4j.linalg.learning.regularization",
                  "L1Regularization L2Regularization WeightDecay"),
              in(
                  "org.nd4j.linalg.schedule",
                  "CycleSchedule ExponentialSchedule FixedSchedule InverseSchedule MapSchedule"
                      + " PolySchedule RampSchedule SigmoidSchedule StepSchedule"))
          .flatMap(names -> names)
          .collect(Collectors.toUnmodifiableSet());

  private Dl4jConfigurations() {}

  private static Stream<String> in(String place, String names) {
    return Arrays.stream(names.split(" ")).map(name -> place + "." + name);
  }

  /**
   * Reads a description.
   *
   * @throws StateFormatException if it is none, or names a class that is not listed here
   */
  static MultiLayerConfiguration read(String text) {
    JsonNode tree =
        JsonFiles.parse(
            "the network's DL4J configuration",
            JSON,
            text.getBytes(StandardCharsets.UTF_8),
            JsonNode.class);
    requireListed(tree);
    try {
      // What was checked is what is read, whatever two readers might think of the text.
      MultiLayerConfiguration configuration = MultiLayerConfiguration.fromJson(tree.toString());
      for (NeuralNetConfiguration layer : configuration.getConfs()) {
        requireSizes(layer);
      }
      return configuration;
    } catch (StateFormatException e) {
      throw e;
    } catch (RuntimeException e) { // of many kinds
      throw new StateFormatException(
          "the network's DL4J configuration is not valid: " + root(e).getClass().getSimpleName(),
          e);
    }
  }

  /** The number of parameters of a network, P, less than 2³¹. */
  static int parameterCount(MultiLayerConfiguration configuration) {
    return Math.toIntExact(
        configuration.getConfs().stream()
            .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
            .sum());
  }

  private static void requireListed(JsonNode node) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      JsonNode value = field.getValue();
      if (KEYS.contains(field.getKey())
          && value.getNodeType() == JsonNodeType.STRING
          && !CLASSES.contains(value.textValue())) {
        throw new StateFormatException(
            "the network's DL4J configuration names %s, which is none of DL4J's feed-forward layers and their parts"
                .formatted(value));
      }
    }
    node.forEach(Dl4jConfigurations::requireListed);
  }

  /** Sizes that are not positive would count as no parameters at all. */
  private static void requireSizes(NeuralNetConfiguration configuration) {
    if (configuration.getLayer() == null) {
      throw new StateFormatException("the network's DL4J configuration has a layer that is null");
    }
    if (configuration.getLayer() instanceof FeedForwardLayer layer
        && (layer.getNIn() < 1 || layer.getNOut() < 1)) {
      throw new StateFormatException(
          "the network's DL4J configuration has a layer from %d to %d"
              .formatted(layer.getNIn(), layer.getNOut()));
    }
  }

  private static Throwable root(Throwable e) {
    Throwable at = e;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }
}
