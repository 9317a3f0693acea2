package org.deeprl4j.nn;

import java.util.List;

/**
 * A network described as data: what a policy file holds beside the parameters, and what {@link
 * Compute#network(NetworkSpec, org.deeprl4j.random.Rng)} builds.
 */
public sealed interface NetworkSpec
    permits Mlp,
        NetworkSpec.Constant,
        NetworkSpec.SideBySide,
        NetworkSpec.Stacked,
        NetworkSpec.Dl4j {

  /** Columns of the input. */
  int inputs();

  /** Columns of the output. */
  int outputs();

  /** The number of parameters, P, less than 2³¹. */
  int parameterCount();

  /**
   * The same trainable outputs for every input, such as a free log σ.
   *
   * @param inputs columns of the input, which is ignored
   * @param initial the initial outputs
   */
  record Constant(int inputs, List<Double> initial) implements NetworkSpec {
    /** Copies the list. */
    public Constant {
      initial = List.copyOf(initial);
    }

    @Override
    public int outputs() {
      return initial.size();
    }

    @Override
    public int parameterCount() {
      return initial.size();
    }
  }

  /**
   * Networks of the same input whose outputs stand side by side and whose parameters follow one
   * another.
   *
   * @param parts at least one
   */
  record SideBySide(List<NetworkSpec> parts) implements NetworkSpec {
    /** Checks that the inputs agree. */
    public SideBySide {
      parts = List.copyOf(parts);
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("networks side by side need at least one part");
      }
      for (NetworkSpec part : parts) {
        if (part.inputs() != parts.get(0).inputs()) {
          throw new IllegalArgumentException(
              "networks side by side must have the same inputs, not "
                  + parts.stream().map(NetworkSpec::inputs).toList());
        }
      }
    }

    @Override
    public int inputs() {
      return parts.get(0).inputs();
    }

    @Override
    public int outputs() {
      return parts.stream().mapToInt(NetworkSpec::outputs).sum();
    }

    @Override
    public int parameterCount() {
      return parts.stream().mapToInt(NetworkSpec::parameterCount).reduce(0, Math::addExact);
    }
  }

  /**
   * One network on top of another: y = head(body(x)), or {@code [y | body(x)]}, the parameters the
   * body's, then the head's. It has no directional derivative.
   *
   * @param body gives features of the input
   * @param head takes them
   * @param features whether the outputs end with the features
   */
  record Stacked(NetworkSpec body, NetworkSpec head, boolean features) implements NetworkSpec {
    /** Checks that the two fit. */
    public Stacked {
      if (head.inputs() != body.outputs()) {
        throw new IllegalArgumentException(
            "a head of %d inputs does not fit on a body of %d outputs"
                .formatted(head.inputs(), body.outputs()));
      }
    }

    @Override
    public int inputs() {
      return body.inputs();
    }

    @Override
    public int outputs() {
      return head.outputs() + (features ? body.outputs() : 0);
    }

    @Override
    public int parameterCount() {
      return Math.addExact(body.parameterCount(), head.parameterCount());
    }
  }

  /**
   * Any other feed-forward network of DL4J, without an output layer.
   *
   * @param inputs columns of the flattened input
   * @param outputs columns of the output
   * @param configuration DL4J's {@code MultiLayerConfiguration} as JSON
   */
  record Dl4j(int inputs, int outputs, String configuration) implements NetworkSpec {
    @Override
    public int parameterCount() {
      return Dl4jConfigurations.parameterCount(Dl4jConfigurations.read(configuration));
    }
  }
}
