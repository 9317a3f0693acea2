package org.deeprl4j.nn;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/** A head on a body, with the body's outputs after the head's by choice. */
final class StackedNetwork implements Network, Bindable {
  private final Network body;
  private final Network head;
  private final int features;
  private Tensor parameters;
  private Tensor gradient;
  private Tensor output;
  private Tensor headDelta;
  private Tensor bodyDelta;

  /**
   * Stacks networks, which share this one's memory from then on.
   *
   * @param like a tensor of the networks' home and type
   * @param features whether the body's outputs follow the head's
   */
  StackedNetwork(Tensor like, Network body, Network head, boolean features) {
    this.body = body;
    this.head = head;
    this.features = features ? body.outputSize() : 0;
    int size = body.parameters().columns() + head.parameters().columns();
    parameters = like.like(1, size);
    gradient = like.like(1, size);
    bindParts();
    output = like.like(0, outputSize());
    headDelta = like.like(0, head.outputSize());
    bodyDelta = like.like(0, body.outputSize());
  }

  private void bindParts() {
    int n = body.parameters().columns();
    int m = head.parameters().columns();
    ((Bindable) body).bind(parameters.slice(0, n), gradient.slice(0, n));
    ((Bindable) head).bind(parameters.slice(n, m), gradient.slice(n, m));
  }

  @Override
  public void bind(Tensor newParameters, Tensor newGradient) {
    parameters = newParameters;
    gradient = newGradient;
    bindParts();
  }

  @Override
  public NetworkSpec spec() {
    return new NetworkSpec.Stacked(body.spec(), head.spec(), features > 0);
  }

  @Override
  public int inputSize() {
    return body.inputSize();
  }

  @Override
  public int outputSize() {
    return head.outputSize() + features;
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
  public Tensor predict(Tensor x) {
    Tensor hidden = body.predict(x);
    return join(head.predict(hidden), hidden);
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor hidden = body.forward(x);
    return join(head.forward(hidden), hidden);
  }

  @Override
  public void backward(Tensor outputGradient) {
    body.backward(bodyGradient(outputGradient, true));
  }

  @Override
  public Tensor backwardWithInput(Tensor outputGradient) {
    return body.backwardWithInput(bodyGradient(outputGradient, true));
  }

  @Override
  public Tensor inputGradient(Tensor outputGradient) {
    return body.inputGradient(bodyGradient(outputGradient, false));
  }

  @Override
  public Tensor directional(Tensor v, @Nullable Tensor u) {
    int n = body.parameters().columns();
    int m = head.parameters().columns();
    Tensor hidden = body.directional(v.slice(0, n), u);
    return join(head.directional(v.slice(n, m), hidden), hidden);
  }

  /** What reaches the body: through the head, and directly through the features. */
  private Tensor bodyGradient(Tensor outputGradient, boolean ofParameters) {
    int rows = outputGradient.rows();
    Tensor through = outputGradient;
    if (features > 0) {
      if (headDelta.rows() != rows) {
        headDelta = headDelta.like(rows, head.outputSize());
        bodyDelta = bodyDelta.like(rows, features);
      }
      headDelta.copyColumns(outputGradient, 0, 0, head.outputSize());
      bodyDelta.copyColumns(outputGradient, head.outputSize(), 0, features);
      through = headDelta;
    }
    Tensor hidden = ofParameters ? head.backwardWithInput(through) : head.inputGradient(through);
    if (features == 0) {
      return hidden;
    }
    bodyDelta.axpy(1, hidden);
    return bodyDelta;
  }

  private Tensor join(Tensor y, Tensor hidden) {
    if (features == 0) {
      return y;
    }
    if (output.rows() != y.rows()) {
      output = output.like(y.rows(), outputSize());
    }
    output.copyColumns(y, 0, 0, y.columns());
    output.copyColumns(hidden, 0, y.columns(), features);
    return output;
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
