package org.deeprl4j.experiments.search;

/** How a range is divided: equal distances after a transformation are equally likely. */
enum Scale {
  /** x. */
  LINEAR,
  /** log x, for x > 0: equal factors. */
  LOG,
  /** log(x / (1 − x)), for 0 &lt; x &lt; 1: equal factors of x near 0, and of 1 − x near 1. */
  LOGIT;

  double apply(double x) {
    return switch (this) {
      case LINEAR -> x;
      case LOG -> Math.log(x);
      case LOGIT -> Math.log(x / (1 - x));
    };
  }

  double invert(double y) {
    return switch (this) {
      case LINEAR -> y;
      case LOG -> Math.exp(y);
      case LOGIT -> 1 / (1 + Math.exp(-y));
    };
  }

  /** Whether all values of a range can be transformed. */
  boolean accepts(double low, double high) {
    return switch (this) {
      case LINEAR -> true;
      case LOG -> low > 0;
      case LOGIT -> low > 0 && high < 1;
    };
  }
}
