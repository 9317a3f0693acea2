package org.deeprl4j.replay;

/**
 * n-step transitions (Sutton and Barto 2018, section 7.1; Hessel et al. 2018), assembled as they
 * are sampled: they end early where the episode ends and at the newest transition.
 */
final class NStep {
  private final Transitions transitions;
  private final int steps;
  private final double gamma;

  NStep(Transitions transitions, int steps, double gamma) {
    if (steps < 1) {
      throw new IllegalArgumentException("the steps of a return must be at least 1, not " + steps);
    }
    if (!(gamma >= 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma must be in [0, 1], not " + gamma);
    }
    this.transitions = transitions;
    this.steps = steps;
    this.gamma = gamma;
  }

  double gamma() {
    return gamma;
  }

  /** Fills row b of a batch, but for its weight, with the transition that starts at a row. */
  void copy(int row, ReplayBatch batch, int b) {
    batch.indices()[b] = row;
    transitions.copyObservation(row, batch.observations(), b * transitions.observationSize);
    transitions.copyAction(row, batch.actions(), b * transitions.actionSize);
    int states = batch.between().size();
    int last = row;
    double discount = 1;
    double sum = transitions.reward(row);
    int m = 1;
    for (; m < steps && !transitions.ended(last) && !transitions.newest(last); m++) {
      last = transitions.after(last);
      discount *= gamma;
      sum += discount * transitions.reward(last);
      if (m <= states) {
        putBetween(last, discount, batch, m - 1, b);
      }
    }
    for (; m <= states; m++) {
      putBetween(last, 0, batch, m - 1, b);
    }
    batch.rewards()[b] = (float) sum;
    batch.discounts()[b] = transitions.terminated(last) ? 0 : (float) (discount * gamma);
    transitions.copyNextObservation(
        last, batch.nextObservations(), b * transitions.observationSize);
  }

  private void putBetween(int row, double discount, ReplayBatch batch, int k, int b) {
    transitions.copyObservation(row, batch.between().get(k), b * transitions.observationSize);
    batch.betweenDiscounts().get(k)[b] = (float) discount;
  }
}
