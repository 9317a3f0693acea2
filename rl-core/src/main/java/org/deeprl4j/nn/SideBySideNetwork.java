package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Networks of the same input as one: outputs side by side, parameters one after the other. */
final class SideBySideNetwork extends FlatNetwork {
  private final Compute compute;
  private final Network[] parts;
  private final Tensor[] results;
  private final Tensor[] deltas;
  private final Runnable[] forwards;
  private final Runnable[] backwards;
  private Tensor output;
  private Tensor tangent;
  private Tensor inputDelta;
  private Tensor input;

  /**
   * Joins networks, which share this one's memory from then on.
   *
   * @param like a tensor of the parts' home and type
   */
  SideBySideNetwork(Compute compute, Tensor like, Network... parts) {
    super(described(parts), like, List.of(parts));
    this.compute = compute;
    this.parts = parts.clone();
    results = new Tensor[parts.length];
    deltas = new Tensor[parts.length];
    forwards = new Runnable[parts.length];
    backwards = new Runnable[parts.length];
    for (int i = 0; i < parts.length; i++) {
      Network part = this.parts[i];
      results[i] = like.like(0, part.outputSize());
      deltas[i] = like.like(0, part.outputSize());
      int index = i;
      forwards[i] = () -> results[index] = part.forward(input);
      backwards[i] = () -> part.backward(deltas[index]);
    }
    output = like.like(0, outputSize());
    tangent = like.like(0, outputSize());
    inputDelta = like.like(0, inputSize());
    input = inputDelta;
  }

  /** A part that is itself side by side counts as its parts. */
  private static NetworkSpec described(Network[] parts) {
    List<NetworkSpec> specs = new ArrayList<>();
    for (Network part : parts) {
      NetworkSpec spec = part.spec();
      if (spec instanceof NetworkSpec.SideBySide sideBySide) {
        specs.addAll(sideBySide.parts());
      } else {
        specs.add(spec);
      }
    }
    return new NetworkSpec.SideBySide(specs);
  }

  @Override
  public Tensor predict(Tensor x) {
    for (int i = 0; i < parts.length; i++) {
      results[i] = parts[i].predict(x);
    }
    output = join(output, x.rows());
    return output;
  }

  @Override
  public Tensor forward(Tensor x) {
    input = x;
    if (parameters().home() == Tensor.Home.HOST) {
      x.floats(); // brought up to date before several threads read it
    }
    compute.run((long) x.rows() * parameters().columns(), forwards);
    output = join(output, x.rows());
    return output;
  }

  @Override
  public void backward(Tensor outputGradient) {
    split(outputGradient);
    compute.run(2L * outputGradient.rows() * parameters().columns(), backwards);
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    return backToInput(outputGradient, true);
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    return backToInput(outputGradient, false);
  }

  private Tensor backToInput(Tensor outputGradient, boolean ofParameters) {
    split(outputGradient);
    int rows = outputGradient.rows();
    if (inputDelta.rows() != rows) {
      inputDelta = inputDelta.like(rows, inputSize());
    }
    inputDelta.fill(0);
    for (int i = 0; i < parts.length; i++) {
      inputDelta.axpy(
          1,
          ofParameters ? parts[i].backwardWithInput(deltas[i]) : parts[i].inputGradient(deltas[i]));
    }
    return inputDelta;
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    int offset = 0;
    for (int i = 0; i < parts.length; i++) {
      int length = parts[i].parameters().columns();
      results[i] = parts[i].directional(v.slice(offset, length), u);
      offset += length;
    }
    tangent = join(tangent, results[0].rows());
    return tangent;
  }

  private Tensor join(Tensor reused, int rows) {
    Tensor joined = reused.rows() == rows ? reused : reused.like(rows, outputSize());
    int column = 0;
    for (Tensor result : results) {
      joined.copyColumns(result, 0, column, result.columns());
      column += result.columns();
    }
    return joined;
  }

  private void split(Tensor joined) {
    int rows = joined.rows();
    int column = 0;
    for (int i = 0; i < parts.length; i++) {
      int n = parts[i].outputSize();
      if (deltas[i].rows() != rows) {
        deltas[i] = deltas[i].like(rows, n);
      }
      deltas[i].copyColumns(joined, column, 0, n);
      column += n;
    }
  }
}
