package org.deeprl4j.policy;

import java.util.List;
import java.util.function.Function;
import org.deeprl4j.nn.NetworkSpec;
import org.jspecify.annotations.Nullable;

/** What the hidden layers of a learner's networks see of an encoded observation. */
public final class Features {
  private final @Nullable NetworkSpec network;
  private final int inputs;
  private final int size;

  /**
   * Describes the features.
   *
   * @throws IllegalArgumentException if the extractor's network does not take encoded observations
   */
  public Features(FeatureExtractor extractor, ObservationEncoder encoder) {
    network = extractor.describe(encoder);
    inputs = encoder.size();
    size = network == null ? inputs : network.outputs();
    if (network != null && network.stateSize() > 0) {
      throw new IllegalArgumentException(
          "a feature extractor cannot have a memory, as %s has".formatted(network));
    }
    if (network != null && network.inputs() != encoder.size()) {
      throw new IllegalArgumentException(
          "a feature extractor must take the %d numbers of an encoded observation, not %d"
              .formatted(encoder.size(), network.inputs()));
    }
  }

  /** Features that a network computes below, as many as it has outputs. */
  private Features(int size) {
    network = null;
    inputs = size;
    this.size = size;
  }

  /** Numbers that the lowest layer sees. */
  public int inputs() {
    return inputs;
  }

  /** Numbers that a hidden layer sees. */
  public int size() {
    return size;
  }

  /** Whether a network computes them. */
  public boolean isExtracted() {
    return network != null;
  }

  /**
   * Puts a network of features on them.
   *
   * @param head of {@link #size()} inputs
   * @return a network of encoded observations
   */
  public NetworkSpec under(NetworkSpec head) {
    return network == null ? head : new NetworkSpec.Stacked(network, head, false);
  }

  /**
   * Puts a network of features and actions on them.
   *
   * @param head of {@code size() + actions} inputs
   * @param actions columns, ≥ 0
   * @return a network of encoded observations and actions, [s | a]
   */
  public NetworkSpec under(NetworkSpec head, int actions) {
    if (network == null || actions == 0) {
      return under(head);
    }
    NetworkSpec body =
        new NetworkSpec.Parallel(List.of(network, new NetworkSpec.Identity(actions)));
    return new NetworkSpec.Stacked(body, head, false);
  }

  /**
   * Puts a layer of long short-term memory on the features, and a network on the memory.
   *
   * @param units of the memory, at least 1
   * @param head describes a network of the memory's output, given that output as its features
   * @return a network of encoded observations with a state
   */
  public NetworkSpec remembered(int units, Function<Features, NetworkSpec> head) {
    NetworkSpec.Lstm lstm = new NetworkSpec.Lstm(size, units);
    NetworkSpec memory = under(lstm, lstm.stateSize() + 1);
    return NetworkSpec.Lstm.under(memory, head.apply(new Features(units)));
  }
}
