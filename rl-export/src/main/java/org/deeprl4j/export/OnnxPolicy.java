package org.deeprl4j.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.DenseStack;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;

/**
 * A policy's deterministic action as an ONNX graph: the encoding of raw observations, the dense
 * layers, the mode of the head and its scaling to legal actions.
 */
final class OnnxPolicy {
  private static final float LEAST_DEVIATION = 1e-30f; // a row of equal values normalises to 0

  private final OnnxGraph graph = new OnnxGraph();
  private final NetworkPolicy policy;

  /** What has been written, so that the policy and its state share what they have in common. */
  private final Map<List<Object>, String> written = new HashMap<>();

  private OnnxPolicy(NetworkPolicy policy) {
    this.policy = policy;
  }

  /** The model's bytes. */
  static byte[] of(NetworkPolicy policy) {
    OnnxPolicy onnx = new OnnxPolicy(policy);
    Space actions = policy.actionSpace();
    int flags = policy.encoder().maskSize();
    String x = onnx.graph.input("observations", policy.observationSpace().size() - flags);
    String y = onnx.encode(x);
    int states = policy.stateSize();
    if (states > 0) {
      y = onnx.withState(y, onnx.graph.input("state", states));
      int outputs = policy.network().outputSize();
      String next = onnx.network(policy.network(), outputs - states, states, y);
      onnx.graph.output("next_state", next, states);
    }
    y = onnx.network(policy.network(), policy.firstColumn(), policy.deterministicColumns(), y);
    if (flags > 0) {
      y = onnx.allowed(y, onnx.graph.input(Dict.ACTION_MASK, flags));
    }
    onnx.graph.output("actions", onnx.legal(y, actions), actions.size());
    return onnx.graph.model(Map.of("policy", PolicyFile.describe(policy)));
  }

  /** Observations with the states that they are seen in, each of which begins a sequence. */
  private String withState(String x, String state) {
    String one = graph.columns(state, 0, 1);
    String begins = graph.cast(graph.node("Equal", one, one), DataType.FLOAT);
    return graph.concat(List.of(x, state, begins));
  }

  private String encode(String x) {
    ObservationEncoder encoder = policy.encoder();
    int[] categories = encoder.categories();
    String plain = encoder.normalizes() ? normalized(x, encoder) : x;
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= categories.length; i++) {
      boolean ends = i == categories.length || categories[i] > 0;
      if (ends && from < i) {
        parts.add(from == 0 && i == categories.length ? plain : graph.columns(plain, from, i));
      }
      if (i < categories.length && categories[i] > 0) {
        parts.add(oneHot(x, i, categories[i]));
        from = i + 1;
      }
    }
    return graph.concat(parts);
  }

  /** (x − mean)·scale, clipped, in double as here. */
  private String normalized(String x, ObservationEncoder encoder) {
    String wide = graph.cast(x, DataType.DOUBLE);
    String centred = graph.node("Sub", wide, graph.doubles(encoder.means()));
    String scaled = graph.node("Mul", centred, graph.doubles(encoder.scales()));
    String clipped =
        graph.node(
            "Clip",
            scaled,
            graph.doubleScalar(-ObservationEncoder.CLIP),
            graph.doubleScalar(ObservationEncoder.CLIP));
    return graph.cast(clipped, DataType.FLOAT);
  }

  private String oneHot(String x, int column, int n) {
    String values =
        graph.node("Gather", List.of(x, graph.longScalar(column)), Map.of("axis", 1L)); // [batch]
    String indices = graph.cast(values, DataType.INT64);
    return graph.node("OneHot", indices, graph.longScalar(n), graph.floats(new float[] {0, 1}, 2));
  }

  /** Columns [from, from + count) of a network's output. */
  private String network(Network network, int from, int count, String x) {
    float[] theta = network.parameters().floats();
    return network(network.spec(), theta, network.parameters().offset(), from, count, x);
  }

  /** As above, of a part whose parameters begin at {@code at}. */
  private String network(NetworkSpec spec, float[] theta, int at, int from, int count, String x) {
    List<Object> part = List.of(spec, at, from, count, x);
    String known = written.get(part);
    if (known == null) {
      known = write(spec, theta, at, from, count, x);
      written.put(part, known);
    }
    return known;
  }

  private String write(NetworkSpec spec, float[] theta, int at, int from, int count, String x) {
    if (spec instanceof Mlp mlp) {
      String y = x;
      for (DenseStack.Layer layer : DenseStack.of(mlp, theta, at, from, count).layers()) {
        y = layer(layer, y);
      }
      return y;
    }
    if (spec instanceof NetworkSpec.Stacked stacked && from + count <= stacked.head().outputs()) {
      NetworkSpec body = stacked.body();
      String features = network(body, theta, at, 0, body.outputs(), x);
      return network(stacked.head(), theta, at + body.parameterCount(), from, count, features);
    }
    if (spec instanceof NetworkSpec.SideBySide sideBySide) {
      int start = 0;
      int partAt = at;
      for (NetworkSpec part : sideBySide.parts()) {
        if (from >= start && from + count <= start + part.outputs()) {
          return network(part, theta, partAt, from - start, count, x);
        }
        start += part.outputs();
        partAt += part.parameterCount();
      }
    }
    if (spec instanceof NetworkSpec.Parallel parallel) {
      List<String> results = new ArrayList<>();
      int column = 0;
      int start = 0;
      int partAt = at;
      for (NetworkSpec part : parallel.parts()) {
        int first = Math.max(from, start);
        int end = Math.min(from + count, start + part.outputs());
        if (first < end) {
          String own = graph.columns(x, column, column + part.inputs());
          results.add(network(part, theta, partAt, first - start, end - first, own));
        }
        column += part.inputs();
        start += part.outputs();
        partAt += part.parameterCount();
      }
      return graph.concat(results);
    }
    if (spec instanceof NetworkSpec.Identity identity) {
      return part(x, from, count, identity.outputs());
    }
    if (spec instanceof NetworkSpec.Lstm lstm) {
      return part(remembered(lstm, theta, at, x), from, count, lstm.outputs());
    }
    if (spec instanceof NetworkSpec.Convolution convolution && count == convolution.outputs()) {
      return convolved(convolution, theta, at, x);
    }
    throw new IllegalArgumentException(
        "the policy's network, of the kind %s, cannot be written as ONNX"
            .formatted(spec.getClass().getSimpleName()));
  }

  private String part(String whole, int from, int count, int of) {
    return count == of ? whole : graph.columns(whole, from, from + count);
  }

  /** One step of a memory, [h′ | h′ | c′]. */
  private String remembered(NetworkSpec.Lstm spec, float[] theta, int at, String x) {
    int in = spec.features();
    int units = spec.units();
    String h = graph.columns(x, in, in + units);
    String c = graph.columns(x, in + units, in + 2 * units);
    String[] parts = new String[4];
    for (int q = 0; q < 4; q++) {
      String fromInput = product(graph.columns(x, 0, in), theta, at + q * units * in, in, units);
      int recurrent = at + 4 * units * in;
      String fromState = product(h, theta, recurrent + q * units * units, units, units);
      int biases = recurrent + 4 * units * units + q * units;
      String b = graph.floats(Arrays.copyOfRange(theta, biases, biases + units), units);
      String z = graph.node("Add", graph.node("Add", fromInput, fromState), b);
      parts[q] = graph.node(q == 0 ? "Tanh" : "Sigmoid", z);
    }
    String kept = graph.node("Mul", parts[1], c);
    String nextCell = graph.node("Add", kept, graph.node("Mul", parts[3], parts[0]));
    String next = graph.node("Mul", parts[2], graph.node("Tanh", nextCell));
    return graph.concat(List.of(next, next, nextCell));
  }

  /** x times the transpose of the matrix [outputs, inputs] that begins at {@code at}. */
  private String product(String x, float[] theta, int at, int inputs, int outputs) {
    float[] weights = new float[inputs * outputs];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        weights[i * outputs + o] = theta[at + o * inputs + i];
      }
    }
    return graph.node("MatMul", x, graph.floats(weights, inputs, outputs));
  }

  private String convolved(NetworkSpec.Convolution spec, float[] theta, int at, String x) {
    int kernel = spec.kernel();
    int channels = spec.channels();
    int patch = kernel * kernel * channels;
    float[] weights = new float[spec.filters() * patch]; // [filter][channel][row][column]
    for (int filter = 0; filter < spec.filters(); filter++) {
      for (int channel = 0; channel < channels; channel++) {
        for (int place = 0; place < kernel * kernel; place++) {
          int ours =
              spec.channelsFirst() ? channel * kernel * kernel + place : place * channels + channel;
          weights[filter * patch + channel * kernel * kernel + place] =
              theta[at + filter * patch + ours];
        }
      }
    }
    float[] biases =
        Arrays.copyOfRange(theta, at + weights.length, at + weights.length + spec.filters());
    String scaled =
        spec.scale() == 1 ? x : graph.node("Mul", x, graph.scalar((float) spec.scale()));
    String pictures =
        spec.channelsFirst()
            ? graph.reshape(scaled, channels, spec.height(), spec.width())
            : graph.transpose(
                graph.reshape(scaled, spec.height(), spec.width(), channels), 0, 3, 1, 2);
    String z =
        graph.convolution(
            pictures,
            graph.floats(weights, spec.filters(), channels, kernel, kernel),
            graph.floats(biases, biases.length),
            spec.stride());
    String y = activated(spec.activation(), z);
    return graph.reshape(graph.transpose(y, 0, 2, 3, 1), spec.outputs());
  }

  private String layer(DenseStack.Layer layer, String x) {
    String weights = graph.floats(layer.weights(), layer.inputs(), layer.outputs());
    String u = graph.node("MatMul", x, weights);
    float[] gains = layer.gains();
    if (gains != null) {
      String centred = graph.node("Sub", u, graph.rowMeans(u));
      String variance = graph.rowMeans(graph.node("Mul", centred, centred));
      String deviation =
          graph.node("Max", graph.node("Sqrt", variance), graph.scalar(LEAST_DEVIATION));
      String normal = graph.node("Div", centred, deviation);
      u = graph.node("Mul", normal, graph.floats(gains, gains.length));
    }
    String z = graph.node("Add", u, graph.floats(layer.biases(), layer.outputs()));
    return activated(layer.activation(), z);
  }

  private String activated(Activation activation, String z) {
    return switch (activation) {
      case IDENTITY -> z;
      case RELU -> graph.node("Relu", z);
      case LEAKY_RELU -> graph.node("LeakyRelu", z); // whose default slope is 0.01, as here
      case TANH -> graph.node("Tanh", z);
      case SIGMOID -> graph.node("Sigmoid", z);
      case ELU -> graph.node("Elu", z);
      case SOFTPLUS -> graph.node("Softplus", z);
      case SWISH -> graph.node("Mul", z, graph.node("Sigmoid", z));
      case GELU ->
          graph.node("Mul", z, graph.node("Sigmoid", graph.node("Mul", z, graph.scalar(1.702f))));
    };
  }

  /** The outputs, with −∞ where a mask does not hold 1. */
  private String allowed(String y, String mask) {
    String legal = graph.node("Equal", mask, graph.scalar(1));
    return graph.node("Where", legal, y, graph.scalar(Float.NEGATIVE_INFINITY));
  }

  /** The mode of the head as the environment takes it. */
  private String legal(String y, Space actions) {
    return switch (policy.head()) {
      case SQUASHED_GAUSSIAN, SQUASHED_STATE_DEPENDENT_GAUSSIAN ->
          scaled(graph.node("Tanh", y), (Box) actions);
      case DETERMINISTIC -> scaled(y, (Box) actions);
      case ACTION_VALUES -> largest(y);
      case DISTRIBUTION, STATE_DEPENDENT_GAUSSIAN -> mode(y, actions);
    };
  }

  private String mode(String y, Space actions) {
    if (actions instanceof Box box) {
      return clipped(y, box);
    }
    if (actions instanceof Discrete) {
      return largest(y);
    }
    if (actions instanceof MultiBinary) {
      return graph.cast(graph.node("Greater", y, graph.scalar(0)), DataType.FLOAT);
    }
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int n : ((MultiDiscrete) actions).counts()) {
      parts.add(largest(graph.columns(y, from, from + n)));
      from += n;
    }
    return graph.concat(parts);
  }

  /** The first column with the largest value, [batch, 1]. */
  private String largest(String y) {
    return graph.cast(
        graph.node("ArgMax", List.of(y), Map.of("axis", 1L, "keepdims", 1L)), DataType.FLOAT);
  }

  private String scaled(String unit, Box box) {
    float[] low = box.low();
    float[] half = box.high();
    for (int i = 0; i < low.length; i++) {
      half[i] = 0.5f * (half[i] - low[i]);
    }
    String clipped = graph.node("Clip", unit, graph.scalar(-1), graph.scalar(1));
    String shifted = graph.node("Add", clipped, graph.scalar(1));
    String wide = graph.node("Mul", shifted, graph.floats(half, half.length));
    return clipped(graph.node("Add", graph.floats(low, low.length), wide), box);
  }

  private String clipped(String y, Box box) {
    String above = graph.node("Max", y, graph.floats(box.low(), box.size()));
    return graph.node("Min", above, graph.floats(box.high(), box.size()));
  }
}
