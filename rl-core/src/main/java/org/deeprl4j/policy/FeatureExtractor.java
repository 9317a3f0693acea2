package org.deeprl4j.policy;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Dict;
import org.jspecify.annotations.Nullable;

/**
 * Describes the network between encoded observations and the hidden layers of a learner's networks.
 * Each of these networks has one of its own, unless the algorithm shares it.
 */
@FunctionalInterface
public interface FeatureExtractor {
  /**
   * Describes the network.
   *
   * @param encoder encodes the observations, and knows their space
   * @return takes the {@code encoder.size()} columns of an encoded observation; null if hidden
   *     layers see these themselves
   */
  @Nullable NetworkSpec describe(ObservationEncoder encoder);

  /** Hidden layers see the encoded observation. */
  static FeatureExtractor none() {
    return encoder -> null;
  }

  /**
   * One layer of convolutions.
   *
   * @param filters channels of its output, at least 1
   * @param kernel rows and columns that a filter sees, at least 1
   * @param stride from one place of a filter to the next, at least 1
   */
  record Layer(int filters, int kernel, int stride) {}

  /**
   * The convolutional layers of Mnih et al. 2015, "Human-level control through deep reinforcement
   * learning", for pictures of at least 36 × 36 pixels: 32 filters of 8 × 8 at every fourth pixel,
   * 64 of 4 × 4 at every second, and 64 of 3 × 3.
   */
  static FeatureExtractor pictures() {
    return pictures(new Layer(32, 8, 4), new Layer(64, 4, 2), new Layer(64, 3, 1));
  }

  /**
   * Convolutional layers of rectified linear units for each picture among the observations; all
   * else passes unchanged. A picture is a {@link org.deeprl4j.space.Box} of bytes, [0, 255], with
   * three dimensions: [height, width, channels], or [channels, height, width] if the first is the
   * smallest. Pictures that are too small for the layers pass as they are.
   */
  static FeatureExtractor pictures(Layer... layers) {
    List<Layer> copied = List.of(layers);
    return encoder -> {
      double scale = encoder.normalizes() ? 1 : 1.0 / 255;
      if (!(encoder.space() instanceof Dict dict)) {
        return Extractors.convolutions(encoder.space(), copied, scale);
      }
      return Extractors.byEntry(
          dict, (key, space, inputs) -> Extractors.convolutions(space, copied, scale));
    };
  }

  /**
   * A network for each of some entries of a dictionary; the others pass unchanged.
   *
   * @param networks from an entry's key to what describes a network for so many encoded numbers
   */
  static FeatureExtractor byKey(Map<String, ? extends IntFunction<NetworkSpec>> networks) {
    Map<String, IntFunction<NetworkSpec>> copied = Map.copyOf(networks);
    return encoder -> {
      if (!(encoder.space() instanceof Dict dict)) {
        throw new IllegalArgumentException(
            "networks by key need a dictionary of observations, not " + encoder.space());
      }
      for (String key : copied.keySet()) {
        if (!dict.spaces().containsKey(key)) {
          throw new IllegalArgumentException(
              "there is a network for '%s', but the observations have %s"
                  .formatted(key, dict.spaces().keySet()));
        }
      }
      return Extractors.byEntry(
          dict,
          (key, space, inputs) -> {
            IntFunction<NetworkSpec> network = copied.get(key);
            return network == null ? null : network.apply(inputs);
          });
    };
  }
}
