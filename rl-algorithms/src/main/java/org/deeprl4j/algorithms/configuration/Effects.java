package org.deeprl4j.algorithms.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/** Which settings of a configuration have an effect, as {@link OnlyWith} declares it. */
public final class Effects {
  private Effects() {}

  /**
   * The settings that have none, each with what takes it from them, such as {@code "with objective
   * = CPI: leave it out, or change objective"}.
   *
   * @param actions of the environment
   * @param begun whether the run goes on, rather than begins
   */
  public static Map<String, String> missing(Record configuration, Space actions, boolean begun) {
    ObjectNode values = Configurations.toJson(configuration);
    Map<String, String> missing = new LinkedHashMap<>();
    for (RecordComponent setting : configuration.getClass().getRecordComponents()) {
      OnlyWith needs = setting.getAnnotation(OnlyWith.class);
      if (needs == null) {
        continue;
      }
      if (needs.initially() && begun) {
        missing.put(setting.getName(), "in a run that has begun: leave it out");
      }
      if (needs.continuousActions() && !(actions instanceof Box)) {
        missing.put(setting.getName(), "with actions that are " + actions + ": leave it out");
      }
      for (String condition : needs.value()) {
        String[] either = condition.split(" or ");
        if (Arrays.stream(either).noneMatch(one -> holds(one, values))) {
          String other = setting(either[0]);
          missing.put(
              setting.getName(),
              "with %s = %s: leave it out, or change %s"
                  .formatted(other, Configurations.text(values.required(other)), other));
        }
      }
    }
    return missing;
  }

  /**
   * Refuses settings that were given and have no effect.
   *
   * @param configuration with those settings
   * @param given the settings, flat; nobody asks for anything by a null
   * @param repeatable values that may be given without an effect: those of the configuration before
   *     them, of which a file may list all; or none
   * @param actions of the environment
   * @param begun whether the run goes on, rather than begins
   * @throws IllegalArgumentException naming the setting and what takes the effect from it
   */
  public static void require(
      Record configuration,
      Configurations.Layer given,
      ObjectNode repeatable,
      Space actions,
      boolean begun) {
    ObjectNode values = Configurations.toJson(configuration);
    missing(configuration, actions, begun)
        .forEach(
            (setting, why) -> {
              JsonNode value = values.required(setting);
              if (given.settings().has(setting)
                  && !value.isNull()
                  && !value.equals(repeatable.get(setting))) {
                throw new IllegalArgumentException(
                    "%s = %s has no effect %s (%s)"
                        .formatted(setting, Configurations.text(value), why, given.origin()));
              }
            });
  }

  private static String setting(String condition) {
    return condition.split("!?=", 2)[0];
  }

  private static boolean holds(String condition, ObjectNode values) {
    JsonNode value = values.required(setting(condition));
    String[] wanted = condition.split("!?=", 2)[1].split("\\|");
    return Arrays.stream(wanted).anyMatch(text -> is(value, text)) != condition.contains("!=");
  }

  private static boolean is(JsonNode value, String text) {
    return value.isNumber()
        ? !text.equals("none") && value.doubleValue() == Double.parseDouble(text)
        : Configurations.text(value).equals(text);
  }
}
