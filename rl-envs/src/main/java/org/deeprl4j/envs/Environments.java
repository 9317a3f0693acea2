package org.deeprl4j.envs;

import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.envs.arm.ArmHold;
import org.deeprl4j.envs.arm.ArmModel;
import org.deeprl4j.envs.arm.ArmReach;
import org.deeprl4j.envs.arm.ArmReachGoal;
import org.deeprl4j.envs.arm.ArmTrack;
import org.deeprl4j.envs.classic.Acrobot;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.envs.classic.CartPoleSwingUp;
import org.deeprl4j.envs.classic.ContinuousCartPole;
import org.deeprl4j.envs.classic.InvertedDoublePendulum;
import org.deeprl4j.envs.classic.InvertedPendulum;
import org.deeprl4j.envs.classic.MountainCar;
import org.deeprl4j.envs.classic.MountainCarContinuous;
import org.deeprl4j.envs.classic.Pendulum;
import org.deeprl4j.envs.classic.Reacher;
import org.deeprl4j.envs.goal.PointGoal;
import org.deeprl4j.envs.gym.GymEnvironments;
import org.deeprl4j.envs.toy.Identity;
import org.deeprl4j.envs.toy.IdentityContinuous;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.DiscretizeAction;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/** The environments by id, as the command line and configuration files name them. */
public final class Environments {
  /**
   * An environment of the library.
   *
   * @param id its name
   * @param description one line for lists
   * @param maxSteps the time limit of an episode
   * @param simulator makes one without its time limit
   */
  public record Entry(
      String id, String description, int maxSteps, Supplier<? extends Mdp> simulator) {

    /** A new environment with its time limit. */
    public Mdp make() {
      return new TimeLimit(simulator.get(), maxSteps);
    }
  }

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "CartPole-v1", "balance a pole, pushing its cart left or right", 500, CartPole::new),
          new Entry(
              "ContinuousCartPole",
              "balance a pole, pushing its cart with a force of choice",
              500,
              ContinuousCartPole::new),
          new Entry("Pendulum-v1", "swing a pendulum up and hold it", 200, Pendulum::new),
          new Entry(
              "Acrobot-v1", "swing up two links, driven at the joint between", 500, Acrobot::new),
          new Entry("MountainCar-v0", "rock a weak car out of a valley", 200, MountainCar::new),
          new Entry(
              "MountainCarContinuous-v0",
              "rock a weak car out of a valley with a force of choice, at a cost",
              999,
              MountainCarContinuous::new),
          new Entry(
              "CartPoleSwingUp", "swing a hanging pole up and hold it", 1000, CartPoleSwingUp::new),
          new Entry(
              "InvertedPendulum-v5", "balance a heavy pole on a cart", 1000, InvertedPendulum::new),
          new Entry(
              "InvertedDoublePendulum-v5",
              "balance two poles, one on the other, on a cart",
              1000,
              InvertedDoublePendulum::new),
          new Entry(
              "Reacher-v5", "reach a point with a planar arm of two joints", 50, Reacher::new),
          new Entry("ArmReach", "reach a point with a human arm of 7 joints", 100, ArmReach::new),
          new Entry(
              "ArmReachSparse",
              "the same, with a cost of 1 for every step away from it",
              100,
              () -> new ArmReach(ArmModel.human(), ArmReach.Reward.SPARSE)),
          new Entry(
              "ArmReachGoal",
              "the same as a task with goals, for hindsight replay",
              100,
              ArmReachGoal::new),
          new Entry(
              "ArmReachDiscrete",
              "ArmReach with the 2187 joint actions {-1, 0, 1}^7",
              100,
              () -> new DiscretizeAction(new ArmReach(), 3)),
          new Entry("ArmTrack", "follow a moving point with the human arm", 200, ArmTrack::new),
          new Entry("ArmHold", "hold the human arm still while it is pushed", 200, ArmHold::new),
          new Entry(
              "IiwaReach",
              "reach a point with a KUKA iiwa 14",
              100,
              () -> new ArmReach(ArmModel.iiwa14(), ArmReach.Reward.DENSE)),
          new Entry(
              "PointGoal", "reach a point that is told apart by touch alone", 50, PointGoal::new),
          new Entry("Identity-v0", "name the symbol that is shown", 100, Identity::new),
          new Entry(
              "IdentityContinuous-v0",
              "repeat the number that is shown",
              100,
              IdentityContinuous::new));

  private Environments() {}

  /** Every environment of the library, in the order of its lists. */
  public static List<Entry> entries() {
    return ENTRIES;
  }

  /** The ids of {@link #entries()}. */
  public static List<String> ids() {
    return ENTRIES.stream().map(Entry::id).toList();
  }

  /**
   * The environment with an id.
   *
   * @throws IllegalArgumentException if there is none, naming those that come close
   */
  public static Entry entry(String id) {
    return ENTRIES.stream()
        .filter(e -> e.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s; or gym: and an id of Gymnasium's; or the full name of a class that implements %s"
                        .formatted(
                            Suggestions.unknown("environment", id, ids()).getMessage(),
                            Mdp.class.getName())));
  }

  /** As {@link #make(String, ClassLoader)}, with the current thread's class loader. */
  public static Mdp make(String name) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return make(name, loader == null ? Environments.class.getClassLoader() : loader);
  }

  /**
   * A new environment.
   *
   * @param name an id of {@link #ids()}, made with its time limit; or {@code gym:} and an id of
   *     Gymnasium's, run by {@link GymEnvironments#defaultPython}; or the full name of a public
   *     class that implements {@link Mdp} and has a public constructor without parameters, made as
   *     it is
   * @param loader finds the class
   * @throws IllegalArgumentException if there is no such environment, or the class is not as above
   */
  public static Mdp make(String name, ClassLoader loader) {
    return supplier(name, loader, null).get();
  }

  /**
   * As the next one, with environments that {@link org.deeprl4j.envs.rendering.Renderer} can show.
   */
  public static Supplier<Mdp> rendered(String name, ClassLoader loader, @Nullable String python) {
    Supplier<Mdp> supplier = supplier(name, loader, python);
    return supplier instanceof GymEnvironments gym ? gym.withRendering() : supplier;
  }

  /**
   * Makes environments of a name: those of Gymnasium share a process.
   *
   * @param name as {@link #make(String, ClassLoader)} has it
   * @param loader finds the class
   * @param python the interpreter for {@code gym:} names, null for the default
   */
  public static Supplier<Mdp> supplier(String name, ClassLoader loader, @Nullable String python) {
    if (name.startsWith(GymEnvironments.PREFIX)) {
      return new GymEnvironments(
          name.substring(GymEnvironments.PREFIX.length()),
          python == null ? GymEnvironments.defaultPython() : python);
    }
    // Ids hold no dot, class names outside the default package do.
    return name.indexOf('.') < 0 ? entry(name)::make : () -> instantiate(name, loader);
  }

  private static Mdp instantiate(String className, ClassLoader loader) {
    try {
      Class<?> type = Class.forName(className, true, loader);
      if (!Mdp.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(
            "class " + className + " is no environment: it must implement " + Mdp.class.getName());
      }
      return (Mdp) type.getConstructor().newInstance();
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "environment class " + className + " cannot be loaded: is it on the class path?", e);
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw new IllegalArgumentException(
          "environment class "
              + className
              + " must be public and concrete and have a public constructor without parameters",
          e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "the constructor of environment class " + className + " failed: " + e.getCause(),
          e.getCause());
    }
  }
}
