package org.deeprl4j.experiments.study;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;

/**
 * Everything that determines the runs of a study, and the system they ran on: the content of {@code
 * study.json}. It is a study file itself, which {@link StudyFile} reads.
 *
 * @param format the format of the study's directory, {@link #FORMAT}
 * @param kernels the requested kernels
 * @param variants in the order of the tables
 * @param versions of this library, its commit, Java and ND4J; null in a file that a user wrote
 * @param commandLine the arguments that started the study; null in a file that a user wrote
 */
public record Study(
    int format,
    Compute.Kernels kernels,
    List<Variant> variants,
    @Nullable Map<String, String> versions,
    @Nullable List<String> commandLine) {

  /** The current format. */
  public static final int FORMAT = 1;

  private static final int MOST_VARIANTS = 5_000;
  private static final int MOST_RUNS = 100_000;

  /** Checks that the variants can be told apart. */
  public Study {
    variants = List.copyOf(variants);
    if (variants.isEmpty()) {
      throw new IllegalArgumentException("a study needs at least one variant");
    }
    requireFew(variants.size(), runs(variants));
    Map<String, Variant> directories = new HashMap<>();
    for (Variant variant : variants) {
      Variant other = directories.put(variant.directory(0), variant);
      if (other != null) {
        throw new IllegalArgumentException(
            "two variants in %s are called '%s': give each its own label"
                .formatted(variant.environment(), variant.label()));
      }
    }
  }

  static long runs(List<Variant> variants) {
    return variants.stream().mapToLong(variant -> variant.seeds().size()).sum();
  }

  /** Checks that {@code study.json} stays a file that can be read again. */
  static void requireFew(long variants, long runs) {
    if (variants > MOST_VARIANTS) {
      throw new IllegalArgumentException(
          "a study has at most %d variants, not %d".formatted(MOST_VARIANTS, variants));
    }
    if (runs > MOST_RUNS) {
      throw new IllegalArgumentException(
          "a study has at most %d runs, not %d".formatted(MOST_RUNS, runs));
    }
  }
}
