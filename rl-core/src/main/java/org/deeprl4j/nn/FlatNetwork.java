package org.deeprl4j.nn;

import java.util.List;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * What a network described by a {@link NetworkSpec} keeps: its parameters and their gradient as two
 * flat vectors, of which the parts of a network that is put together have a range each.
 */
abstract class FlatNetwork implements Network, Bindable {
  private final NetworkSpec spec;
  private final int inputs;
  private final int outputs;
  private final List<Network> parts;
  private Tensor parameters;
  private Tensor gradient;

  /**
   * A network with parameters of 0.
   *
   * @param like a tensor of the home and type to use
   */
  FlatNetwork(NetworkSpec spec, Tensor like) {
    this(spec, like, List.of());
  }

  /**
   * A network put together of others, which share its memory from then on.
   *
   * @param like a tensor of their home and type
   * @param parts in the order of their parameters
   */
  FlatNetwork(NetworkSpec spec, Tensor like, List<Network> parts) {
    this.spec = spec;
    this.parts = List.copyOf(parts);
    inputs = spec.inputs();
    outputs = spec.outputs();
    int size = spec.parameterCount();
    parameters = like.like(1, size);
    gradient = like.like(1, size);
    bindParts();
  }

  private void bindParts() {
    int at = 0;
    for (Network part : parts) {
      int size = part.parameters().columns();
      ((Bindable) part).bind(parameters.slice(at, size), gradient.slice(at, size));
      at += size;
    }
  }

  @Override
  public final void bind(Tensor newParameters, Tensor newGradient) {
    newParameters.copyFrom(parameters);
    newGradient.copyFrom(gradient);
    parameters = newParameters;
    gradient = newGradient;
    bindParts();
    rebound();
  }

  /** Forgets what was derived from the vectors that the network had before. */
  void rebound() {}

  @Override
  public final NetworkSpec spec() {
    return spec;
  }

  @Override
  public final int inputSize() {
    return inputs;
  }

  @Override
  public final int outputSize() {
    return outputs;
  }

  @Override
  public final Tensor parameters() {
    return parameters;
  }

  @Override
  public final Tensor gradient() {
    return gradient;
  }

  @Override
  public final void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameters.columns());
  }

  @Override
  public final void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameters.columns());
  }
}
