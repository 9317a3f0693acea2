package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;

/**
 * What a learner is made of, once its environment is known.
 *
 * @param compute kernels and threads
 * @param encoder from raw observations to the networks' input
 * @param actionSpace of the environment
 * @param random draws initial parameters
 */
public record LearnerContext(
    Compute compute, ObservationEncoder encoder, Space actionSpace, Rng random) {

  /** A network with parameters drawn from {@link #random}. */
  public Network network(NetworkSpec spec) {
    return compute.network(spec, random);
  }

  /** The policy in a network's columns, sharing the network. */
  public NetworkPolicy policy(Network network, int firstColumn, NetworkPolicy.Head head) {
    return new NetworkPolicy(compute, encoder, actionSpace, network, firstColumn, head);
  }
}
