package org.deeprl4j.experiments.board;

import org.jspecify.annotations.Nullable;

/**
 * A study below the board's directory.
 *
 * @param id its path there, with slashes; empty for the directory itself
 * @param planned how many runs it is to have
 * @param problem what is wrong with it, in one line; null if nothing is
 */
public record BoardStudy(String id, int planned, @Nullable String problem) {}
