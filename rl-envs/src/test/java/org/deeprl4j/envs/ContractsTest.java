package org.deeprl4j.envs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** {@link MdpContract} for every environment, with the time limits of the specifications. */
final class ContractsTest {

  private abstract static class Of extends MdpContract {
    private final String id;
    private final int maxSteps;

    Of(String id, int maxSteps) {
      this.id = id;
      this.maxSteps = maxSteps;
    }

    @Override
    protected String id() {
      return id;
    }

    @Override
    protected int maxSteps() {
      return maxSteps;
    }
  }

  @Nested
  final class CartPole extends Of {
    CartPole() {
      super("CartPole-v1", 500);
    }
  }

  @Nested
  final class ContinuousCartPole extends Of {
    ContinuousCartPole() {
      super("ContinuousCartPole", 500);
    }
  }

  @Nested
  final class Pendulum extends Of {
    Pendulum() {
      super("Pendulum-v1", 200);
    }
  }

  @Nested
  final class PointGoal extends Of {
    PointGoal() {
      super("PointGoal", 50);
    }
  }

  @Nested
  final class Catch extends Of {
    Catch() {
      super("Catch", 200);
    }
  }

  @Nested
  final class CatchPictures extends Of {
    CatchPictures() {
      super("CatchPictures", 200);
    }

    @Override
    protected int cost() {
      return 20;
    }

    /** Java2D's: the picture itself is 84 · 84 integers. */
    @Override
    protected long mostBytes() {
      return 84 * 84 * 4 + 4096;
    }
  }

  @Nested
  final class Acrobot extends Of {
    Acrobot() {
      super("Acrobot-v1", 500);
    }
  }

  @Nested
  final class MountainCar extends Of {
    MountainCar() {
      super("MountainCar-v0", 200);
    }
  }

  @Nested
  final class MountainCarContinuous extends Of {
    MountainCarContinuous() {
      super("MountainCarContinuous-v0", 999);
    }
  }

  @Nested
  final class CartPoleSwingUp extends Of {
    CartPoleSwingUp() {
      super("CartPoleSwingUp", 1000);
    }
  }

  @Nested
  final class InvertedPendulum extends Of {
    InvertedPendulum() {
      super("InvertedPendulum-v5", 1000);
    }
  }

  @Nested
  final class InvertedDoublePendulum extends Of {
    InvertedDoublePendulum() {
      super("InvertedDoublePendulum-v5", 1000);
    }
  }

  @Nested
  final class Reacher extends Of {
    Reacher() {
      super("Reacher-v5", 50);
    }
  }

  @Nested
  final class ArmReach extends Of {
    ArmReach() {
      super("ArmReach", 100);
    }
  }

  @Nested
  final class ArmReachSparse extends Of {
    ArmReachSparse() {
      super("ArmReachSparse", 100);
    }
  }

  @Nested
  final class ArmReachGoal extends Of {
    ArmReachGoal() {
      super("ArmReachGoal", 100);
    }
  }

  @Nested
  final class ArmReachDiscrete extends Of {
    ArmReachDiscrete() {
      super("ArmReachDiscrete", 100);
    }
  }

  @Nested
  final class ArmTrack extends Of {
    ArmTrack() {
      super("ArmTrack", 200);
    }
  }

  @Nested
  final class ArmHold extends Of {
    ArmHold() {
      super("ArmHold", 200);
    }
  }

  @Nested
  final class IiwaReach extends Of {
    IiwaReach() {
      super("IiwaReach", 100);
    }
  }

  @Nested
  final class TMaze extends Of {
    TMaze() {
      super("TMaze", 200);
    }
  }

  @Nested
  final class Identity extends Of {
    Identity() {
      super("Identity-v0", 100);
    }
  }

  @Nested
  final class IdentityContinuous extends Of {
    IdentityContinuous() {
      super("IdentityContinuous-v0", 100);
    }
  }

  @Test
  void noEnvironment_isForgotten() throws ReflectiveOperationException {
    Set<String> tested = new HashSet<>();
    for (Class<?> type : getClass().getDeclaredClasses()) {
      if (type.isAnnotationPresent(Nested.class)) {
        var constructor = type.getDeclaredConstructor(ContractsTest.class);
        tested.add(((Of) constructor.newInstance(this)).id());
      }
    }
    List<String> ids = Environments.ids();
    assertEquals(new HashSet<>(ids), tested, Arrays.toString(ids.toArray()));
  }
}
