package org.deeprl4j.envs;

import java.lang.reflect.InvocationTargetException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import org.deeprl4j.envs.rendering.PictureObservation;
import org.deeprl4j.envs.toy.Catch;
import org.deeprl4j.envs.toy.Identity;
import org.deeprl4j.envs.toy.IdentityContinuous;
import org.deeprl4j.envs.toy.TMaze;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.DiscretizeAction;
import org.deeprl4j.mdp.wrappers.FrameStack;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/** Makes environments by name, as the command line and configuration files name them. */
public final class Environments {
  /**
   * An environment of the library.
   *
   * @param id its name
   * @param description one line for lists
   * @param maxSteps the time limit of an episode
   * @param parameters the arguments that it takes, each with what it means in one line
   * @param simulator makes one without its time limit, from arguments named in {@code parameters}
   */
  public record Entry(
      String id,
      String description,
      int maxSteps,
      Map<String, String> parameters,
      Function<Map<String, String>, ? extends Mdp> simulator) {

    private Entry(String id, String description, int maxSteps, Supplier<? extends Mdp> simulator) {
      this(id, description, maxSteps, Map.of(), arguments -> simulator.get());
    }

    /**
     * A new environment with its time limit.
     *
     * @param arguments by name, each one of {@link #parameters}; those that are left out have their
     *     defaults
     * @throws IllegalArgumentException if an argument is unknown or its value does not fit
     */
    public Mdp make(Map<String, String> arguments) {
      for (String name : arguments.keySet()) {
        if (parameters.isEmpty()) {
          throw new IllegalArgumentException(
              "%s takes no arguments, but got %s=%s".formatted(id, name, arguments.get(name)));
        }
        if (!parameters.containsKey(name)) {
          throw Suggestions.unknown("argument of " + id, name, parameters.keySet());
        }
      }
      return new TimeLimit(simulator.apply(arguments), maxSteps);
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
          arm(
              "ArmReach",
              "reach a point with a human arm of 7 joints, or the arm of a file",
              100,
              model -> new ArmReach(model, ArmReach.Reward.DENSE)),
          arm(
              "ArmReachSparse",
              "the same, with a cost of 1 for every step away from it",
              100,
              model -> new ArmReach(model, ArmReach.Reward.SPARSE)),
          arm(
              "ArmReachGoal",
              "the same as a task with goals, for hindsight replay",
              100,
              ArmReachGoal::new),
          arm(
              "ArmReachDiscrete",
              "ArmReach with joint actions of {-1, 0, 1}, 2187 for 7 joints",
              100,
              model -> new DiscretizeAction(new ArmReach(model, ArmReach.Reward.DENSE), 3)),
          arm("ArmTrack", "follow a moving point with the arm", 200, ArmTrack::new),
          arm("ArmHold", "hold the arm still while it is pushed", 200, ArmHold::new),
          new Entry(
              "IiwaReach",
              "reach a point with a KUKA iiwa 14",
              100,
              () -> new ArmReach(ArmModel.iiwa14(), ArmReach.Reward.DENSE)),
          new Entry(
              "PointGoal", "reach a point, with no reward but for being there", 50, PointGoal::new),
          new Entry("Catch", "catch falling balls with a paddle", 200, Catch::new),
          new Entry(
              "CatchPictures",
              "the same, seeing the last four pictures of 84 x 84 pixels",
              200,
              () -> new FrameStack(new PictureObservation(new Catch(), 84, 84), 4)),
          new Entry(
              "TMaze",
              "remember a sign to the end of a corridor, 20 steps long or as long as asked",
              200,
              TMaze.PARAMETERS,
              TMaze::of),
          new Entry("Identity-v0", "name the symbol that is shown", 100, Identity::new),
          new Entry(
              "IdentityContinuous-v0",
              "repeat the number that is shown",
              100,
              IdentityContinuous::new));

  private Environments() {}

  private static Entry arm(
      String id, String description, int maxSteps, Function<ArmModel, Mdp> simulator) {
    return new Entry(
        id,
        description,
        maxSteps,
        ArmModel.PARAMETERS,
        arguments -> simulator.apply(ArmModel.of(arguments)));
  }

  /** Every environment of the library, in the order in which lists show them. */
  public static List<Entry> entries() {
    return ENTRIES;
  }

  /** The ids of {@link #entries()}, in the same order. */
  public static List<String> ids() {
    return ENTRIES.stream().map(Entry::id).toList();
  }

  /**
   * The environment with an id.
   *
   * @throws IllegalArgumentException if there is none, naming those that come close
   */
  private static Entry entry(String id) {
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

  /** As {@link #make(String, Map)}, without arguments. */
  public static Mdp make(String name) {
    return make(name, Map.of());
  }

  /**
   * A new environment. Its class, if {@code name} is one's, is found by the current thread's class
   * loader, and Gymnasium runs in {@link GymEnvironments#defaultPython}.
   *
   * @param name an id of {@link #ids()}, made with its time limit; or {@code gym:} and an id of
   *     Gymnasium's; or the full name of a public class that implements {@link Mdp}, made as it is
   *     by its public constructor without parameters, or, where there are arguments, by the one
   *     that takes a {@code Map<String, String>}
   * @param arguments of the environment by name, in order
   * @throws IllegalArgumentException if there is no such environment, the class is not as above, or
   *     an argument is unknown or its value does not fit
   * @throws EnvironmentException if the class's constructor or static initialiser throws
   */
  public static Mdp make(String name, Map<String, String> arguments) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return supplier(
            name, arguments, loader == null ? Environments.class.getClassLoader() : loader, null)
        .get();
  }

  /**
   * As {@link #supplier}, with environments that {@link org.deeprl4j.envs.rendering.Renderer} can
   * show.
   */
  public static Supplier<Mdp> rendered(
      String name, Map<String, String> arguments, ClassLoader loader, @Nullable String python) {
    Supplier<Mdp> supplier = supplier(name, arguments, loader, python);
    return supplier instanceof GymEnvironments gym ? gym.withRendering() : supplier;
  }

  /**
   * Makes environments of a name: those of Gymnasium share processes.
   *
   * @param name as {@link #make(String, Map)} has it
   * @param arguments as {@link #make(String, Map)} has them
   * @param loader finds the class
   * @param python the interpreter for {@code gym:} names, null for the default
   */
  public static Supplier<Mdp> supplier(
      String name, Map<String, String> arguments, ClassLoader loader, @Nullable String python) {
    if (name.startsWith(GymEnvironments.PREFIX)) {
      return new GymEnvironments(
              name.substring(GymEnvironments.PREFIX.length()),
              python == null ? GymEnvironments.defaultPython() : python)
          .withArguments(arguments);
    }
    Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    // Ids hold no dot, class names outside the default package do.
    if (name.indexOf('.') < 0) {
      Entry entry = entry(name);
      return () -> entry.make(copy);
    }
    return () -> instantiate(name, copy, loader);
  }

  private static Mdp instantiate(
      String className, Map<String, String> arguments, ClassLoader loader) {
    try {
      // Not initialised: what is no environment must not run.
      Class<?> type = Class.forName(className, false, loader);
      if (!Mdp.class.isAssignableFrom(type)) {
        throw new IllegalArgumentException(
            "class " + className + " is no environment: it must implement " + Mdp.class.getName());
      }
      return (Mdp)
          (arguments.isEmpty()
              ? type.getConstructor().newInstance()
              : type.getConstructor(Map.class).newInstance(arguments));
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "environment class " + className + " cannot be loaded: is it on the class path?", e);
    } catch (ExceptionInInitializerError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new EnvironmentException(
          0,
          "the static initialiser of environment class " + className + " failed: " + cause,
          cause);
    } catch (LinkageError e) {
      throw new IllegalArgumentException(
          "environment class " + className + " cannot be loaded: " + e, e);
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw new IllegalArgumentException(
          "environment class "
              + className
              + " must be public and concrete and have a public constructor "
              + (arguments.isEmpty()
                  ? "without parameters"
                  : "that takes a Map<String, String>, for the arguments " + arguments),
          e);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = "the constructor of environment class " + className + " failed: " + cause;
      if (!arguments.isEmpty() && cause instanceof IllegalArgumentException) {
        throw new IllegalArgumentException(message, cause); // it refuses its arguments
      }
      throw new EnvironmentException(0, message, cause);
    }
  }
}
