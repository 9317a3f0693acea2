package org.deeprl4j.nn;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A head on a body, with the body's outputs after the head's by choice. */
final class StackedNetwork extends FlatNetwork {
  private final Network body;
  private final Network head;
  private final int features;
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
    super(new NetworkSpec.Stacked(body.spec(), head.spec(), features), like, List.of(body, head));
    this.body = body;
    this.head = head;
    this.features = features ? body.outputSize() : 0;
    output = like.like(0, outputSize());
    headDelta = like.like(0, head.outputSize());
    bodyDelta = like.like(0, body.outputSize());
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
}
