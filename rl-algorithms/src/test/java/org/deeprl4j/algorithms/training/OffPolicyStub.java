package org.deeprl4j.algorithms.training;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/** Explores with zeros and has no policy; tests say what it does with its batches. */
abstract class OffPolicyStub implements OffPolicyLearner {
  @Override
  public void explore(
      Tensor observations, float[] raw, double progress, Rng random, float[] actions) {
    Arrays.fill(actions, 0);
  }

  @Override
  public List<String> metrics() {
    return List.of();
  }

  @Override
  public Policy policy() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ActionValueFunction actionValueFunction() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void save(StateWriter out) {}

  @Override
  public void load(StateReader in) {}
}
