package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MlpLayoutTest {
  private static final Mlp MLP = Mlp.of(3, 2, 5, 4);

  private static float[] draw(Mlp mlp, long seed) {
    float[] theta = new float[mlp.parameterCount()];
    MlpLayout.of(mlp).initialise(new Rng(seed), theta);
    return theta;
  }

  @Test
  void layers_lieOneAfterTheOther() {
    // 3·5 + 5 = 20, then 5·4 + 4 = 24, then 4·2 + 2 = 10.
    assertEquals(
        List.of(
            new MlpLayout.Layer(3, 5, 0, 15, -1, Activation.TANH),
            new MlpLayout.Layer(5, 4, 20, 40, -1, Activation.TANH),
            new MlpLayout.Layer(4, 2, 44, 52, -1, Activation.IDENTITY)),
        MlpLayout.of(MLP).layers());
    assertEquals(54, MLP.parameterCount());
  }

  @Test
  void gains_followTheBiases_inHiddenLayersOnly() {
    assertEquals(
        List.of(
            new MlpLayout.Layer(3, 5, 0, 15, 20, Activation.TANH),
            new MlpLayout.Layer(5, 4, 25, 45, 49, Activation.TANH),
            new MlpLayout.Layer(4, 2, 53, 61, -1, Activation.IDENTITY)),
        MlpLayout.of(MLP.withLayerNorm(true)).layers());
    assertEquals(63, MLP.withLayerNorm(true).parameterCount());
  }

  @ParameterizedTest
  @CsvSource({"7,7", "3,50", "50,3", "1,4", "4,1", "120,100"})
  void orthogonal_hasOrthonormalRowsOrColumns_timesTheGain(int inputs, int outputs) {
    double gain = 1.7;
    float[] theta = draw(Mlp.of(inputs, outputs).withInit(new Mlp.Init.Orthogonal(9, gain)), 4);
    boolean rows = outputs <= inputs;
    int count = Math.min(inputs, outputs);
    int length = Math.max(inputs, outputs);
    for (int a = 0; a < count; a++) {
      for (int b = 0; b <= a; b++) {
        double dot = 0;
        for (int i = 0; i < length; i++) {
          dot +=
              rows
                  ? (double) theta[a * inputs + i] * theta[b * inputs + i]
                  : (double) theta[i * inputs + a] * theta[i * inputs + b];
        }
        assertEquals(a == b ? gain * gain : 0, dot, 1e-6);
      }
    }
    for (int o = 0; o < outputs; o++) {
      assertEquals(0, theta[inputs * outputs + o]);
    }
  }

  @Test
  void orthogonal_hasNoPreferredSign() {
    // For a 1×1 layer Q is the sign of a Gaussian: both signs must appear.
    int positive = 0;
    for (int seed = 0; seed < 200; seed++) {
      float w = draw(Mlp.of(1, 1), seed)[0];
      assertEquals(1, Math.abs(w));
      positive += w > 0 ? 1 : 0;
    }
    assertTrue(positive > 60 && positive < 140, positive + " of 200 were positive");
  }

  @Test
  void fanInUniform_fillsItsRange_weightsAndBiases() {
    Mlp mlp = Mlp.of(4, 3, 400).withInit(new Mlp.Init.FanInUniformSmallOutput(3e-3));
    float[] theta = draw(mlp, 1);
    assertRange(theta, 0, 1600, 0.5);
    assertRange(theta, 1600, 2000, 0.5);
    assertRange(theta, 2000, 3203, 3e-3);
    float[] plain = draw(mlp.withInit(new Mlp.Init.FanInUniform()), 1);
    assertRange(plain, 2000, 3203, 0.05);
  }

  private static void assertRange(float[] values, int from, int to, double limit) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = from; i < to; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
      sum += values[i];
    }
    assertTrue(-limit <= least && least < -0.95 * limit, "least " + least);
    assertTrue(0.95 * limit < greatest && greatest <= limit, "greatest " + greatest);
    assertEquals(0, sum / (to - from), 0.15 * limit);
  }

  @Test
  void sameSeed_sameBits() {
    for (Mlp.Init init :
        List.of(
            new Mlp.Init.Orthogonal(1, 1),
            new Mlp.Init.FanInUniform(),
            new Mlp.Init.FanInUniformSmallOutput(1e-3))) {
      Mlp mlp = MLP.withInit(init);
      assertArrayEquals(draw(mlp, 5), draw(mlp, 5));
      assertNotEquals(draw(mlp, 5)[0], draw(mlp, 6)[0]);
    }
  }

  @Test
  void gains_startAtOne() {
    float[] theta = draw(MLP.withLayerNorm(true).withInit(new Mlp.Init.FanInUniform()), 2);
    for (int i = 20; i < 25; i++) {
      assertEquals(1, theta[i]);
    }
    assertFalse(theta[15] == 0);
  }

  @Test
  void badSizes_areNamed() {
    assertMessage("inputs must be at least 1, not 0", () -> Mlp.of(0, 1));
    assertMessage("outputs must be at least 1, not -2", () -> Mlp.of(1, -2));
    assertMessage("a hidden layer's width must be at least 1, not 0", () -> Mlp.of(1, 1, 0));
    assertMessage(
        "a hidden layer's width with layer normalisation must be at least 2, not 1",
        () -> Mlp.of(1, 1, 1).withLayerNorm(true));
    assertMessage("limit must be", () -> new Mlp.Init.FanInUniformSmallOutput(Double.NaN));
    assertMessage("outputGain must be", () -> new Mlp.Init.Orthogonal(1, -1));
    assertMessage("less than 2^31", () -> Mlp.of(50_000, 50_000).parameterCount());
    assertMessage(
        "theta must have 54", () -> MlpLayout.of(MLP).initialise(new Rng(1), new float[53]));
  }

  private static void assertMessage(String part, Runnable action) {
    String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
