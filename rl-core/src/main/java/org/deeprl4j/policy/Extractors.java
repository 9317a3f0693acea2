package org.deeprl4j.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/** What the feature extractors are put together from. */
final class Extractors {
  private Extractors() {}

  static @Nullable NetworkSpec convolutions(
      Space space, List<FeatureExtractor.Layer> layers, double scale) {
    if (!(space instanceof Box box) || !box.ofPictures()) {
      return null;
    }
    int[] shape = box.shape();
    boolean first = box.channelsFirst();
    int height = shape[first ? 1 : 0];
    int width = shape[first ? 2 : 1];
    int channels = shape[first ? 0 : 2];
    NetworkSpec network = null;
    for (FeatureExtractor.Layer layer : layers) {
      if (layer.kernel() > height || layer.kernel() > width) {
        return null;
      }
      boolean lowest = network == null;
      NetworkSpec.Convolution convolution =
          new NetworkSpec.Convolution(
              lowest ? scale : 1,
              height,
              width,
              channels,
              lowest && first,
              layer.filters(),
              layer.kernel(),
              layer.stride(),
              Activation.RELU,
              new Mlp.Init.Orthogonal(Math.sqrt(2), Math.sqrt(2)));
      network =
          network == null ? convolution : new NetworkSpec.Stacked(network, convolution, false);
      height = convolution.outputHeight();
      width = convolution.outputWidth();
      channels = convolution.filters();
    }
    return network;
  }

  /** Describes the network for an entry of a dictionary. */
  interface Entry {
    @Nullable NetworkSpec describe(String key, Space space, int inputs);
  }

  static @Nullable NetworkSpec byEntry(Dict dict, Entry entry) {
    List<NetworkSpec> parts = new ArrayList<>();
    boolean any = false;
    for (Map.Entry<String, Space> at : dict.spaces().entrySet()) {
      if (at.getKey().equals(Dict.ACTION_MASK)) {
        continue; // which networks do not see
      }
      int inputs = new ObservationEncoder(at.getValue(), false).size();
      NetworkSpec network = entry.describe(at.getKey(), at.getValue(), inputs);
      any |= network != null;
      parts.add(network == null ? new NetworkSpec.Identity(inputs) : network);
    }
    if (!any) {
      return null;
    }
    return parts.size() == 1 ? parts.get(0) : new NetworkSpec.Parallel(parts);
  }
}
