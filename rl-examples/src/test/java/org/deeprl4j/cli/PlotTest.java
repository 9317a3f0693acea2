package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.report.Curve;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code rl plot}. */
final class PlotTest {
  private static final int BLUE = 0x1f77b4;
  private static final int RED = 0xd62728;

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void out() {
    out = folder.resolve("plot.png");
  }

  private Path train(String name, Object... more) {
    Path run = folder.resolve(name);
    List<Object> arguments =
        new ArrayList<>(List.of("train", "ppo", "--env", "CartPole-v1", "--preset", "sb3-default"));
    arguments.addAll(
        List.of("--set", "rolloutSteps=64", "--set", "epochs=1", "--episodes", 2, "--out", run));
    arguments.addAll(List.of(more));
    Cli result = Cli.run(arguments.toArray());
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  private static RunGroups groups(Path... runs) throws IOException {
    Map<Path, RunConfig> configs = new LinkedHashMap<>();
    for (Path run : runs) {
      configs.put(run, RunDirectory.readConfig(run));
    }
    return RunGroups.of(configs);
  }

  @Test
  void runsThatDifferInMoreThanTheSeed_areKeptApart_andNamedByIt() throws Exception {
    Path one = train("one", "--steps", 256, "--seed", 1);
    Path two = train("two", "--steps", 256, "--seed", 2, "--threads", 1, "--evaluate-every", 64);
    Path longer = train("longer", "--steps", 512, "--seed", 3);
    Path wide = train("wide", "--steps", 256, "--seed", 1, "--set", "hidden=8,8");
    assertEquals(
        new RunGroups("ppo on CartPole-v1", Map.of("2 runs", List.of(one, two))), groups(one, two));
    RunGroups all = groups(one, longer, two, wide);
    assertEquals("ppo on CartPole-v1", all.title());
    assertEquals(
        List.of(
            "totalSteps=256, hidden=64,64, 2 runs",
            "totalSteps=512, hidden=64,64, seed 3",
            "totalSteps=256, hidden=8,8, seed 1"),
        List.copyOf(all.groups().keySet()));
    assertEquals(List.of(one, two), all.groups().get("totalSteps=256, hidden=64,64, 2 runs"));
  }

  @Test
  void otherAlgorithmsAndEnvironments_areNamed() throws Exception {
    Path ppo = train("ppo", "--steps", 256);
    Path a2c = folder.resolve("a2c");
    Cli.run("train", "a2c", "--env", "CartPole-v1", "--steps", 256, "--out", a2c);
    RunGroups two = groups(ppo, a2c);
    assertEquals("CartPole-v1", two.title());
    assertEquals(Set.of("ppo, seed 1", "a2c, seed 1"), two.groups().keySet());
    Path acrobot = folder.resolve("acrobot");
    Cli.run("train", "a2c", "--env", "Acrobot-v1", "--steps", 256, "--out", acrobot);
    RunGroups three = groups(ppo, a2c, acrobot);
    assertEquals("", three.title());
    assertTrue(three.groups().containsKey("a2c, Acrobot-v1, seed 1"), three.groups().toString());
  }

  /** Each repetition may begin with another run, which is a repetition itself. */
  @Test
  void runsThatBeganWithRepetitions_areRepetitions() throws Exception {
    for (int seed = 1; seed <= 2; seed++) {
      Path base = train("base-" + seed, "--steps", 256, "--seed", seed);
      train("next-" + seed, "--steps", 256, "--seed", 10 + seed, "--from", base);
    }
    Path policy = folder.resolve("base-1/policy.bin");
    Path third = train("next-3", "--steps", 256, "--from", policy);
    RunGroups all = groups(folder.resolve("next-1"), folder.resolve("next-2"), third);
    assertEquals(
        List.of("from=base, 2 runs", "from=base/policy.bin, seed 1"),
        List.copyOf(all.groups().keySet()));
  }

  @ParameterizedTest
  @CsvSource({
    "/a/pole/seed-3, pole",
    "/a/ppo-CartPole-v1-3/checkpoint-1.bin, ppo-CartPole-v1/checkpoint-1.bin",
    "C:\\runs\\reach, reach",
    "/, ''",
    "policy.bin, policy.bin"
  })
  void origin_isTheRunWithoutItsSeed(String path, String origin) {
    assertEquals(origin, RunGroups.origin(new RunConfig.Source(path, null, null, false)));
  }

  /** A run that was changed on its way is no repetition of one that was not. */
  @Test
  void changedRuns_areKeptApart() throws Exception {
    Path straight = train("straight", "--steps", 512);
    Path longer = train("longer", "--steps", 256, "--seed", 2);
    assertEquals(
        0, Cli.run("train", "--resume", longer, "--steps", 512, "--set", "gamma=0.9").exitCode());
    assertEquals(2, groups(straight, longer).groups().size());
  }

  private static long count(BufferedImage image, int rgb) {
    long count = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += (image.getRGB(x, y) & 0xffffff) == rgb ? 1 : 0;
      }
    }
    return count;
  }

  private BufferedImage plot(Object... arguments) throws IOException {
    List<Object> all = new ArrayList<>(List.of("plot", "--out", out));
    all.addAll(List.of(arguments));
    Cli plot = Cli.run(all.toArray());
    assertEquals(0, plot.exitCode(), plot.err());
    assertEquals("wrote " + out, plot.out().strip());
    return ImageIO.read(out.toFile());
  }

  /** The band is drawn between two runs, and is not there with one. */
  @Test
  void severalRuns_haveALineAndABand_andTheSamePictureAgain() throws Exception {
    Path one = train("one", "--steps", 1024, "--seed", 1);
    Path two = train("two", "--steps", 1024, "--seed", 2);
    int band = 0xd3e4f0; // blue over white, at 50 of 255
    BufferedImage both = plot(one, two);
    assertTrue(count(both, BLUE) > 300, "no line");
    assertTrue(count(both, band) > 300, "no band: " + count(both, band));
    byte[] bytes = Files.readAllBytes(out);
    plot(one, two);
    assertArrayEquals(bytes, Files.readAllBytes(out));
    BufferedImage single = plot(one);
    assertTrue(count(single, BLUE) > 300, "no line");
    assertTrue(count(single, band) < 20, "a band of one run"); // but for edges of the line
    BufferedImage apart = plot(one, train("other", "--steps", 2048, "--seed", 2));
    assertTrue(count(apart, BLUE) > 100 && count(apart, RED) > 100, "two lines");
  }

  @Test
  void evaluations_areCurvesToo() throws Exception {
    Path run = train("run", "--steps", 2048, "--evaluate-every", 512);
    plot(run, "--metric", "eval/mean_return");
    Curve curve = Curve.read(run, "eval/mean_return");
    assertArrayEquals(new double[] {512, 1024, 1536, 2048}, curve.steps());
    assertEquals(RunDirectory.readEvaluations(run).get(2).result().meanReturn(), curve.values()[2]);
    Cli none =
        Cli.run("plot", train("end", "--steps", 128), "--metric", "eval/mean_return", "--out", out);
    assertEquals(2, none.exitCode());
    assertTrue(none.err().contains("--evaluate-every"), none.err());
    Cli unknown = Cli.run("plot", run, "--metric", "eval/mean_retrun", "--out", out);
    assertEquals(2, unknown.exitCode());
    assertTrue(unknown.err().contains("eval/mean_return"), unknown.err());
  }

  /** By hand: (0.5·0 + 0.5·4)/1 and so on, with the weights' sum 0.5, 0.75, 0.875. */
  @Test
  void smoothing_isADebiasedMovingAverage() {
    Curve curve = new Curve(new double[] {1, 2, 3}, new double[] {4, 0, 8});
    assertArrayEquals(new double[] {4, 1 / 0.75, 4.5 / 0.875}, curve.smoothed(0.5).values(), 1e-12);
    assertArrayEquals(curve.values(), curve.smoothed(0).values());
  }

  @Test
  void badInput() {
    Path run = train("run", "--steps", 1024);
    Cli twice = Cli.run("plot", run, run, "--out", out);
    assertEquals(2, twice.exitCode());
    assertTrue(twice.err().contains("is given twice"), twice.err());
    Cli smooth = Cli.run("plot", run, "--smooth", 1, "--out", out);
    assertEquals(2, smooth.exitCode());
    assertTrue(smooth.err().contains("--smooth must be in [0, 1), not 1.0"), smooth.err());
  }
}
