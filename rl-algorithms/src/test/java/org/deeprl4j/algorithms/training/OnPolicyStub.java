package org.deeprl4j.algorithms.training;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/** Acts by its networks, which stay as they are; tests say what it does with its rollouts. */
public abstract class OnPolicyStub implements OnPolicyLearner {
  private final ActorCritic model;

  /** A stub with one hidden layer of four units. */
  protected OnPolicyStub(LearnerContext context) {
    this(context, MlpArchitecture.apart(List.of(4), Activation.TANH, 0));
  }

  /** A stub with networks of its own, and the usual distribution. */
  protected OnPolicyStub(LearnerContext context, ActorCritic.Architecture architecture) {
    this(context, architecture, Distributions.forActionSpace(context.actionSpace()));
  }

  /** A stub with networks and a distribution of its own. */
  protected OnPolicyStub(
      LearnerContext context,
      ActorCritic.Architecture architecture,
      ActionDistribution distribution) {
    model = ActorCritic.together(context, architecture, distribution);
  }

  @Override
  public ActorCritic model() {
    return model;
  }

  @Override
  public List<String> metrics() {
    return List.of();
  }

  @Override
  public void save(StateWriter out) {}

  @Override
  public void load(StateReader in) {}
}
