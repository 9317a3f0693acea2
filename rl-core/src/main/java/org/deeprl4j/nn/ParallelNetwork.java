package org.deeprl4j.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Networks that each take columns of their own; columns without a network pass unchanged. */
final class ParallelNetwork extends FlatNetwork {
  /** A network, or none, with its columns. */
  private static final class Part {
    final @Nullable Network network;
    final int inputs;
    final int outputs;
    Tensor input; // [B, inputs]
    Tensor outputDelta; // [B, outputs]

    Part(NetworkSpec spec, @Nullable Network network, Tensor like) {
      this.network = network;
      inputs = spec.inputs();
      outputs = spec.outputs();
      input = like.like(0, inputs);
      outputDelta = like.like(0, outputs);
    }
  }

  private final List<Part> parts;
  private Tensor output;
  private Tensor predicted;
  private Tensor inputDelta;

  /**
   * Joins networks, which share this one's memory from then on.
   *
   * @param like a tensor of the networks' home and type
   * @param networks one a part; null for those that pass unchanged
   */
  ParallelNetwork(NetworkSpec.Parallel spec, Tensor like, @Nullable Network[] networks) {
    super(spec, like, Arrays.stream(networks).filter(Objects::nonNull).toList());
    Part[] made = new Part[networks.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = new Part(spec.parts().get(i), networks[i], like);
    }
    parts = List.of(made);
    output = like.like(0, spec.outputs());
    predicted = like.like(0, spec.outputs());
    inputDelta = like.like(0, spec.inputs());
  }

  @Override
  public Tensor predict(Tensor x) {
    predicted = predicted.ofRows(x.rows());
    return run(x, Network::predict, predicted);
  }

  @Override
  public Tensor forward(Tensor x) {
    output = output.ofRows(x.rows());
    return run(x, Network::forward, output);
  }

  private Tensor run(Tensor x, BiFunction<Network, Tensor, Tensor> pass, Tensor out) {
    Shapes.requireColumns("input", x, inputSize());
    int from = 0;
    int to = 0;
    for (Part part : parts) {
      if (part.network == null) {
        out.copyColumns(x, from, to, part.outputs);
      } else {
        part.input = part.input.ofRows(x.rows());
        part.input.copyColumns(x, from, 0, part.inputs);
        out.copyColumns(pass.apply(part.network, part.input), 0, to, part.outputs);
      }
      from += part.inputs;
      to += part.outputs;
    }
    return out;
  }

  @Override
  public void backward(Tensor outputGradient) {
    int from = 0;
    for (Part part : parts) {
      if (part.network != null) {
        part.network.backward(outputDelta(part, outputGradient, from));
      }
      from += part.outputs;
    }
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    return toInput(outputGradient, Network::backwardWithInput);
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    return toInput(outputGradient, Network::inputGradient);
  }

  private Tensor toInput(Tensor outputGradient, BiFunction<Network, Tensor, Tensor> pass) {
    inputDelta = inputDelta.ofRows(outputGradient.rows());
    int from = 0;
    int to = 0;
    for (Part part : parts) {
      if (part.network == null) {
        inputDelta.copyColumns(outputGradient, from, to, part.inputs);
      } else {
        Tensor through = pass.apply(part.network, outputDelta(part, outputGradient, from));
        inputDelta.copyColumns(through, 0, to, part.inputs);
      }
      from += part.outputs;
      to += part.inputs;
    }
    return inputDelta;
  }

  private static Tensor outputDelta(Part part, Tensor outputGradient, int from) {
    part.outputDelta = part.outputDelta.ofRows(outputGradient.rows());
    part.outputDelta.copyColumns(outputGradient, from, 0, part.outputs);
    return part.outputDelta;
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    throw new UnsupportedOperationException(
        "parallel networks have no directional derivative: use dense stacks side by side");
  }
}
