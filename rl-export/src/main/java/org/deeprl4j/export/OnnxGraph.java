package org.deeprl4j.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Map;

/** Builds an ONNX graph, value by value; a value is known by its name. */
final class OnnxGraph {
  /** Opset 17 of January 2022, which every maintained runtime reads. */
  private static final long OPSET = 17;

  private static final long IR_VERSION = 8; // that of opset 17

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("policy");
  private int values;

  /** A named matrix of floats that the graph takes, [batch, columns]. */
  String input(String name, int columns) {
    graph.addInput(matrix(name, columns));
    return name;
  }

  /** Makes a value an output of the graph, a matrix of floats [batch, columns]. */
  void output(String name, String value, int columns) {
    graph.addNode(
        NodeProto.newBuilder().setOpType("Identity").addInput(value).addOutput(name).setName(name));
    graph.addOutput(matrix(name, columns));
  }

  private static ValueInfoProto matrix(String name, int columns) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT.getNumber())
            .setShape(shape)
            .build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** The result of an operator with integer attributes. */
  String node(String operator, List<String> inputs, Map<String, Long> attributes) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addAllInput(inputs);
    attributes.forEach(
        (name, value) ->
            node.addAttribute(
                AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(value)));
    return add(node);
  }

  /** The result of an operator without attributes. */
  String node(String operator, String... inputs) {
    return node(operator, List.of(inputs), Map.of());
  }

  /** The means of a matrix's rows, [batch, 1]. */
  String rowMeans(String matrix) {
    return add(
        NodeProto.newBuilder()
            .setOpType("ReduceMean")
            .addInput(matrix)
            .addAttribute(integers("axes", 1)));
  }

  /** A matrix [batch, …] in another shape, [batch, shape]. */
  String reshape(String value, long... shape) {
    long[] whole = new long[shape.length + 1];
    whole[0] = -1;
    System.arraycopy(shape, 0, whole, 1, shape.length);
    return node("Reshape", value, longs(whole));
  }

  /** A value with its axes in another order. */
  String transpose(String value, long... order) {
    return add(
        NodeProto.newBuilder()
            .setOpType("Transpose")
            .addInput(value)
            .addAttribute(integers("perm", order)));
  }

  /**
   * A convolution without padding.
   *
   * @param x [batch, channels, height, width]
   * @param weights [filters, channels, kernel, kernel]
   * @param biases [filters]
   */
  String convolution(String x, String weights, String biases, int stride) {
    return add(
        NodeProto.newBuilder()
            .setOpType("Conv")
            .addInput(x)
            .addInput(weights)
            .addInput(biases)
            .addAttribute(integers("strides", stride, stride)));
  }

  private static AttributeProto.Builder integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute;
  }

  /** A value as another type. */
  String cast(String value, TensorProto.DataType type) {
    return node("Cast", List.of(value), Map.of("to", (long) type.getNumber()));
  }

  /** Columns of a matrix, side by side. */
  String concat(List<String> parts) {
    return parts.size() == 1 ? parts.get(0) : node("Concat", parts, Map.of("axis", 1L));
  }

  /** Columns [from, to) of a matrix. */
  String columns(String matrix, int from, int to) {
    return node("Slice", matrix, longs(from), longs(to), longs(1));
  }

  private String add(NodeProto.Builder node) {
    String name = "v" + values++;
    graph.addNode(node.addOutput(name).setName(name));
    return name;
  }

  /** A constant of floats. */
  String floats(float[] constant, long... shape) {
    TensorProto.Builder tensor = tensor(TensorProto.DataType.FLOAT, shape);
    for (float value : constant) {
      tensor.addFloatData(value);
    }
    return addConstant(tensor);
  }

  /** A scalar. */
  String scalar(float value) {
    return floats(new float[] {value});
  }

  /** A constant row of doubles. */
  String doubles(double... row) {
    TensorProto.Builder tensor = tensor(TensorProto.DataType.DOUBLE, row.length);
    for (double value : row) {
      tensor.addDoubleData(value);
    }
    return addConstant(tensor);
  }

  /** A scalar of type double. */
  String doubleScalar(double value) {
    return addConstant(tensor(TensorProto.DataType.DOUBLE).addDoubleData(value));
  }

  /** A constant row of integers. */
  String longs(long... row) {
    TensorProto.Builder tensor = tensor(TensorProto.DataType.INT64, row.length);
    for (long value : row) {
      tensor.addInt64Data(value);
    }
    return addConstant(tensor);
  }

  /** A scalar of type integer. */
  String longScalar(long value) {
    return addConstant(tensor(TensorProto.DataType.INT64).addInt64Data(value));
  }

  private static TensorProto.Builder tensor(TensorProto.DataType type, long... shape) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(type.getNumber());
    for (long size : shape) {
      tensor.addDims(size);
    }
    return tensor;
  }

  private String addConstant(TensorProto.Builder tensor) {
    String name = "c" + values++;
    graph.addInitializer(tensor.setName(name));
    return name;
  }

  /** The model, with texts for people and programs. */
  byte[] model(Map<String, String> texts) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName("deeprl4j")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph);
    texts.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build().toByteArray();
  }
}
