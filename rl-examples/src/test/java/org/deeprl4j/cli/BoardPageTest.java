package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.deeprl4j.experiments.board.Board;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page of {@code rl board}, in Chromium without a display; skipped where there is none. */
final class BoardPageTest {
  /** Where pictures of the page go, if it is named: to be looked at. */
  private static final String PICTURES = System.getProperty("board.pictures");

  @TempDir Path folder;
  @TempDir Path held;
  private ChromeDriver browser;
  private BoardServer server;

  @AfterEach
  void quit() {
    if (browser != null) {
      browser.quit();
    }
    if (server != null) {
      server.close();
    }
  }

  private void open(int width, int height) throws IOException {
    browser = Browser.start(width, height);
    if (width < 500) { // a window has a least width, a device has not
      browser.executeCdpCommand(
          "Emulation.setDeviceMetricsOverride",
          Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", true));
    }
    server = new BoardServer(0, new Board(folder), BoardCommand::play);
    browser.get(server.address());
    await(() -> "yes".equals(script("return document.body.dataset.ready")));
  }

  private Object script(String text) {
    return browser.executeScript(text);
  }

  private long number(String text) {
    return ((Number) script("return " + text)).longValue();
  }

  private void await(BooleanSupplier condition) {
    new WebDriverWait(browser, Duration.ofSeconds(120), Duration.ofMillis(50))
        .until(b -> condition.getAsBoolean());
  }

  /** The page draws when it has time: what one part says already, another says a moment later. */
  private <T> void await(Supplier<T> actual, Predicate<T> expected, String description) {
    try {
      await(() -> expected.test(actual.get()));
    } catch (TimeoutException e) {
      fail(description + " was expected, but the page says: " + actual.get());
    }
  }

  private void awaitText(String expected, String id) {
    await(() -> element(id).getText(), expected::equals, expected);
  }

  private void awaitPart(String expected, String id) {
    await(() -> element(id).getText(), text -> text.contains(expected), expected);
  }

  private void awaitTexts(String selector, String... expected) {
    List<String> all = List.of(expected);
    await(() -> texts(selector), found -> found.containsAll(all), all.toString());
  }

  private WebElement element(String id) {
    return browser.findElement(By.id(id));
  }

  /** What elements say that are not hidden, at one moment. */
  @SuppressWarnings("unchecked")
  private List<String> texts(String selector) {
    return (List<String>)
        browser.executeScript(
            "return [...document.querySelectorAll(arguments[0])].filter(e => !e.hidden).map(e => e.textContent.trim())",
            selector);
  }

  private String picture() {
    return (String) script("return document.querySelector('#chart canvas')?.toDataURL() ?? ''");
  }

  private void photograph(String name) throws IOException {
    if (PICTURES != null) {
      Thread.yield();
      Files.write(Path.of(PICTURES, name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
    }
  }

  private void assertNoSidewaysScrolling() {
    assertTrue(
        number("document.documentElement.scrollWidth") <= number("innerWidth"),
        "the page is wider than the window");
  }

  /** Sets a slider and says so. */
  private void slide(String id, int value) {
    script(
        "const s = document.getElementById('%s'); s.value = %d; s.dispatchEvent(new Event('input'))"
            .formatted(id, value));
  }

  /** Two variants of five seeds each, a run of another algorithm, and a broken one. */
  private void study() throws IOException {
    Path study = folder.resolve("studies/pole");
    for (int seed = 1; seed <= 5; seed++) {
      for (double gamma : new double[] {0.9, 0.99}) {
        Path run =
            BoardRuns.create(
                study.resolve("ppo gamma=" + gamma + "/seed-" + seed),
                "ppo",
                "CartPole-v1",
                gamma,
                seed);
        BoardRuns.append(run, 0, 1000, (gamma == 0.9 ? 280 : 480) * (0.85 + 0.03 * seed), seed);
        BoardRuns.finish(run, gamma == 0.9 ? 280 : 480);
      }
    }
    Files.writeString(
        study.resolve("study.json"),
        """
        {"algorithm": "ppo", "environment": "CartPole-v1", "seeds": "1-6", "steps": 100000,
         "grid": {"gamma": [0.9, 0.99]}}
        """);
    Path other = BoardRuns.create(folder.resolve("runs/a2c"), "a2c", "CartPole-v1", 0.99, 1);
    BoardRuns.append(other, 0, 400, 200, 9);
    Path broken = BoardRuns.create(folder.resolve("runs/odd"), "ppo", "CartPole-v1", 0.5, 1);
    Files.writeString(broken.resolve("metrics.csv"), "steps,seconds\n1,x\n");
  }

  @ParameterizedTest
  @CsvSource({"1400, 950", "390, 844"})
  void runs_areShownFilteredSmoothedAndGrouped(int width, int height) throws Exception {
    study();
    open(width, height);
    await(() -> texts("#rows tr").size() == 4);
    assertNoSidewaysScrolling();
    awaitText("12 of 12 runs shown", "shown");
    awaitTexts("#rows th", "ppo, gamma=0.9, 5 seeds", "ppo, gamma=0.99, 5 seeds", "a2c, seed 1");
    awaitTexts("#columns th", "gamma");
    photograph("study-" + width);

    if (width < 500) {
      assertFalse(element("runs").isDisplayed());
      element("fold").click();
    }
    assertTrue(element("runs").isDisplayed());
    awaitPart("10 of 12 finished", "runs");
    awaitPart("'x' is no number", "runs");
    awaitTexts("#states button", "10 finished", "1 stopped", "1 broken");
    if (width < 500) {
      photograph("runs-" + width);
      element("fold").click();
    }

    // A filter leaves out lines and runs; words that begin with a minus exclude.
    String before = picture();
    element("filter").sendKeys("gamma=0.99 -a2c");
    await(() -> texts("#rows tr").size() == 1);
    awaitText("5 of 12 runs shown", "shown");
    await(() -> !before.equals(picture()));
    awaitTexts("#rows th", "ppo on CartPole-v1, 5 seeds");
    await(() -> ((String) script("return location.hash")).contains("gamma")); // kept in the address

    // Smoothing changes the picture, and says how far it reaches.
    String rough = picture();
    awaitText("off", "smoothed");
    slide("smooth", 60);
    await(() -> !rough.equals(picture()));
    awaitText("9k", "smoothed");

    // Seeds one by one.
    new Select(element("group")).selectByValue("runs");
    await(() -> texts("#rows tr").size() == 5);
    await(() -> texts("#rows th").get(0).endsWith(", seed 1"));

    // Over time, and another metric.
    new Select(element("x")).selectByValue("seconds");
    String loss = picture();
    awaitTexts("#metric option", "mean return", "policy loss", "steps per second");
    assertEquals(
        List.of("rollout", "eval", "train", "time"),
        script("return [...document.querySelectorAll('#metric optgroup')].map(g => g.label)"));
    new Select(element("metric")).selectByValue("train/policy_loss");
    await(() -> !loss.equals(picture()) && texts("#columns th").contains("policy loss"));
    await(() -> texts("#rows td:nth-child(2)").stream().allMatch(v -> v.startsWith("0.0")));

    // The same again from the address alone.
    browser.navigate().refresh();
    await(() -> texts("#rows tr").size() == 5);
    assertEquals("gamma=0.99 -a2c", element("filter").getAttribute("value"));

    // Nothing fits.
    element("filter").sendKeys(" nonsense");
    await(() -> texts("#rows tr").isEmpty());
    awaitText("No run fits the filter.", "empty");
    assertNoSidewaysScrolling();
    assertEquals(List.of(), Browser.complaints(browser));
  }

  @Test
  void keyboard_reachesEverything() throws Exception {
    study();
    open(1400, 950);
    await(() -> texts("#rows tr").size() == 4);
    script("document.activeElement.blur()");
    browser.findElement(By.tagName("body")).sendKeys("/");
    assertEquals("filter", browser.switchTo().activeElement().getAttribute("id"));
    browser.switchTo().activeElement().sendKeys("a2c");
    await(() -> texts("#rows tr").size() == 1);
    StringBuilder reached = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      browser.switchTo().activeElement().sendKeys(Keys.TAB);
      reached.append(browser.switchTo().activeElement().getAttribute("id")).append(' ');
    }
    for (String control : List.of("all", "metric", "x", "group", "smooth")) {
      assertTrue(reached.toString().contains(control + " "), control + " is not in " + reached);
    }
    // Dark and light.
    String theme = (String) script("return document.documentElement.dataset.theme");
    String before = picture();
    element("theme").sendKeys(Keys.ENTER);
    assertNotEquals(theme, script("return document.documentElement.dataset.theme"));
    await(() -> !before.equals(picture()));
    element("filter").clear();
    element("filter").sendKeys(" ");
    await(() -> texts("#rows tr").size() == 4);
    photograph("dark");
    assertEquals(List.of(), Browser.complaints(browser));
  }

  /** What directories say is text. */
  @Test
  void markupOfDirectories_isText() throws Exception {
    String evil = "<img src=x onerror=document.title=1>";
    Path run = BoardRuns.create(folder.resolve(evil), evil, evil, 0.9, 1);
    BoardRuns.append(run, 0, 10, 100, 1);
    Path broken = BoardRuns.create(folder.resolve("broken"), "ppo", "CartPole-v1", 0.9, 1);
    Files.writeString(broken.resolve("metrics.csv"), "steps,seconds\n1," + evil + "\n");
    Path metric = BoardRuns.create(folder.resolve("metric"), "ppo", "CartPole-v1", 0.9, 1);
    Files.writeString(metric.resolve("metrics.csv"), "steps,seconds," + evil + "\n1,1,1\n");
    open(1400, 950);
    await(() -> texts("#rows tr").size() >= 1);
    assertEquals(0, number("document.querySelectorAll('img').length"));
    assertEquals("DeepRL4J board", browser.getTitle());
    awaitTexts("#runs .name", evil);
    assertEquals(List.of(), Browser.complaints(browser));
  }

  /**
   * The run waits where the page is looked at, so that nothing is missed and nothing takes long.
   */
  @ParameterizedTest
  @CsvSource({"1400, 950", "390, 844"})
  void trainingThatGoesOn_isWatchedLive(int width, int height) throws Exception {
    Browser.start(100, 100).quit(); // skipped without one, before anything runs
    List<String> command =
        Cli.process(
            "train",
            "ppo",
            "--env",
            Held.class.getName(),
            "--steps",
            20_000,
            "--out",
            folder.resolve("pole"),
            "--threads",
            1,
            "--set",
            "environments=1",
            "--set",
            "rolloutSteps=500",
            "--set",
            "batchSize=100",
            "--evaluate-every",
            5_000,
            "--episodes",
            2);
    open(width, height);
    awaitText("No runs here yet. They appear as they begin.", "empty");
    Process training = Held.start(held, "10250,15250", held.resolve("log"), command);
    try {
      await(() -> texts("#rows td.state").contains("running"));
      if (Files.exists(Path.of("/proc/locks"))) {
        await(() -> texts("#rows td:nth-child(6)").get(0).endsWith("MB"));
      }
      awaitTexts("#rows td:nth-child(4)", "10k of 20k");
      String first = picture();
      Held.release(held, 10_250);
      awaitTexts("#rows td:nth-child(4)", "15k of 20k");
      await(() -> !first.equals(picture()));
      photograph("live-" + width);
      assertNoSidewaysScrolling();
      awaitText("live", "live");
      Held.release(held, 15_250);
      await(() -> texts("#rows td.state").contains("finished"));
      assertEquals(0, training.waitFor());
      awaitTexts("#rows td:nth-child(4)", "20k of 20k");

      // The final policy plays.
      if (width < 500) {
        element("fold").click();
      }
      browser.findElement(By.cssSelector(".run .watch")).click();
      await(
          () -> script("return document.getElementById('stagebox').dataset.step ?? null") != null);
      if (element("play").getText().equals("Play")) {
        element("play").click();
      }
      await(() -> number("Number(document.getElementById('stagebox').dataset.step)") > 5);
      awaitPart("step ", "episodefacts");
      photograph("episode-" + width);
      assertNoSidewaysScrolling();
      element("closeepisode").click();
      assertFalse(element("episodecard").isDisplayed());
      assertEquals(List.of(), Browser.complaints(browser));
    } finally {
      training.destroyForcibly().waitFor();
    }
  }

  /** While a slider moves, and all runs grow. */
  @Test
  @EnabledIfEnvironmentVariable(
      named = "RL_SLOW",
      matches = "1",
      disabledReason = "wants a quiet machine; RL_SLOW=1 runs it, as .ci/run does")
  void twoHundredRuns_staySmooth() throws Exception {
    for (int i = 0; i < 200; i++) {
      Path run =
          BoardRuns.create(
              folder.resolve("study/g" + i / 10 + "/seed-" + i % 10),
              "ppo",
              "CartPole-v1",
              0.9 + 0.001 * Math.floorDiv(i, 10),
              i % 10);
      BoardRuns.append(run, 0, 1000, 300 + i, i);
    }
    open(1400, 950);
    new Select(element("group")).selectByValue("runs");
    await(
        () ->
            number(
                    "[...document.querySelectorAll('#rows td:nth-child(2)')].filter(c => c.textContent !== '–').length")
                == 100);
    awaitText("200 of 200 runs shown", "shown");
    awaitPart("The first 100 of 200 curves.", "common");
    for (int i = 0; i < 200; i++) {
      BoardRuns.append(folder.resolve("study/g" + i / 10 + "/seed-" + i % 10), 1000, 1, 300 + i, i);
    }
    browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(60));
    browser.executeCdpCommand("Performance.enable", Map.of("timeDomain", "threadTicks"));
    double before = work();
    @SuppressWarnings("unchecked")
    List<Number> frames =
        (List<Number>)
            browser.executeAsyncScript(
                """
                const done = arguments[0];
                const slider = document.getElementById('smooth');
                const times = [];
                let before = performance.now();
                let value = 0;
                function frame(now) {
                  times.push(now - before);
                  before = now;
                  if (times.length === 60) done(times);
                  else {
                    slider.value = value = (value + 3) % 100;
                    slider.dispatchEvent(new Event('input'));
                    requestAnimationFrame(frame);
                  }
                }
                requestAnimationFrame(frame);
                """);
    double work = (work() - before) * 1000 / frames.size();
    double[] sorted = frames.stream().mapToDouble(Number::doubleValue).sorted().toArray();
    String said =
        "%.1f ms of work a frame; from frame to frame median %.1f, 90 %% %.1f ms"
            .formatted(work, sorted[30], sorted[53]);
    System.out.println("200 runs of 1,000 points: " + said);
    photograph("many");
    assertTrue(work < 50, said);
    assertEquals(List.of(), Browser.complaints(browser));
  }

  /** Seconds of the page's thread: other processes delay its frames, but not this clock. */
  private double work() {
    List<?> all =
        (List<?>) browser.executeCdpCommand("Performance.getMetrics", Map.of()).get("metrics");
    for (Object one : all) {
      Map<?, ?> metric = (Map<?, ?>) one;
      if ("TaskDuration".equals(metric.get("name"))) {
        return ((Number) metric.get("value")).doubleValue();
      }
    }
    throw new AssertionError("no TaskDuration in " + all);
  }

  /** Known answers of what the page computes. */
  @Test
  void curves_areComputedRight() throws Exception {
    open(800, 600);
    Object found =
        browser.executeAsyncScript(
            """
            const done = arguments[0];
            import('./curves.js').then(({ smoothed, resampled, summary, together, Curve }) => {
              const curve = new Curve();
              curve.take({ from: 0, steps: [0, 1, 2], seconds: [0, 1, 2], values: [5, null, 7] });
              curve.take({ from: 2, steps: [2, 3], seconds: [2, 3], values: [8, 9] });
              const e = Math.exp(-1);
              const y = smoothed([0, 2, 4], [1, 3, 5], 2);
              done(JSON.stringify([
                Array.from(curve.finite('steps').xs).concat(Array.from(curve.finite('steps').ys)),
                [y[0], Math.abs(y[1] - (3 + e) / (1 + e)) < 1e-12, Math.abs(y[2] - (5 + 3 * e + e * e) / (1 + e + e * e)) < 1e-12],
                Array.from(resampled([0, 10], [0, 100], 0, 20, 5)).map(v => Number.isNaN(v) ? 'none' : v),
                Array.from(resampled([0, 1, 2, 3, 4], [0, 2, 4, 6, 8], 0, 4, 2)),
                summary([4, 1, 100, 2, 3], 'iqm'),
                summary([1, 3], 'mean'),
                together([new Float64Array([1, NaN]), new Float64Array([3, NaN]), new Float64Array([5, 6])], 'iqm').middle,
                [curve.steps, curve.values, curve.last('steps')],
              ]));
            });
            """);
    assertEquals(
        "[[0,2,3,5,8,9],[1,true,true],[0,50,100,\"none\",\"none\"],[1,6],[3,2,4],[2,1,3],"
            + "[3,null],[[0,1,2,3],[5,null,8,9],3]]",
        found);
  }
}
