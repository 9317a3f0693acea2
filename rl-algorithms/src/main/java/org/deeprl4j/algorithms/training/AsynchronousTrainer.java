package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.RewardScaler;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous regime (Mnih et al. 2016): actor-learners on separate threads update shared
 * parameters whenever they have a gradient, without waiting for one another. They pause together
 * from time to time, for metrics, evaluations and checkpoints.
 *
 * <p>With one actor-learner a run is deterministic. With several, only the order in which the
 * threads run is not. A resumed run continues with the states of all actor-learners. Statistics for
 * normalising are shared like parameters: an actor-learner adds what it has seen when it takes over
 * the parameters, and goes on with the statistics of all.
 */
public final class AsynchronousTrainer implements Trainer {
  /**
   * Steps between two pauses: long compared with the wait for the slowest thread, short compared
   * with a run.
   */
  private static final int ITERATION = 2048;

  private final TrainingSetup setup;
  private final AsynchronousSettings settings;
  private final ObservationEncoder encoder; // with the statistics of all threads
  private final @Nullable RewardScaler rewardScaler; // likewise
  private final AsynchronousLearner learner;
  private final FiniteState state; // of the learner
  private final Compute compute; // one thread, for the calling actor-learner
  private final ExecutorService threads;
  private final List<SingleEnvironment> environments = new ArrayList<>();
  private final List<AsynchronousLearner.ActorLearner> actorLearners = new ArrayList<>();
  private final List<Rng> randoms = new ArrayList<>();
  private final EpisodeLog episodes = new EpisodeLog();
  private final AtomicLong counter = new AtomicLong(); // T
  private volatile boolean halt;

  /** Creates the environments and actor-learners. */
  public AsynchronousTrainer(
      TrainingSetup setup,
      AsynchronousSettings settings,
      Function<LearnerContext, AsynchronousLearner> learners) {
    this.setup = setup;
    this.settings = settings;
    int count = settings.actorLearners();
    Rng random = new Rng(setup.seed());
    Rng initialRandom = random.split();
    for (int i = 0; i < count; i++) {
      environments.add(
          new SingleEnvironment(setup, settings, episodes, counter::get, random.split()));
    }
    SingleEnvironment first = environments.get(0);
    if (first.encoder().maskSize() > 0) {
      environments.forEach(SingleEnvironment::close);
      throw new IllegalArgumentException(
          "asynchronous methods know no action masks: use ppo, a2c, trpo, npg, reinforce, dqn or sac-discrete");
    }
    encoder = new ObservationEncoder(first.encoder().space(), settings.normalizeObservations());
    rewardScaler =
        settings.normalizeRewards()
            ? new RewardScaler(1, settings.gamma(), RewardScaler.CLIP)
            : null;
    environments.forEach(environment -> environment.share(encoder, rewardScaler));
    learner =
        learners.apply(
            new LearnerContext(
                setup.compute(),
                encoder,
                new Features(setup.features(), encoder),
                first.actionSpace(),
                initialRandom));
    state = new FiniteState(learner);
    compute = Compute.create(setup.compute().kernels(), 1);
    for (int i = 0; i < count; i++) {
      Rng own = random.split();
      randoms.add(own);
      actorLearners.add(learner.actorLearner(i, environments.get(i), compute, own));
    }
    AtomicInteger number = new AtomicInteger();
    threads =
        Executors.newFixedThreadPool(
            count,
            task -> {
              Thread thread = new Thread(task, "rl-actor-learner-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public long steps() {
    return counter.get();
  }

  @Override
  public boolean done() {
    return counter.get() >= setup.totalSteps();
  }

  @Override
  public OptionalLong iterationSteps() {
    return OptionalLong.of(ITERATION);
  }

  /**
   * Lets the actor-learners run for some steps. If one of them fails, the others stop after their
   * current segment and the failure is thrown; what they have learned is kept. If the calling
   * thread is interrupted, they stop likewise and its interrupted status is set again.
   */
  @Override
  public Metrics iterate() {
    return state.guard(this::advance, this::steps, () -> Configurations.suspects(settings));
  }

  private Metrics advance() {
    long until = Math.min((steps() / ITERATION + 1) * ITERATION, setup.totalSteps());
    halt = false;
    learner.sharedParametersChange();
    List<Future<Averages>> running = new ArrayList<>();
    for (int i = 0; i < actorLearners.size(); i++) {
      int index = i;
      running.add(threads.submit(() -> run(index, until)));
    }
    Averages averages = new Averages(learner.metrics());
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<Averages> one : running) {
      boolean ended = false;
      while (!ended) {
        try {
          averages.addAll(one.get());
          ended = true;
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          ended = true;
        } catch (InterruptedException e) {
          halt = true;
          interrupted = true;
        }
      }
    }
    learner.sharedParametersChange();
    environments.forEach(SingleEnvironment::takeOver); // so that those of all are complete
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return new Metrics(episodes.metrics(), averages.values());
  }

  /** Runs one actor-learner until the counter reaches its goal. */
  private Averages run(int index, long until) {
    Averages averages = new Averages(learner.metrics());
    try {
      while (!halt) {
        long step = counter.get();
        if (step >= until) {
          break;
        }
        int most = (int) Math.min(settings.rolloutSteps(), setup.totalSteps() - step);
        if (counter.compareAndSet(step, step + most)) {
          double progress = (double) step / setup.totalSteps();
          int taken = 0;
          try {
            environments.get(index).takeOver();
            taken = actorLearners.get(index).advance(most, step, progress, averages);
          } finally {
            counter.addAndGet(taken - most);
          }
        }
      }
    } catch (Throwable t) {
      halt = true;
      throw t;
    }
    return averages;
  }

  @Override
  public boolean savesAfterFailure() {
    return true;
  }

  @Override
  public int restarted() {
    return (int) environments.stream().filter(SingleEnvironment::restarted).count();
  }

  @Override
  public EpisodeLog episodes() {
    return episodes;
  }

  @Override
  public Policy policy() {
    return learner.policy();
  }

  @Override
  public void save(StateWriter out) {
    out.put("steps", counter.get());
    if (encoder.normalizes()) {
      out.put("encoder", encoder);
    }
    if (rewardScaler != null) {
      out.put("rewardScaler", rewardScaler);
    }
    out.put("learner", state);
    out.put("episodes", episodes);
    out.put("workers", actorLearners.size());
    for (int i = 0; i < actorLearners.size(); i++) {
      out.put("environment." + i, environments.get(i));
      out.put("actorLearner." + i, actorLearners.get(i));
      out.put("random." + i, randoms.get(i));
    }
  }

  @Override
  public void load(StateReader in) {
    counter.set(in.getLong("steps"));
    learner.sharedParametersChange();
    if (encoder.normalizes()) {
      in.get("encoder", encoder);
    }
    if (rewardScaler != null) {
      in.get("rewardScaler", rewardScaler);
    }
    in.get("learner", state);
    in.get("episodes", episodes);
    int count = in.getInt("workers");
    if (count != actorLearners.size()) {
      throw new StateFormatException(
          "the state is that of %d actor-learners, not of %d"
              .formatted(count, actorLearners.size()));
    }
    for (int i = 0; i < actorLearners.size(); i++) {
      in.get("environment." + i, environments.get(i)); // before whoever asks whether it restarted
      in.get("actorLearner." + i, actorLearners.get(i));
      in.get("random." + i, randoms.get(i));
    }
  }

  @Override
  public void close() {
    halt = true;
    threads.shutdownNow();
    environments.forEach(SingleEnvironment::close);
    compute.close();
  }
}
