package org.deeprl4j.algorithms.sac;

import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.jspecify.annotations.Nullable;

/** The settings that a {@link SquashedActor} reads. */
interface SquashedActorSettings extends OffPolicySettings {
  /** The source of log σ. */
  LogStd logStd();

  /** initial log σ, unless logStd is STATE_DEPENDENT. */
  double initialLogStd();

  /** Steps of an environment for which gSDE's noise is held; null for the length of a round. */
  @Nullable Integer noiseHold();
}
