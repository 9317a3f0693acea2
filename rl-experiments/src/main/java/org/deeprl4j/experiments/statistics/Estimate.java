package org.deeprl4j.experiments.statistics;

/**
 * A figure and the interval that the {@link Bootstrap} gives it.
 *
 * @param value the figure of the runs themselves
 * @param low lower end of the interval
 * @param high upper end of the interval
 */
public record Estimate(double value, double low, double high) {}
