package org.deeprl4j.algorithms.training;

/** The settings that the episodic regime reads. */
public interface EpisodicSettings extends ScalingSettings {
  /** K, whole episodes per update. */
  int episodesPerUpdate();
}
