package org.deeprl4j.state;

import java.util.Locale;

/** The types of fields; their order is the file format's numbering, from 0. */
enum FieldType {
  END,
  BOOLEAN,
  INT,
  LONG,
  DOUBLE,
  STRING,
  BYTES,
  BOOLEANS,
  INTS,
  LONGS,
  FLOATS,
  DOUBLES,
  OBJECT;

  private static final FieldType[] BY_CODE = values();

  byte code() {
    return (byte) ordinal();
  }

  /**
   * The type of a code.
   *
   * @throws StateFormatException if there is none
   */
  static FieldType of(byte code) {
    if (code < 0 || code >= BY_CODE.length) {
      throw new StateFormatException("a field is of " + label(code));
    }
    return BY_CODE[code];
  }

  /** The type as messages name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static String label(byte code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code].label() : "unknown type " + code;
  }
}
