package org.deeprl4j.envs.rendering;

import java.util.Optional;
import org.deeprl4j.envs.arm.ArmHold;
import org.deeprl4j.envs.arm.ArmModel;
import org.deeprl4j.envs.arm.ArmSimulation;
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
import org.deeprl4j.envs.dynamics.Body;
import org.deeprl4j.envs.dynamics.Chain;
import org.deeprl4j.envs.dynamics.ChainDynamics;
import org.deeprl4j.envs.goal.PointGoal;
import org.deeprl4j.envs.toy.Catch;
import org.deeprl4j.envs.toy.Identity;
import org.deeprl4j.envs.toy.IdentityContinuous;
import org.deeprl4j.envs.toy.TMaze;
import org.deeprl4j.mdp.StatefulMdp;

/** Draws the library's environments from their states. */
final class Pictures {
  /** A view and what is drawn in it. */
  record Picture(View view, Painting painting) {}

  /** Draws a state. */
  @FunctionalInterface
  interface Painting {
    void draw(double[] state, Canvas canvas);
  }

  private static final int INK = 0x202428;
  private static final int GROUND = 0xb0b4b8;
  private static final int GRID = 0xd8dce0;
  private static final int FIRST = 0x2f6db5;
  private static final int SECOND = 0xe08a2e;
  private static final int THIRD = 0x4a9d5b;
  private static final int GOAL = 0xd03a3a;
  private static final int JOINT = 0x606468;

  private Pictures() {}

  static Optional<Picture> of(StatefulMdp mdp) {
    if (mdp instanceof CartPole || mdp instanceof ContinuousCartPole) {
      return picture(View.flat(0, 0.4, 5.2, 50), (s, c) -> cart(c, 2.4, s[0], 1, s[2]));
    }
    if (mdp instanceof CartPoleSwingUp) {
      return picture(View.flat(0, 0, 4.6, 100), (s, c) -> cart(c, 1.8, s[0], 1, s[1]));
    }
    if (mdp instanceof InvertedPendulum) {
      return picture(View.flat(0, 0.3, 2.6, 25), (s, c) -> cart(c, 1, s[0], 0.6, s[1]));
    }
    if (mdp instanceof InvertedDoublePendulum) {
      return picture(View.flat(0, 0.5, 3.2, 20), (s, c) -> cart(c, 1, s[0], 0.6, s[1], s[2]));
    }
    if (mdp instanceof Pendulum) {
      return picture(View.flat(0, 0, 3.6, 30), Pictures::pendulum);
    }
    if (mdp instanceof Acrobot) {
      return picture(View.flat(0, 0, 6.6, 15), Pictures::acrobot);
    }
    if (mdp instanceof MountainCar) {
      return picture(View.flat(-0.3, 0.6, 1.95, 30), (s, c) -> mountain(c, s[0], 0.5));
    }
    if (mdp instanceof MountainCarContinuous) {
      return picture(View.flat(-0.3, 0.6, 1.95, 30), (s, c) -> mountain(c, s[0], 0.45));
    }
    if (mdp instanceof Reacher) {
      return picture(View.flat(0, 0, 0.7, 50), Pictures::reacher);
    }
    if (mdp instanceof PointGoal) {
      return picture(View.flat(0, 0, 3.6, 10), Pictures::point);
    }
    if (mdp instanceof Catch) {
      return picture(View.flat(0.5, 0.5, 1.65, 15), Pictures::fall);
    }
    if (mdp instanceof TMaze maze) {
      return picture(
          View.flat(0.5 * maze.length(), 0, 1.3 * maze.length() + 2, 10),
          (s, c) -> maze(c, maze.length(), s));
    }
    if (mdp instanceof Identity) {
      return picture(
          View.flat(0, 0, 3, 4), (s, c) -> c.text(INK, 1, Integer.toString((int) s[0]), 0, 0));
    }
    if (mdp instanceof IdentityContinuous) {
      return picture(
          View.flat(0, 0, 3, 4),
          (s, c) -> {
            c.line(GROUND, 0.02, -1, 0, 1, 0);
            c.ball(FIRST, 0.08, s[0], 0);
          });
    }
    if (mdp instanceof ArmSimulation arm) {
      return Optional.of(arm(arm.chain(), mdp instanceof ArmHold));
    }
    return Optional.empty();
  }

  private static Optional<Picture> picture(View view, Painting painting) {
    return Optional.of(new Picture(view, painting));
  }

  /** A cart on a track with poles one on the other, each angle relative to the one before. */
  private static void cart(Canvas canvas, double track, double x, double length, double... angles) {
    double unit = track / 2.4;
    canvas.line(GROUND, 0.02 * unit, -track, 0, track, 0);
    canvas.line(GROUND, 0.02 * unit, -track, -0.1 * unit, -track, 0.1 * unit);
    canvas.line(GROUND, 0.02 * unit, track, -0.1 * unit, track, 0.1 * unit);
    double w = 0.25 * unit;
    double h = 0.15 * unit;
    canvas.polygon(INK, x - w, -h, x + w, -h, x + w, h, x - w, h);
    double fromX = x;
    double fromY = 0;
    double angle = 0;
    for (int i = 0; i < angles.length; i++) {
      angle += angles[i];
      double toX = fromX + length * Math.sin(angle);
      double toY = fromY + length * Math.cos(angle);
      canvas.line(i == 0 ? SECOND : THIRD, 0.1 * unit, fromX, fromY, toX, toY);
      canvas.ball(JOINT, 0.05 * unit, fromX, fromY);
      fromX = toX;
      fromY = toY;
    }
  }

  private static void fall(double[] s, Canvas canvas) {
    canvas.line(INK, 0.04, s[3] - Catch.REACH, 0, s[3] + Catch.REACH, 0);
    canvas.ball(FIRST, 0.04, s[0], s[1]);
  }

  /** The corridor seen from above, the goal at its end and the sign while it can be seen. */
  private static void maze(Canvas canvas, int length, double[] s) {
    canvas.line(GROUND, 0.9, 0, 0, length, 0);
    canvas.line(GROUND, 0.9, length, -1, length, 1);
    canvas.ball(GOAL, 0.35, length, s[1]);
    if (s[0] == 0) {
      canvas.ball(THIRD, 0.2, 0, s[1]);
    }
    canvas.ball(FIRST, 0.35, s[0], s[2]);
  }

  private static void pendulum(double[] s, Canvas canvas) {
    canvas.line(SECOND, 0.2, 0, 0, -Math.sin(s[0]), Math.cos(s[0]));
    canvas.ball(INK, 0.05, 0, 0);
  }

  private static void acrobot(double[] s, Canvas canvas) {
    canvas.line(GOAL, 0.02, -3, 1, 3, 1);
    double x = Math.sin(s[0]);
    double y = -Math.cos(s[0]);
    canvas.line(FIRST, 0.2, 0, 0, x, y);
    canvas.line(SECOND, 0.2, x, y, x + Math.sin(s[0] + s[1]), y - Math.cos(s[0] + s[1]));
    canvas.ball(INK, 0.08, 0, 0);
    canvas.ball(INK, 0.08, x, y);
  }

  private static double height(double x) {
    return 0.45 * Math.sin(3 * x) + 0.55;
  }

  private static void mountain(Canvas canvas, double x, double goal) {
    int corners = 100;
    double[] ground = new double[2 * corners];
    for (int i = 0; i < corners; i++) {
      double at = -1.2 + 1.8 * i / (corners - 1);
      ground[2 * i] = at;
      ground[2 * i + 1] = height(at);
    }
    canvas.line(GROUND, 0.01, ground);
    canvas.line(JOINT, 0.008, goal, height(goal), goal, height(goal) + 0.15);
    canvas.polygon(
        GOAL,
        goal,
        height(goal) + 0.15,
        goal + 0.08,
        height(goal) + 0.12,
        goal,
        height(goal) + 0.09);
    double slope = Math.atan(1.35 * Math.cos(3 * x));
    double dx = Math.cos(slope);
    double dy = Math.sin(slope);
    double cx = x - 0.03 * dy;
    double cy = height(x) + 0.03 * dx;
    canvas.line(FIRST, 0.05, cx - 0.03 * dx, cy - 0.03 * dy, cx + 0.03 * dx, cy + 0.03 * dy);
    canvas.ball(INK, 0.018, cx - 0.035 * dx + 0.02 * dy, cy - 0.035 * dy - 0.02 * dx);
    canvas.ball(INK, 0.018, cx + 0.035 * dx + 0.02 * dy, cy + 0.035 * dy - 0.02 * dx);
  }

  private static void reacher(double[] s, Canvas canvas) {
    double x = 0.1 * Math.cos(s[0]);
    double y = 0.1 * Math.sin(s[0]);
    double tipX = x + 0.11 * Math.cos(s[0] + s[1]);
    double tipY = y + 0.11 * Math.sin(s[0] + s[1]);
    canvas.ball(GOAL, 0.01, s[2], s[3]);
    canvas.line(FIRST, 0.02, 0, 0, x, y);
    canvas.line(SECOND, 0.02, x, y, tipX, tipY);
    canvas.ball(INK, 0.012, 0, 0);
    canvas.ball(INK, 0.01, tipX, tipY);
  }

  private static void point(double[] s, Canvas canvas) {
    canvas.line(GROUND, 0.02, -1, -1, 1, -1, 1, 1, -1, 1, -1, -1);
    canvas.ball(0xf0b0b0, 0.1, s[2], s[3]);
    canvas.ball(FIRST, 0.05, s[0], s[1]);
  }

  /** An arm's bodies as limbs from joint to joint, its target, and the force on its tip. */
  private static Picture arm(Chain chain, boolean pushed) {
    ChainDynamics dynamics = new ChainDynamics(chain);
    int joints = dynamics.size();
    int bodies = chain.bodies().size();
    boolean human = chain.equals(ArmModel.human().chain());
    double length = chain.tip().norm();
    for (Body body : chain.bodies()) {
      length += body.position().norm();
    }
    double reach = human ? 0.65 : 0.92 * length;
    View view = View.solid(0, 0, human ? -0.1 : 0.42 * length, 3.4 * reach, 50);
    int[] colours = {FIRST, SECOND, THIRD};
    double floor = human ? -0.75 : 0;
    double[] q = new double[joints];
    return new Picture(
        view,
        (s, canvas) -> {
          for (int i = -4; i <= 4; i++) {
            double at = i * reach / 4;
            canvas.line(GRID, 0.004, at, -reach, floor, at, reach, floor);
            canvas.line(GRID, 0.004, -reach, at, floor, reach, at, floor);
          }
          System.arraycopy(s, 0, q, 0, joints);
          dynamics.kinematics(q);
          double[] from = {0, 0, human ? 0 : floor};
          if (human) { // a torso to hold on to
            canvas.line(GROUND, 0.16, 0, 0.2, -0.05, 0, 0.2, -0.5);
            canvas.ball(GROUND, 0.1, 0, 0.2, 0.2);
          }
          double width = human ? 0.08 : 0.13;
          double[] to = new double[3];
          for (int b = human ? 1 : 0; b <= bodies; b++) {
            if (b == bodies) {
              for (int i = 0; i < 3; i++) {
                to[i] = dynamics.tip(i);
              }
            } else {
              dynamics.bodyPosition(b, to);
            }
            double thinner = width * (1 - 0.5 * b / (bodies + 1));
            int colour = colours[(human ? b - 1 : b) % 3];
            canvas.line(colour, thinner, from[0], from[1], from[2], to[0], to[1], to[2]);
            canvas.ball(JOINT, thinner * 0.55, from[0], from[1], from[2]);
            System.arraycopy(to, 0, from, 0, 3);
          }
          canvas.ball(INK, 0.02, from[0], from[1], from[2]);
          int target = 2 * joints;
          canvas.ball(GOAL, 0.035, s[target], s[target + 1], s[target + 2]);
          if (pushed) {
            double metres = 0.03; // a newton
            canvas.line(
                INK,
                0.01,
                from[0],
                from[1],
                from[2],
                from[0] + metres * s[target + 3],
                from[1] + metres * s[target + 4],
                from[2] + metres * s[target + 5]);
          }
        });
  }
}
