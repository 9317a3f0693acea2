package org.deeprl4j.cli;

import java.io.IOException;
import java.util.ServiceLoader;
import org.deeprl4j.experiments.execution.ClusterProvider;

/** Connects to other machines by their address. */
final class Clusters {
  /** How Java names classes that are not there. */
  private static final String SPARK = "org/apache/spark/";

  /** Connects by what accepts the address. */
  interface Connection<T> {
    T with(ClusterProvider provider) throws IOException;
  }

  private Clusters() {}

  /**
   * Connects to an address.
   *
   * @param option that names the address, for messages
   * @throws UserError if the address is none, or what it needs is not there
   * @throws IOException if nothing answers
   */
  static <T> T connect(String option, String address, Connection<T> connection) throws IOException {
    try {
      return connection.with(provider(option, address));
    } catch (NoClassDefFoundError e) {
      if (String.valueOf(e.getMessage()).startsWith(SPARK)) {
        throw missing(option, address);
      }
      throw e;
    }
  }

  private static ClusterProvider provider(String option, String address) {
    for (ClusterProvider found :
        ServiceLoader.load(ClusterProvider.class, ClusterProvider.class.getClassLoader())) {
      if (found.accepts(address)) {
        return found;
      }
    }
    throw address.startsWith("spark:") || address.startsWith("local")
        ? missing(option, address)
        : new UserError(
            "%s must be spark://HOST:PORT or local[N], not '%s'".formatted(option, address));
  }

  private static UserError missing(String option, String address) {
    return new UserError(
        "%s %s needs Apache Spark 4.1 and rl-spark.jar on the class path: set SPARK_HOME to Spark's folder and start with ./rl, as docs/spark.md says"
            .formatted(option, address));
  }
}
