package org.deeprl4j.cli;

import java.math.BigDecimal;
import picocli.CommandLine.TypeConversionException;

/** Whole numbers as people write them: 100000, 100_000 or 1e5. */
final class Numbers {
  private Numbers() {}

  /**
   * Reads a whole number.
   *
   * @throws TypeConversionException if it is none, or too large
   */
  static long ofLong(String text) {
    return parse(text).longValue();
  }

  /** As above, of fewer digits. */
  static int ofInt(String text) {
    BigDecimal number = parse(text);
    if (number.intValue() != number.longValue()) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
    return number.intValue();
  }

  private static BigDecimal parse(String text) {
    BigDecimal number;
    try {
      number = new BigDecimal(text.replaceAll("(?<=\\d)_(?=\\d)", ""));
    } catch (NumberFormatException e) {
      throw notWhole(text);
    }
    if (number.precision() - number.scale() > 19) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
    if (number.stripTrailingZeros().scale() > 0) {
      throw notWhole(text);
    }
    if (number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        || number.compareTo(BigDecimal.valueOf(Long.MIN_VALUE)) < 0) {
      throw new TypeConversionException("'" + text + "' is too large");
    }
    return number;
  }

  private static TypeConversionException notWhole(String text) {
    return new TypeConversionException(
        "'" + text + "' is not a whole number, such as 100000, 100_000 or 1e5");
  }
}
