package org.deeprl4j.algorithms.training;

/** The settings that the episodic regime reads. */
public interface EpisodicSettings {
  /** K, whole episodes per update. */
  int episodesPerUpdate();
}
