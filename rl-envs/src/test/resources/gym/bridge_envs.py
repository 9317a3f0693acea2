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


for kind in (Named, Choices, Worded, Failing, Hanging, Dying, Talking, Idle, Drawn):
    gymnasium.register(
        f"{kind.__name__}-v0",
        entry_point=kind,
        max_episode_steps=20 if kind is Choices else None,
        order_enforce=False,
    )
