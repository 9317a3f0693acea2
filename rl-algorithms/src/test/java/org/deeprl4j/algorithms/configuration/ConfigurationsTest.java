package org.deeprl4j.algorithms.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.schedule.Schedule;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationsTest {
  enum Color {
    RED,
    DEEP_BLUE
  }

  @NullMarked
  record Inner(int width, @Nullable Double bound) {}

  @NullMarked
  record Sample(
      int count,
      long total,
      double rate,
      boolean flag,
      Color color,
      String name,
      Schedule schedule,
      List<Integer> sizes,
      @Nullable Double limit,
      Inner inner) {
    Sample {
      if (count < 1 || count > total) {
        throw new IllegalArgumentException("count must be in [1, " + total + "], not " + count);
      }
    }
  }

  private static final Sample DEFAULTS =
      new Sample(
          3,
          10,
          0.5,
          true,
          Color.RED,
          "plain",
          Schedule.constant(3e-4),
          List.of(64, 64),
          1.5,
          new Inner(7, null));

  private static Sample set(String... assignments) {
    return Configurations.bind(
        DEFAULTS, List.of(Configurations.assignments("--set", List.of(assignments))));
  }

  private static String messageOf(String... assignments) {
    return assertThrows(IllegalArgumentException.class, () -> set(assignments)).getMessage();
  }

  private static JsonNode json(String text) throws Exception {
    return JsonMapper.builder().build().readTree(text.replace('\'', '"'));
  }

  @Test
  void texts_becomeEveryType() {
    Sample expected =
        new Sample(
            20,
            1_000_000,
            1e-3,
            false,
            Color.DEEP_BLUE,
            "a=b",
            Schedule.linear(1e-3, 0),
            List.of(400, 300),
            null,
            new Inner(8, 0.25));
    assertEquals(
        expected,
        set(
            "count=20",
            "total=1e6",
            "rate=1e-3",
            "flag=False",
            "color=deep-blue",
            "name=a=b",
            "schedule=linear(1e-3, 0)",
            "sizes=400, 300",
            "limit=none",
            "inner.width=8",
            "inner.bound=.25"));
    assertEquals(List.of(), set("sizes=[]").sizes());
    assertEquals(List.of(32), set("sizes=32").sizes());
    assertEquals(Schedule.constant(0.1), set("schedule=0.1").schedule());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3e-4",
        "linear(3e-4, 0)",
        "cosine(3e-4,1e-5)",
        "exponential(3e-4, 1e-5)",
        "piecewise(0: 3e-4, 0.5: 1e-4, 1: 1e-5)"
      })
  void schedules_areReadAndWrittenInEveryForm(String text) {
    Sample sample = set("schedule=" + text);
    assertEquals(Schedule.parse(text), sample.schedule());
    JsonNode written = Configurations.toJson(sample);
    assertEquals(text.equals("3e-4"), written.get("schedule").isNumber());
    assertEquals(
        sample, Configurations.bind(DEFAULTS, List.of(new Configurations.Layer("json", written))));
  }

  @Test
  void jsonValues_becomeEveryType() throws Exception {
    JsonNode node =
        json(
            "{'count': 4, 'flag': false, 'schedule': 0.1, 'sizes': [5, 6], 'limit': null, 'inner':"
                + " {'bound': 2}}");
    Sample sample = Configurations.bind(DEFAULTS, List.of(new Configurations.Layer("file", node)));
    assertEquals(4, sample.count());
    assertEquals(Schedule.constant(0.1), sample.schedule());
    assertEquals(List.of(5, 6), sample.sizes());
    assertNull(sample.limit());
    // what the file leaves out keeps its default, in nested records too
    assertEquals(new Inner(7, 2.0), sample.inner());
    assertEquals(0.5, sample.rate());
  }

  @Test
  void laterLayersWin_andARangeMayMoveWithAnotherSetting() throws Exception {
    // 50 is out of the default range [1, 10]; only the merged values must be legal
    Sample sample =
        Configurations.bind(
            DEFAULTS,
            List.of(
                new Configurations.Layer(
                    "preset", json("{'count': 50, 'rate': 2, 'inner': {'width': 1}}")),
                new Configurations.Layer("file", json("{'total': 100, 'inner': {'bound': 3}}")),
                Configurations.assignments("--set", List.of("rate=3"))));
    assertEquals(50, sample.count());
    assertEquals(3, sample.rate());
    assertEquals(new Inner(1, 3.0), sample.inner());
  }

  @Test
  void json_isCompleteAndRoundTrips() {
    Sample odd =
        new Sample(
            1,
            Long.MAX_VALUE,
            0.1 + 0.2,
            false,
            Color.DEEP_BLUE,
            "",
            Schedule.linear(1.0 / 3, 1e-300),
            List.of(),
            null,
            new Inner(-1, 5e-324));
    for (Record configuration : List.of(odd, DEFAULTS, PpoConfig.defaults())) {
      JsonNode written = Configurations.toJson(configuration);
      assertEquals(configuration.getClass().getRecordComponents().length, written.size());
      Record base = configuration instanceof Sample ? DEFAULTS : PpoConfig.defaults();
      assertEquals(
          configuration,
          Configurations.bind(base, List.of(new Configurations.Layer("json", written))));
    }
  }

  @Test
  void unknownName_suggestsTheNearest() {
    assertTrue(messageOf("cuont=1").startsWith("no setting 'cuont'; did you mean count?"));
    assertTrue(
        messageOf("inner.widht=1").contains("did you mean inner.width"),
        messageOf("inner.widht=1"));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    Configurations.bind(
                        PpoConfig.defaults(),
                        List.of(Configurations.assignments("--set", List.of("learning_rate=1")))))
            .getMessage();
    assertTrue(message.contains("did you mean learningRate"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "count=1.5     | count must be a whole number of 32 bits, not \"1.5\" (--set)",
        "count=4e9     | count must be a whole number of 32 bits, not \"4e9\" (--set)",
        "count=none    | count must be a whole number of 32 bits, not \"none\" (--set)",
        "rate=fast     | rate must be a number, not \"fast\" (--set)",
        "rate=1f       | rate must be a number, not \"1f\" (--set)",
        "rate=1e       | rate must be a number, not \"1e\" (--set)",
        "limit=x       | limit must be a number or none, not \"x\" (--set)",
        "flag=yes      | flag must be true or false, not \"yes\" (--set)",
        "color=green   | color must be one of [RED, DEEP_BLUE], not \"green\" (--set)",
        "schedule=soon | schedule must be a number such as 3e-4, linear(1e-3, 0), cosine(1e-3, 0), exponential(1e-3, 1e-5) with positive values, or piecewise(0: 1e-3, 0.5: 1e-4, 1: 0) with ascending fractions of the run, not \"soon\" (--set)",
        "sizes=64,x    | sizes must be a list such as \"64,64\" whose elements are each a whole number of 32 bits, not \"64,x\" (--set)",
        "inner=3       | --set: inner must be settings by name, not \"3\"",
        "count=11      | count must be in [1, 10], not 11",
        "count         | --set takes name=value, not 'count'",
      })
  void badValue_isNamedWithWhatWasExpected(String assignment, String message) {
    assertEquals(message, messageOf(assignment));
  }

  @Test
  void settingAndItsPart_contradict() {
    assertEquals(
        "--set sets both 'inner' and a part of it", messageOf("inner=none", "inner.width=3"));
  }

  @Test
  void outOfRange_keepsTheRecordsOwnMessage() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Configurations.bind(
                    PpoConfig.defaults(),
                    List.of(Configurations.assignments("--set", List.of("gamma=1.5")))));
    assertEquals("gamma must be in [0.0, 1.0], not 1.5", e.getMessage());
  }
}
