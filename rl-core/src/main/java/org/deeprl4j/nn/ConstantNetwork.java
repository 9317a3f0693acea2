package org.deeprl4j.nn;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/** The same trainable outputs for every input: y_b = θ. */
final class ConstantNetwork implements Network, Bindable {
  private final NetworkSpec.Constant spec;
  private Tensor parameters;
  private Tensor gradient;
  private Tensor output;
  private Tensor tangent;
  private Tensor inputDelta;

  /**
   * A network whose outputs start at the description's.
   *
   * @param like a tensor of the home and type to use
   */
  ConstantNetwork(NetworkSpec.Constant spec, Tensor like) {
    this.spec = spec;
    int outputs = spec.outputs();
    parameters = like.like(1, outputs);
    float[] initial = parameters.floatsForWriting();
    for (int i = 0; i < outputs; i++) {
      initial[i] = spec.initial().get(i).floatValue();
    }
    gradient = like.like(1, outputs);
    output = like.like(0, outputs);
    tangent = like.like(0, outputs);
    inputDelta = like.like(0, spec.inputs());
  }

  @Override
  public NetworkSpec spec() {
    return spec;
  }

  @Override
  public int inputSize() {
    return spec.inputs();
  }

  @Override
  public int outputSize() {
    return parameters.columns();
  }

  @Override
  public Tensor parameters() {
    return parameters;
  }

  @Override
  public Tensor gradient() {
    return gradient;
  }

  @Override
  public void bind(Tensor newParameters, Tensor newGradient) {
    newParameters.copyFrom(parameters);
    newGradient.copyFrom(gradient);
    parameters = newParameters;
    gradient = newGradient;
  }

  @Override
  public Tensor predict(Tensor x) {
    return forward(x);
  }

  @Override
  public Tensor forward(Tensor x) {
    output = repeat(parameters, x.rows(), output);
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
    gradient.addRowsOf(outputGradient);
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    backward(outputGradient);
    return inputGradient(outputGradient);
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    if (inputDelta.rows() != outputGradient.rows()) {
      inputDelta = inputDelta.like(outputGradient.rows(), spec.inputs());
    }
    inputDelta.fill(0);
    return inputDelta;
  }

  @Override
  public void save(StateWriter out) {
    out.put("parameters", parameters.floats(), parameters.offset(), parameters.columns());
  }

  @Override
  public void load(StateReader in) {
    in.get("parameters", parameters.floatsForWriting(), parameters.offset(), parameters.columns());
  }
}
