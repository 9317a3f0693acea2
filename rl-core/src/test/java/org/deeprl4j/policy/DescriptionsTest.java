package org.deeprl4j.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptionsTest {
  private static final String TEXT =
      ("{'observationSpace':{'kind':'box','low':[-5.0,'-Infinity'],'high':[0.1,'Infinity'],'shape':[2]},"
              + "'actionSpace':{'kind':'discrete','n':3},'normalizeObservations':true,"
              + "'network':{'kind':'mlp','inputs':2,'outputs':3,'hidden':[8,4],'activation':'TANH',"
              + "'outputActivation':'IDENTITY','layerNorm':false,"
              + "'init':{'kind':'orthogonal','hiddenGain':1.5,'outputGain':0.01}},"
              + "'firstColumn':0,'head':'DISTRIBUTION'}")
          .replace('\'', '"');

  private static PolicyFile.Description described() {
    return new PolicyFile.Description(
        Box.of(
            new float[] {-5, Float.NEGATIVE_INFINITY}, new float[] {0.1f, Float.POSITIVE_INFINITY}),
        new Discrete(3),
        true,
        Mlp.of(2, 3, 8, 4).withInit(new Mlp.Init.Orthogonal(1.5, 0.01)),
        0,
        NetworkPolicy.Head.DISTRIBUTION);
  }

  /** The text is that of files which exist. */
  @Test
  void text_isThatOfEarlierFiles() {
    assertEquals(TEXT, Descriptions.write(described()));
    assertEquals(described(), Descriptions.read(TEXT.getBytes(UTF_8)));
  }

  @Test
  void everyKind_comesBack() {
    Map<String, Space> spaces = new LinkedHashMap<>();
    spaces.put("bits \"and\" more", new MultiBinary(3));
    spaces.put("choices", MultiDiscrete.of(3, 2));
    NetworkSpec network =
        new NetworkSpec.SideBySide(
            List.of(
                new NetworkSpec.Stacked(
                    Mlp.of(4, 6).withLayerNorm(true).withOutputActivation(Activation.RELU),
                    Mlp.of(6, 2).withInit(new Mlp.Init.FanInUniform()),
                    true),
                new NetworkSpec.Constant(4, List.of(-0.5, 1e-30)),
                new NetworkSpec.Parallel(
                    List.of(
                        new NetworkSpec.Identity(1),
                        new NetworkSpec.Convolution(
                            1.0 / 255,
                            1,
                            3,
                            1,
                            true,
                            5,
                            1,
                            2,
                            Activation.RELU,
                            new Mlp.Init.FanInUniform()))),
                Mlp.of(4, 1).withInit(new Mlp.Init.FanInUniformSmallOutput(3e-3)),
                Mlp.of(4, 1).withInit(new Mlp.Init.Dl4j("{}")),
                new NetworkSpec.Dl4j(4, 2, "{\"a\":\n1}")));
    PolicyFile.Description description =
        new PolicyFile.Description(
            new Dict(spaces),
            Box.of(-1, 1, 2, 3),
            false,
            network,
            7,
            NetworkPolicy.Head.DETERMINISTIC);
    assertEquals(description, Descriptions.read(Descriptions.write(description).getBytes(UTF_8)));
  }

  @Test
  void memory_comesBack() {
    NetworkSpec.Lstm lstm = new NetworkSpec.Lstm(4, 3);
    PolicyFile.Description description =
        new PolicyFile.Description(
            Box.of(-1, 1, 4),
            new Discrete(2),
            false,
            NetworkSpec.Lstm.under(lstm, Mlp.of(3, 2, 5)),
            0,
            NetworkPolicy.Head.DISTRIBUTION);
    String text = Descriptions.write(description);
    assertTrue(text.contains("{\"kind\":\"lstm\",\"features\":4,\"units\":3}"), text);
    assertEquals(description, Descriptions.read(text.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`\"n\":3` | `\"n\":3.0` | actionSpace.n must be a whole number below 2^31, not 3.0",
        "`\"n\":3` | `\"n\":3000000000` | actionSpace.n must be a whole number below 2^31",
        "`\"n\":3` | `\"n\":0` | from 1 to",
        "`\"n\":3` | `\"n\":3,\"n\":3` | Duplicate field 'n'",
        "`\"n\":3` | `\"m\":3` | actionSpace.n is missing",
        "`\"n\":3` | `\"n\":3,\"m\":3` | actionSpace.m is not expected",
        "`\"firstColumn\":0` | `\"firstColumn\":0,\"second\":1` | second is not expected",
        "`\"layerNorm\":false` | `\"layerNorm\":false,\"bias\":true` | network.bias is not expected",
        "`\"outputGain\":0.01` | `\"outputGain\":0.01,\"gain\":1` | network.init.gain is not expected",
        "`\"discrete\"` | `\"java.lang.Object\"` | actionSpace: there is no space of the kind java.lang.Object",
        "`\"mlp\"` | `\"gru\"` | network: there is no network of the kind gru",
        "`[8,4]` | `[8,null]` | network.hidden must be a whole number below 2^31, not none",
        "`[8,4]` | `8` | network.hidden must be a list, not 8",
        "`\"TANH\"` | `\"sine\"` | network.activation must be one of",
        "`\"DISTRIBUTION\"` | `2` | head must be a text, not 2",
        "`true` | `\"true\"` | normalizeObservations must be true or false",
        "`\"firstColumn\":0` | `\"firstColumn\":null` | firstColumn must be a whole number below 2^31, not none",
        "`{\"kind\":\"discrete\",\"n\":3}` | `[]` | actionSpace: must be an object, not []",
        "`\"Infinity\"` | `\"large\"` | observationSpace.high must be a number, not large",
        "`,\"head\"` | `]\"head\"` | Unexpected close marker",
        "`0,\"head\":\"DISTRIBUTION\"}` | `0,\"head\":\"DISTRIBUTION\"} {}` | something follows its end",
      })
  void whatIsWrong_isSaidInALine(String right, String wrong, String says) {
    assertTrue(TEXT.contains(right), right);
    String text = TEXT.replace(right, wrong);
    String message =
        assertThrows(StateFormatException.class, () -> Descriptions.read(text.getBytes(UTF_8)))
            .getMessage();
    assertTrue(message.startsWith("the policy's description is not valid: "), message);
    assertTrue(message.contains(says), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void emptyAndDeepTexts_areRefused() {
    for (String text : List.of("", "null", "[".repeat(100_000), "{\"a\":".repeat(100_000))) {
      assertThrows(StateFormatException.class, () -> Descriptions.read(text.getBytes(UTF_8)));
    }
  }
}
