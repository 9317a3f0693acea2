package org.deeprl4j.experiments.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class PlotsTest {
  @Test
  void ticks_areRound() {
    assertEquals(20_000, Plots.roundStep(12_500));
    assertEquals(10, Plots.roundStep(10));
    assertEquals(1000, Plots.roundStep(600));
    assertEquals("500", Plots.steps(500));
    assertEquals("2.5k", Plots.steps(2500));
    assertEquals("1.25M", Plots.steps(1_250_000));
  }

  private static int pixels(byte[] png, Color like) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    int found = 0;
    for (int x = 0; x < image.getWidth(); x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        Color color = new Color(image.getRGB(x, y));
        int off =
            Math.abs(color.getRed() - like.getRed())
                + Math.abs(color.getGreen() - like.getGreen())
                + Math.abs(color.getBlue() - like.getBlue());
        found += off < 12 ? 1 : 0;
      }
    }
    return found;
  }

  /** The band is the line's colour, a fifth of it on white. */
  @Test
  void band_isFilledAroundItsLine() throws Exception {
    double[] x = {0, 100};
    double[] y = {1, 2};
    Color blue = new Color(31, 119, 180);
    Color pale = new Color(211, 228, 240);
    byte[] plain = Plots.overSteps("", "return", List.of(new Plots.Line("a", x, y, null, null)));
    byte[] banded =
        Plots.overSteps(
            "",
            "return",
            List.of(new Plots.Line("a", x, y, new double[] {0, 1}, new double[] {2, 3})));
    assertTrue(pixels(plain, blue) > 500);
    assertTrue(pixels(banded, blue) > 500);
    assertTrue(pixels(plain, pale) < 500, "no band: " + pixels(plain, pale));
    assertTrue(pixels(banded, pale) > 20_000, "a band: " + pixels(banded, pale));
  }
}
