package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;

/**
 * The parts from which a learner is built, once its environment is known.
 *
 * @param compute kernels and threads
 * @param encoder from raw observations to the networks' input
 * @param features what the networks' hidden layers see of the encoded observation
 * @param actionSpace the action space of the environment
 * @param random draws initial parameters
 */
public record LearnerContext(
    Compute compute, ObservationEncoder encoder, Features features, Space actionSpace, Rng random) {

  /** Creates a network with parameters drawn from {@link #random}. */
  public Network network(NetworkSpec spec) {
    return compute.network(spec, random);
  }

  /** Returns the policy in a network's columns; it shares the network. */
  public NetworkPolicy policy(Network network, int firstColumn, NetworkPolicy.Head head) {
    return new NetworkPolicy(compute, encoder, actionSpace, network, firstColumn, head);
  }
}
