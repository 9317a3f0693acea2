package org.deeprl4j.algorithms.configuration;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A setting that has an effect only beside certain values of others. Whoever gives it a value
 * elsewhere is told so, see {@link Effects}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OnlyWith {
  /**
   * Conditions, which must all hold: {@code "other=A|B"}, {@code "other!=A"}, or several of these
   * with {@code " or "} between them, and with values as {@code --set} takes them.
   */
  String[] value() default {};

  /** Whether actions must be continuous, a Box space. */
  boolean continuousActions() default false;

  /** Whether the setting is read only where a run begins, not where it goes on. */
  boolean initially() default false;
}
