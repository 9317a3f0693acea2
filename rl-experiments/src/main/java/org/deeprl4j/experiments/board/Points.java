package org.deeprl4j.experiments.board;

/**
 * Points of a curve, from one of them on to the last.
 *
 * @param generation changes when points before {@code from} have been replaced by others
 * @param from the index of the first point here
 * @param complete how many points, from the curve's first one on, stay as they are within this
 *     generation
 * @param steps [n] environment steps, ascending
 * @param seconds [n] of training, NaN where they are not known
 * @param values [n], NaN where there is none
 */
public record Points(
    int generation, int from, int complete, double[] steps, double[] seconds, double[] values) {}
