package org.deeprl4j.nn;

import org.jspecify.annotations.Nullable;

/** The same trainable outputs for every input: y_b = θ. */
final class ConstantNetwork extends FlatNetwork {
  private Tensor output;
  private Tensor tangent;
  private Tensor inputDelta;

  /**
   * A network whose outputs start at the description's.
   *
   * @param like a tensor of the home and type to use
   */
  ConstantNetwork(NetworkSpec.Constant spec, Tensor like) {
    super(spec, like);
    float[] initial = parameters().floatsForWriting();
    for (int i = 0; i < spec.outputs(); i++) {
      initial[i] = spec.initial().get(i).floatValue();
    }
    output = like.like(0, spec.outputs());
    tangent = like.like(0, spec.outputs());
    inputDelta = like.like(0, spec.inputs());
  }

  @Override
  public Tensor predict(Tensor x) {
    return forward(x);
  }

  @Override
  public Tensor forward(Tensor x) {
    output = repeat(parameters(), x.rows(), output);
    return output;
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    tangent = repeat(v, output.rows(), tangent);
    return tangent;
  }

  private static Tensor repeat(Tensor row, int rows, Tensor reused) {
    Tensor out = reused.rows() == rows ? reused : reused.like(rows, row.columns());
    out.repeat(row);
    return out;
  }

  @Override
  public void backward(Tensor outputGradient) {
    gradient().addRowsOf(outputGradient);
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    backward(outputGradient);
    return inputGradient(outputGradient);
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    if (inputDelta.rows() != outputGradient.rows()) {
      inputDelta = inputDelta.like(outputGradient.rows(), inputSize());
    }
    inputDelta.fill(0);
    return inputDelta;
  }
}
