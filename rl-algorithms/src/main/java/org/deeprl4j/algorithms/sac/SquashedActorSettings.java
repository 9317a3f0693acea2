package org.deeprl4j.algorithms.sac;

import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.deeprl4j.nn.Activation;
import org.jspecify.annotations.Nullable;

/** What a {@link SquashedActor} reads of a configuration. */
interface SquashedActorSettings extends OffPolicySettings {
  /** Widths of the hidden layers. */
  List<Integer> hidden();

  /** Of the hidden layers. */
  Activation activation();

  /** Where log σ comes from. */
  LogStd logStd();

  /** log σ at the start, unless it is STATE_DEPENDENT. */
  double initialLogStd();

  /** Steps of an environment for which gSDE's noise is held; null for those of a round. */
  @Nullable Integer noiseHold();

  /** Adam's ε. */
  double adamEpsilon();
}
