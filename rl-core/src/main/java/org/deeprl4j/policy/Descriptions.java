package org.deeprl4j.policy;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.JsonFiles;

/**
 * Spaces and networks as JSON. The kinds that may appear are listed here by name, so that a file
 * cannot ask for any other class.
 */
final class Descriptions {
  static final ObjectMapper JSON =
      JsonFiles.strict()
          .addMixIn(Space.class, SpaceKinds.class)
          .addMixIn(NetworkSpec.class, NetworkKinds.class)
          .addMixIn(Mlp.Init.class, InitKinds.class)
          .build();

  private Descriptions() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Box.class, name = "box"),
    @JsonSubTypes.Type(value = Discrete.class, name = "discrete"),
    @JsonSubTypes.Type(value = MultiDiscrete.class, name = "multi-discrete"),
    @JsonSubTypes.Type(value = MultiBinary.class, name = "multi-binary"),
    @JsonSubTypes.Type(value = Dict.class, name = "dict"),
  })
  private interface SpaceKinds {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Mlp.class, name = "mlp"),
    @JsonSubTypes.Type(value = NetworkSpec.Constant.class, name = "constant"),
    @JsonSubTypes.Type(value = NetworkSpec.SideBySide.class, name = "side-by-side"),
    @JsonSubTypes.Type(value = NetworkSpec.Stacked.class, name = "stacked"),
    @JsonSubTypes.Type(value = NetworkSpec.Parallel.class, name = "parallel"),
    @JsonSubTypes.Type(value = NetworkSpec.Identity.class, name = "identity"),
    @JsonSubTypes.Type(value = NetworkSpec.Convolution.class, name = "convolution"),
    @JsonSubTypes.Type(value = NetworkSpec.Dl4j.class, name = "dl4j"),
  })
  @JsonIgnoreProperties(value = "parameterCount", allowGetters = false)
  private interface NetworkKinds {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Mlp.Init.Orthogonal.class, name = "orthogonal"),
    @JsonSubTypes.Type(value = Mlp.Init.FanInUniform.class, name = "fan-in-uniform"),
    @JsonSubTypes.Type(
        value = Mlp.Init.FanInUniformSmallOutput.class,
        name = "fan-in-uniform-small-output"),
    @JsonSubTypes.Type(value = Mlp.Init.Dl4j.class, name = "dl4j"),
  })
  private interface InitKinds {}
}
