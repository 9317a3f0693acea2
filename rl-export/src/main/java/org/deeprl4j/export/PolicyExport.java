package org.deeprl4j.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.deeprl4j.nn.DenseStack;
import org.deeprl4j.nn.Dl4jModels;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.space.Dict;
import org.deeprl4j.state.WholeFile;

/**
 * Writes a policy's deterministic action in other runtimes' formats. Files appear whole or not at
 * all. Networks that are DL4J's own cannot be exported: {@link IllegalArgumentException} names
 * them.
 */
public final class PolicyExport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PolicyExport() {}

  /**
   * Writes ONNX of opset 17, from {@code observations} [batch, observation], raw, to {@code
   * actions} [batch, action], legal: normalisation, one-hot encoding, squashing, scaling and
   * clipping are inside. A policy that was trained with action masks has a second input, {@code
   * action_mask} [batch, flags], 1 for a legal action and 0 for another. A policy with memory has
   * an input {@code state} and an output {@code next_state}, [batch, stateSize]: 0 at the start of
   * an episode. The metadata property {@code policy} describes the spaces.
   */
  public static void onnx(NetworkPolicy policy, Path file) throws IOException {
    WholeFile.write(file, OnnxPolicy.of(policy));
  }

  /**
   * Writes DL4J's own model file, for {@code MultiLayerNetwork.load}: the dense layers alone, from
   * encoded observations to the head's mode before squashing and scaling. What stands around them
   * is in {@link #json}.
   */
  public static void dl4j(NetworkPolicy policy, Path file) throws IOException {
    Dl4jModels.write(Dl4jModels.toDl4j(policy.layers()), file);
  }

  /**
   * Writes one JSON object: {@code policy}, the spaces, network and head; {@code observations}, the
   * categories (0 for a plain number), means, scales and clip of the encoding; {@code layers}, each
   * with {@code weights} as [inputs][outputs], {@code biases}, with layer normalisation {@code
   * gains}, and {@code activation}. {@code action_mask}, if there, is the number of flags of a
   * mask: outputs whose flags are 0 count as −∞.
   */
  public static void json(NetworkPolicy policy, Path file) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.set("policy", JSON.readTree(PolicyFile.describe(policy)));
    ObservationEncoder encoder = policy.encoder();
    ObjectNode observations = root.putObject("observations");
    ArrayNode categories = observations.putArray("categories");
    for (int n : encoder.categories()) {
      categories.add(n);
    }
    if (encoder.normalizes()) {
      add(observations.putArray("means"), encoder.means());
      add(observations.putArray("scales"), encoder.scales());
      observations.put("clip", ObservationEncoder.CLIP);
    }
    if (encoder.maskSize() > 0) {
      root.put(Dict.ACTION_MASK, encoder.maskSize());
    }
    ArrayNode layers = root.putArray("layers");
    for (DenseStack.Layer layer : policy.layers().layers()) {
      ObjectNode node = layers.addObject();
      ArrayNode weights = node.putArray("weights");
      for (int i = 0; i < layer.inputs(); i++) {
        add(weights.addArray(), layer.weights(), i * layer.outputs(), layer.outputs());
      }
      add(node.putArray("biases"), layer.biases(), 0, layer.outputs());
      float[] gains = layer.gains();
      if (gains != null) {
        add(node.putArray("gains"), gains, 0, gains.length);
      }
      node.put("activation", layer.activation().name());
    }
    WholeFile.write(file, JSON.writeValueAsBytes(root));
  }

  private static void add(ArrayNode array, double[] values) {
    for (double value : values) {
      array.add(value);
    }
  }

  private static void add(ArrayNode array, float[] values, int from, int count) {
    for (int i = from; i < from + count; i++) {
      array.add(values[i]);
    }
  }
}
