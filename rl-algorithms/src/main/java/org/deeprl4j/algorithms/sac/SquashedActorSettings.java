package org.deeprl4j.algorithms.sac;

import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.jspecify.annotations.Nullable;

/** What a {@link SquashedActor} reads of a configuration. */
interface SquashedActorSettings extends OffPolicySettings {
  /** Where log σ comes from. */
  LogStd logStd();

  /** initial log σ, unless logStd is STATE_DEPENDENT. */
  double initialLogStd();

  /** Steps of an environment for which gSDE's noise is held; null for those of a round. */
  @Nullable Integer noiseHold();
}
