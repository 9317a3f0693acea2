"""Environments for the bridge's tests."""

import os
import time

import gymnasium
import numpy as np
from gymnasium import spaces


class Base(gymnasium.Env):
    metadata = {"render_modes": ["rgb_array"], "render_fps": 12}
    observation_space = spaces.Box(-10, 10, (2,), np.float32)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def observe(self):
        return np.zeros(2, np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.t = 0
        return self.observe(), {}

    def step(self, action):
        self.t += 1
        return self.observe(), 1.0, False, False, {}


class Named(Base):
    """Observes a Dict with everything in it, seeded; succeeds at its end."""

    observation_space = spaces.Dict(
        {
            "where": spaces.Box(-1, 1, (2, 3)),
            "which": spaces.Discrete(3, start=5),
            "bits": spaces.MultiBinary(2),
            "inner": spaces.Tuple((spaces.Discrete(2), spaces.MultiDiscrete([2, 4]))),
        }
    )
    action_space = spaces.Discrete(3, start=-1)

    def reset(self, seed=None, options=None):
        super(Base, self).reset(seed=seed)
        self.t = 0
        self.value = self.np_random.uniform(-1, 1)
        self.action = 0
        return self.observe(), {}

    def observe(self):
        return {
            "where": np.full((2, 3), self.value, np.float32),
            "which": 5 + self.t % 3,
            "bits": np.array([self.t % 2, 1], np.int8),
            "inner": (self.t % 2, np.array([1, self.t % 4])),
        }

    def step(self, action):
        assert action in (-1, 0, 1), action
        self.t += 1
        self.value = float(np.clip(self.value + 0.1 * int(action), -1, 1))
        return self.observe(), float(action), self.t == 7, False, {"is_success": self.value > 0}


class Choices(Base):
    observation_space = spaces.MultiDiscrete([4, 5])
    action_space = spaces.MultiDiscrete([2, 3])

    def reset(self, seed=None, options=None):
        super(Base, self).reset(seed=seed)
        self.state = self.np_random.integers([4, 5])
        return self.state, {}

    def step(self, action):
        assert action.dtype == np.int64 and action.shape == (2,), action
        self.state = (self.state + action) % np.array([4, 5])
        done = bool(self.state[0] == 3)
        return self.state, float(self.state.sum()), done, False, {}


class Worded(Base):
    observation_space = spaces.Text(5)


class Failing(Base):
    def step(self, action):
        super().step(action)
        if self.t == 3:
            self.fall_over()
        return self.observe(), 1.0, False, False, {}

    def fall_over(self):
        raise RuntimeError("the robot fell over")


class Hanging(Base):
    def step(self, action):
        time.sleep(3600)


class Dying(Base):
    def step(self, action):
        print("last words", flush=True)
        os._exit(7)


class Talking(Base):
    def step(self, action):
        print("chatter", flush=True)
        return super().step(action)


class Idle(Base):
    """As little work as can be, for timing."""

    zeros = np.zeros(2, np.float32)
    nothing = {}

    def step(self, action):
        return self.zeros, 1.0, False, False, self.nothing


class Drawn(Base):
    def render(self):
        frame = np.zeros((4, 6, 3), np.uint8)
        frame[0, 1] = (10, 20, 30)
        return frame


class SlowMaking(Base):
    def __init__(self, render_mode=None):
        time.sleep(3)


class SlowSteps(Base):
    """Half a second each; the reward tells what the action was."""

    def step(self, action):
        time.sleep(0.5)
        return self.observe(), float(action[0]), False, False, {}


class Bare(Base):
    """A constructor without parameters."""

    def __init__(self):
        pass


class ArrayReward(Base):
    def step(self, action):
        return self.observe(), np.array([1.5], np.float32), False, False, {}


class FourValues(Base):
    """Truncated at its third step, as it was told before Gymnasium."""

    def step(self, action):
        self.t += 1
        return self.observe(), 1.5, self.t == 3, {"TimeLimit.truncated": True}


class ResetAlone(Base):
    """Gives no info, and takes no options."""

    def reset(self, seed=None):
        super(Base, self).reset(seed=seed)
        self.t = 0
        return self.observe()

    def step(self, action):
        return self.observe(), 1.5, False, False, {}


class SeedApart(Base):
    """Seeded by a method of its own."""

    def seed(self, seed):
        self.value = seed % 8

    def reset(self):
        self.t = 0
        return np.full(2, self.value, np.float32)

    def step(self, action):
        return np.full(2, self.value, np.float32), 1.5, False, {}


class Sized(Base):
    def __init__(self, render_mode=None, size=3, kind="sparse", tall=False):
        assert isinstance(size, int) and isinstance(kind, str) and isinstance(tall, bool)
        self.observation_space = spaces.Box(-1, 1, (size + (len(kind) if tall else 0),))


class Vast(Base):
    action_space = spaces.Discrete(2**40)


class VastChoice(Base):
    observation_space = spaces.MultiDiscrete([2, 2**40])


class Outside(Base):
    """Says it has four states and gives the fifth."""

    observation_space = spaces.Discrete(4)

    def observe(self):
        return 3 if self.t == 0 else 4


class OutsideOne(Base):
    observation_space = spaces.Dict({"a": spaces.MultiBinary(2), "b": spaces.MultiDiscrete([2, 3], start=[0, 5])})

    def observe(self):
        return {"a": np.ones(2), "b": np.array([1, 7 if self.t == 0 else 8])}


class Shapeless(Base):
    def observe(self):
        return np.zeros(2 if self.t == 0 else (2, 1), np.float32)


class Keyless(Base):
    observation_space = spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Discrete(2)})

    def observe(self):
        return {"a": 0, "b": 0} if self.t == 0 else {"a": 0}


class Rewarding(Base):
    def __init__(self, render_mode=None, reward=None):
        self.reward = {"nan": float("nan"), "huge": 1e40, "many": np.ones(2), "none": None}[reward]

    def step(self, action):
        return self.observe(), self.reward, False, False, {}


class ThreeValues(Base):
    def step(self, action):
        return self.observe(), 1.0, False


class SecondFails(Base):
    """Fails at its second step where its action is positive."""

    def step(self, action):
        self.t += 1
        assert self.t < 2 or action[0] <= 0, "too bold"
        return self.observe(), 1.0, False, False, {}


class OnlyOne(Base):
    taken = False

    def __init__(self, render_mode=None):
        if OnlyOne.taken:
            raise RuntimeError("the port is in use")
        OnlyOne.taken = True

    def close(self):
        OnlyOne.taken = False


class EvenInteger(Base):
    """Integer actions, as many as there are in the type."""

    action_space = spaces.Box(-128, 127, (2,), np.int8)

    def step(self, action):
        assert self.action_space.contains(action), action
        return action.astype(np.float32) / 100, float(action[0]), False, False, {}


class Third(Base):
    """A float64 bound that is no float32."""

    action_space = spaces.Box(-1 / 3, 0.1, (1,), np.float64)

    def step(self, action):
        assert self.action_space.contains(action), action
        return self.observe(), 1.0, False, False, {}


class Goals(Base):
    """Walks on a line towards a goal; the reward is a batch's."""

    observation_space = spaces.Dict(
        {key: spaces.Box(-10, 10, (2,)) for key in ("observation", "achieved_goal", "desired_goal")}
    )
    action_space = spaces.Box(-1, 1, (2,))
    calls = 0

    def reset(self, seed=None, options=None):
        super(Base, self).reset(seed=seed)
        self.x = np.zeros(2, np.float32)
        self.goal = self.np_random.uniform(-1, 1, 2).astype(np.float32)
        return self.observe(), {}

    def observe(self):
        return {"observation": self.x, "achieved_goal": self.x, "desired_goal": self.goal}

    def compute_reward(self, achieved_goal, desired_goal, info):
        Goals.calls += 1
        return -(np.linalg.norm(achieved_goal - desired_goal, axis=-1) > 0.3).astype(np.float32)

    def compute_terminated(self, achieved_goal, desired_goal, info):
        return np.linalg.norm(achieved_goal - desired_goal, axis=-1) < 0.2

    def step(self, action):
        self.x = np.clip(self.x + 0.2 * action, -10, 10).astype(np.float32)
        reward = float(self.compute_reward(self.x, self.goal, {}))
        return self.observe(), reward, bool(self.compute_terminated(self.x, self.goal, {})), False, {"calls": 0}

    def render(self):  # tells how often it was asked
        return np.full((1, 1, 3), min(Goals.calls, 255), np.uint8)


class GoalsOneByOne(Goals):
    """Gives one number for a batch, too, or one of the right shape that is wrong."""

    def compute_reward(self, achieved_goal, desired_goal, info):
        far = np.linalg.norm(achieved_goal - desired_goal)
        return -float(far > 0.3) if achieved_goal.ndim == 1 else np.full(len(achieved_goal), -float(far > 0.3))

    def compute_terminated(self, achieved_goal, desired_goal, info):
        return bool(np.linalg.norm(achieved_goal - desired_goal) < 0.2)


class Masked(Base):
    """Half of six actions is legal at a time, as the parity of the step has it; ends after 7 steps."""

    action_space = spaces.Discrete(6, start=-1)

    def action_masks(self):
        return np.array([(k + self.t) % 2 == 0 for k in range(6)])

    def observe(self):
        return np.array([self.t, 0], np.float32)

    def step(self, action):
        if not self.action_masks()[action + 1]:
            raise ValueError(f"{action} is illegal")
        self.t += 1
        return self.observe(), 1.0, self.t == 7, False, {}


class MaskedChoices(Masked):
    """The same for choices of 2 and of 3, with a list of masks."""

    action_space = spaces.MultiDiscrete([2, 3])

    def action_masks(self):
        return [[True, self.t % 2 == 0], np.array([self.t % 2, 1, 0], np.int8)]

    def step(self, action):
        masks = self.action_masks()
        if not (masks[0][action[0]] and masks[1][action[1]]):
            raise ValueError(f"{action} is illegal")
        self.t += 1
        return self.observe(), 1.0, self.t == 7, False, {}


class MaskTooShort(Masked):
    def action_masks(self):
        return np.ones(5, bool)


class MaskOfNothing(Masked):
    def action_masks(self):
        return np.zeros(6, bool)


class MaskIsNoList(Masked):
    def action_masks(self):
        return None


class MaskOfABox(Base):
    def action_masks(self):
        return np.ones(2, bool)


kinds = [kind for kind in globals().values() if isinstance(kind, type) and issubclass(kind, Base)]
for kind in kinds[1:]:
    gymnasium.register(
        f"{kind.__name__}-v0",
        entry_point=kind,
        max_episode_steps=20 if kind is Choices else None,
        order_enforce=kind is not Idle,
    )
