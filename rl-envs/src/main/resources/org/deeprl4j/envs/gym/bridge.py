"""Runs Gymnasium environments for a Java program; needs nothing but gymnasium and numpy.

Usage: bridge.py SOCKET ENV_ID RENDER [NAME=VALUE ...]

SOCKET is "-" for pipes on standard input and output. The named values are arguments of the environment's
constructor: JSON or Python literals, and else strings.

The Java side asks, this side answers, one message each way at a time. All numbers are little-endian. A
message is an int32 with the number of bytes that follow, and these bytes; a question begins with an int32
OP, an answer with an int32 STATUS: 0; 1 for an exception of the environment (its traceback follows); 2 for
a mistake of the user's and 3 for a fault of the environment's (one line follows); 4 for "still at work",
after which the answer is yet to come. After a start without mistakes the first answer describes the spaces.
"""

import os
import signal

if hasattr(os, "setsid"):
    # Ctrl-C at a terminal goes to a whole process group, and some stop a service by signals to all its
    # processes. Java decides when this one ends: at the end of the conversation.
    try:
        os.setsid()
    except PermissionError:
        pass  # it leads a group of its own already

    def _stay(number, frame):
        pass

    for _number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A handler, not SIG_IGN, which programs that an environment starts would inherit.
        signal.signal(_number, _stay)
        signal.siginterrupt(_number, False)

    def _as_usual():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    os.register_at_fork(after_in_child=_as_usual)

import ast
import inspect
import json
import re
import socket
import struct
import sys
import threading
import time
import traceback

RESET, STEP, ADD, CLOSE, RENDER, GET_STATE, SET_STATE, JUDGE = range(1, 9)
OK, FAILED, MISTAKE, FAULT, WORKING = range(5)
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY, DICT = range(1, 6)
TERMINATED, TRUNCATED, SUCCESS_DEFINED, SUCCESS, STEP_FAILED, STEP_FAULT = 1, 2, 4, 8, 16, 32
GOALS, GOALS_END = 1, 2

# As the Java side has it: beyond, not every integer is a float32.
MOST_ELEMENTS = 1 << 24
LARGEST = 3.4028234663852886e38
WORKING_EVERY = 1.0  # seconds
GRACE = 5.0  # seconds


class Mistake(Exception):
    """Something of the user's that its one line says all about."""


class Fault(Exception):
    """Something of the environment's that its one line says all about."""


def watch_parent():
    """Ends with the Java program, whatever an environment is doing."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        time.sleep(GRACE)  # the conversation has ended: environments are being closed
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)  # with what they have started
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


class Pipes:
    """Standard input and output in a socket's place; what environments print goes to the error stream."""

    def __init__(self):
        self.input = os.fdopen(os.dup(0), "rb", buffering=0)
        self.output = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)

    def recv_into(self, view):
        return self.input.readinto(view)

    def sendall(self, data):
        view = memoryview(data)
        while len(view):
            view = view[self.output.write(view):]


class Channel:
    def __init__(self, transport):
        self.transport = transport
        self.buffer = bytearray(1 << 16)

    def receive(self):
        """The next question, valid until the one after it; None at the end."""
        have = 0
        need = 4
        while have < need:
            count = self.transport.recv_into(memoryview(self.buffer)[have:])
            if not count:
                return None
            have += count
            if need == 4 and have >= 4:
                need = 4 + struct.unpack_from("<i", self.buffer)[0]
                if need > len(self.buffer):
                    self.buffer.extend(bytes(need - len(self.buffer)))
        return memoryview(self.buffer)[4:need]

    def send(self, status, payload=b""):
        self.transport.sendall(struct.pack("<ii", 4 + len(payload), status) + payload)


def squeezed(message):
    return " ".join(re.sub(r"\x1b\[[0-9;]*m", "", message).split())


def one_line(error):
    return squeezed(f"{type(error).__name__}: {error}")


def text(value):
    data = value.encode()
    return struct.pack("<i", len(data)) + data


def literal(value):
    """What a constructor's argument means: 5, 0.1, true, None, [1, 2]; anything else is a string."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(value)
        except (ValueError, SyntaxError):
            pass
    return value


class Codec:
    """Elements of a space as rows of float32, as the Java side has them."""

    def __init__(self, space, role, name=None):
        import gymnasium.spaces as spaces
        import numpy as np

        self.np = np
        self.space = space
        self.name = name or role
        self.parts = None
        if isinstance(space, spaces.Box):
            self.kind = BOX
            self.size = self.count(space.shape)
            low, high = self.bounds(role == "action")
            shape = space.shape if space.shape else (1,)
            self.description = (
                struct.pack(f"<ii{len(shape)}i", BOX, len(shape), *shape) + low.tobytes() + high.tobytes()
            )
        elif isinstance(space, spaces.Discrete):
            self.kind = DISCRETE
            self.size = 1
            self.start = int(space.start)
            self.last = self.start + int(space.n) - 1
            self.description = struct.pack("<ii", DISCRETE, self.alternatives(int(space.n)))
        elif isinstance(space, spaces.MultiDiscrete):
            self.kind = MULTI_DISCRETE
            counts = np.asarray(space.nvec).ravel()
            self.size = self.count(counts.shape)
            start = getattr(space, "start", None)
            self.start = np.zeros_like(counts) if start is None else np.asarray(start).ravel()
            self.counts = counts
            described = [self.alternatives(int(count)) for count in counts]
            self.description = struct.pack(f"<ii{self.size}i", MULTI_DISCRETE, self.size, *described)
        elif isinstance(space, spaces.MultiBinary):
            self.kind = MULTI_BINARY
            self.size = self.count(space.shape)
            self.description = struct.pack("<ii", MULTI_BINARY, self.size)
        elif isinstance(space, (spaces.Dict, spaces.Tuple)):
            self.kind = DICT
            self.keyed = isinstance(space, spaces.Dict)
            named = list(space.spaces.items()) if self.keyed else list(enumerate(space.spaces))
            if not named:
                raise Mistake(f"the {self.name} space {space} holds nothing")
            self.parts = []
            self.size = 0
            self.description = struct.pack("<ii", DICT, len(named))
            for key, part in named:
                codec = Codec(part, role, f"{self.name}[{key!r}]")
                self.parts.append((key, codec, self.size, self.size + codec.size))
                self.size += codec.size
                self.description += text(str(key)) + codec.description
        else:
            raise Mistake(
                f"the {self.name} space {space} is not supported: only Box, Discrete, MultiDiscrete, "
                "MultiBinary, and Dict or Tuple of them are"
            )

    def count(self, shape):
        size = 1
        for dimension in shape:
            size *= int(dimension)
        if not 1 <= size <= MOST_ELEMENTS:
            raise Mistake(
                f"the {self.name} space {squeezed(str(self.space))} holds {size} numbers: it can have from 1 to "
                f"2^24 = {MOST_ELEMENTS}"
            )
        return size

    def alternatives(self, n):
        if not 1 <= n <= MOST_ELEMENTS:
            raise Mistake(
                f"the {self.name} space {squeezed(str(self.space))} has a choice of {n}: there can be from 1 to "
                f"2^24 = {MOST_ELEMENTS}"
            )
        return n

    def bounds(self, inward):
        """As float32; inward, so that what is legal there is legal here."""
        np = self.np
        exact_low, exact_high = np.asarray(self.space.low), np.asarray(self.space.high)
        with np.errstate(over="ignore"):
            low, high = exact_low.astype("<f4"), exact_high.astype("<f4")
            if inward:
                infinity = np.float32(np.inf)
                inner_low = np.where(low < exact_low, np.nextafter(low, infinity), low)
                inner_high = np.where(high > exact_high, np.nextafter(high, -infinity), high)
                between = inner_low <= inner_high
                low, high = np.where(between, inner_low, low), np.where(between, inner_high, high)
        return low.astype("<f4"), high.astype("<f4")

    def encode(self, value, row):
        """Writes an element into a row."""
        np = self.np
        kind = self.kind
        if kind == BOX:
            shape = np.shape(value)
            if shape != self.space.shape:
                raise self.unfit(f"has the shape {shape}", f"has {self.space.shape}")
            row[:] = value if len(shape) == 1 else np.reshape(value, -1)
        elif kind == DISCRETE:
            index = int(value)
            if not self.start <= index <= self.last:
                raise self.unfit(f"is {value}", f"holds {self.start} to {self.last}")
            row[0] = index - self.start
        elif kind == DICT:
            for i, (key, codec, low, high) in enumerate(self.parts):
                try:
                    part = value[key if self.keyed else i]
                except (KeyError, IndexError, TypeError):
                    raise self.unfit(f"has no {key!r}", "has one") from None
                codec.encode(part, row[low:high])
        else:
            array = np.asarray(value)
            if array.shape != self.space.shape:
                raise self.unfit(f"has the shape {array.shape}", f"has {self.space.shape}")
            indices = array.reshape(-1)
            if kind == MULTI_DISCRETE:
                indices = indices - self.start
                most = self.counts - 1
            else:
                most = 1
            if not ((indices >= 0) & (indices <= most)).all():
                raise self.unfit(f"is {squeezed(str(value))}", "does not hold it")
            row[:] = indices

    def unfit(self, what, should):
        return Fault(f"the {self.name} {what}, but its space {squeezed(str(self.space))} {should}")

    def encode_checked(self, value, row):
        try:
            self.encode(value, row)
        except (TypeError, ValueError, OverflowError) as error:
            raise Fault(
                f"the {self.name} {squeezed(repr(value))[:80]} does not fit its space "
                f"{squeezed(str(self.space))}: {squeezed(str(error))}"
            ) from None

    def decode(self, row):
        """The element in a row; it may share the row's memory."""
        kind = self.kind
        np = self.np
        if kind == BOX:
            return self.decode_box(row).reshape(self.space.shape)
        if kind == DISCRETE:
            return np.int64(int(row[0]) + self.start)
        if kind == MULTI_DISCRETE:
            return (row.astype(np.int64) + self.start).astype(self.space.dtype).reshape(self.space.shape)
        if kind == MULTI_BINARY:
            return row.astype(self.space.dtype).reshape(self.space.shape)
        elements = [(key, codec.decode(row[low:high])) for key, codec, low, high in self.parts]
        return dict(elements) if self.keyed else tuple(element for _, element in elements)

    def decode_box(self, rows):
        """The numbers of one row or of several, in the space's type."""
        np = self.np
        dtype = self.space.dtype
        if dtype.kind in "iu":
            # Not every integer is a float32, and one beyond the type would wrap around.
            low, high = self.space.low.reshape(-1), self.space.high.reshape(-1)
            near = np.rint(rows.astype(np.float64))
            with np.errstate(invalid="ignore"):
                return np.where(near <= low, low, np.where(near >= high, high, near.astype(dtype)))
        return rows.astype(dtype, copy=False)


def tolerant(env, gymnasium):
    """The environment and a function of a seed that resets it, whatever of seed and options it takes."""
    base = env.unwrapped
    try:
        parameters = inspect.signature(base.reset).parameters
    except (TypeError, ValueError):
        parameters = {"seed": None, "options": None}
    every = any(p is not None and p.kind is p.VAR_KEYWORD for p in parameters.values())
    if every or ("seed" in parameters and "options" in parameters):
        return env, lambda seed: env.reset(seed=seed)
    # Gymnasium's own wrappers always pass both on.
    wrappers = gymnasium.wrappers
    inner = env
    while isinstance(inner, (wrappers.OrderEnforcing, wrappers.PassiveEnvChecker)):
        inner = inner.env
    if "seed" in parameters:
        return inner, lambda seed: inner.reset(seed=seed)
    if callable(getattr(base, "seed", None)):

        def reset(seed):
            base.seed(seed)
            return inner.reset()

        return inner, reset
    print(f"{type(base).__name__}.reset takes no seed: its episodes do not repeat", file=sys.stderr)
    return inner, lambda seed: inner.reset()


class Environment:
    """One environment and how to talk to it."""

    def __init__(self, env, gymnasium):
        self.env, self.reset = tolerant(env, gymnasium)
        self.step = self.env.step


class Judge:
    """What steps would have earned under other goals, by the environment's own functions.

    These are made for batches in some environments and for single rows in others, where a batch may give
    a wrong number without complaint. The first batch is judged both ways, and the quick one is taken for
    good only if it gave the same.
    """

    def __init__(self, server):
        self.np = server.np
        parts = {key: codec for key, codec, _, _ in server.observations.parts}
        self.achieved = parts["achieved_goal"]
        self.desired = parts["desired_goal"]
        self.whole = {}

    def of(self, function, name, achieved, desired, kind):
        np = self.np
        whole = self.whole.get(name)
        if whole is not False and len(achieved) > 1 and self.achieved.kind == BOX and self.desired.kind == BOX:
            together = None
            try:
                together = np.asarray(function(self.rows(self.achieved, achieved), self.rows(self.desired, desired), {}))
            except Exception:
                if whole:
                    raise
            if together is not None and together.shape == (len(achieved),):
                if whole:
                    return together.astype(kind)
                alone = self.one_by_one(function, achieved, desired, kind)
                self.whole[name] = bool((together.astype(kind) == alone).all())
                return alone
            self.whole[name] = False
        return self.one_by_one(function, achieved, desired, kind)

    def rows(self, codec, rows):
        return codec.decode_box(rows).reshape((len(rows),) + codec.space.shape)

    def one_by_one(self, function, achieved, desired, kind):
        return self.np.array(
            [
                number(self.np, function(self.achieved.decode(a), self.desired.decode(d), {}))
                for a, d in zip(achieved, desired)
            ]
        ).astype(kind)


def number(np, reward):
    """A reward as a float."""
    if not isinstance(reward, float):  # as numpy's float64 is
        try:
            if not isinstance(reward, (int, np.number)):
                if reward is None or np.size(reward) != 1:
                    raise ValueError
                reward = np.asarray(reward).reshape(-1)[0]
            reward = float(reward)
        except (TypeError, ValueError):
            raise Fault(f"the reward is {squeezed(repr(reward))[:80]}, but it must be one number") from None
    if not -LARGEST <= reward <= LARGEST:  # which NaN is not, either
        raise Fault(f"the reward is {reward}, but it must be finite, and no larger than a float32 can be")
    return reward


class Server:
    def __init__(self, env_id, render, arguments):
        try:
            import numpy as np
            import gymnasium
        except ImportError as error:
            raise Mistake(
                f"the package {error.name} is missing in {sys.executable}; there: pip install gymnasium"
            ) from None
        self.np = np
        self.gymnasium = gymnasium
        self.env_id = env_id
        self.arguments = {name: literal(value) for name, value in arguments}
        if render:
            self.arguments["render_mode"] = "rgb_array"
        self.envs = []
        self.max_steps = 0
        made = self.make()
        self.envs.append(made)
        self.observations = Codec(made.env.observation_space, "observation")
        self.actions = Codec(made.env.action_space, "action")
        self.goals = self.goal_functions(made)
        self.flags = self.mask_flags(made)
        self.row_size = self.observations.size + self.flags
        self.judge = Judge(self) if self.goals else None
        self.answers = {}

    def make(self):
        try:
            env = self.gymnasium.make(self.env_id, disable_env_checker=True, **self.arguments)
        except Exception as error:
            if not isinstance(error, (self.gymnasium.error.Error, TypeError, ImportError)):
                traceback.print_exc()
            count = sum(env is not None for env in self.envs)
            others = (
                f" (with {count} of them open: perhaps there can be no more at a time)" if count else ""
            )
            raise Mistake(one_line(error) + others) from None
        # The Java side keeps the time: so it can be saved.
        if isinstance(env, self.gymnasium.wrappers.TimeLimit):
            self.max_steps = env._max_episode_steps
            env = env.env
        return Environment(env, self.gymnasium)

    def goal_functions(self, made):
        """compute_reward and, where there is one, compute_terminated, of a task with goals."""
        observations = self.observations
        if observations.kind != DICT or not observations.keyed:
            return None
        parts = {key: codec for key, codec, _, _ in observations.parts}
        if "achieved_goal" not in parts or "desired_goal" not in parts:
            return None
        if not callable(self.function(made, "compute_reward")):
            return None
        return GOALS | (GOALS_END if callable(self.function(made, "compute_terminated")) else 0)

    def mask_flags(self, made):
        """How many flags action_masks() has to give, of an environment that has it."""
        if not callable(self.function(made, "action_masks")):
            return 0
        if self.actions.kind == DISCRETE:
            return self.actions.last - self.actions.start + 1
        if self.actions.kind == MULTI_DISCRETE:
            return int(self.actions.counts.sum())
        raise Mistake(
            "it has action_masks(), but masks are for Discrete and MultiDiscrete actions, not for "
            f"{squeezed(str(self.actions.space))}"
        )

    def encode(self, made, observation, terminated, row):
        """Writes an observation and, of an environment with masks, the mask behind it."""
        if not self.flags:
            self.observations.encode_checked(observation, row)
            return
        np = self.np
        self.observations.encode_checked(observation, row[: self.observations.size])
        if terminated:  # where nothing is chosen any more
            row[self.observations.size :] = 1
            return
        mask = self.function(made, "action_masks")()
        try:
            flags = np.ravel(mask) if isinstance(mask, np.ndarray) else np.concatenate([np.ravel(p) for p in mask])
        except (TypeError, ValueError):
            raise Fault(f"action_masks() gave {squeezed(repr(mask))[:80]}, but it must give flags") from None
        if len(flags) != self.flags:
            raise Fault(f"action_masks() gave {len(flags)} flags, but it must give {self.flags}, one an action")
        row[self.observations.size :] = flags != 0

    def function(self, made, name):
        try:
            return made.env.get_wrapper_attr(name)
        except AttributeError:
            return None

    def description(self):
        metadata = self.envs[0].env.metadata or {}
        frames = float(metadata.get("render_fps") or 30)
        return (
            struct.pack("<iiid", self.max_steps or 0, self.goals or 0, self.flags, frames)
            + self.observations.description
            + self.actions.description
        )

    def answer(self, question, working):
        (op,) = struct.unpack_from("<i", question)
        if op == STEP:
            return self.step(question, working)
        (index,) = struct.unpack_from("<i", question, 4)
        if op == RESET:
            (seed,) = struct.unpack_from("<q", question, 8)
            observation = self.envs[index].reset(seed)
            # Before Gymnasium, reset gave no second thing.
            if isinstance(observation, tuple) and len(observation) == 2 and isinstance(observation[1], dict):
                observation = observation[0]
            row = self.np.empty(self.row_size, "<f4")
            self.encode(self.envs[index], observation, False, row)
            return row.tobytes()
        if op == JUDGE:
            return self.judged(index, question)
        if op == ADD:
            made = self.make()
            while len(self.envs) <= index:
                self.envs.append(None)
            self.envs[index] = made
            return b""
        if op == CLOSE:
            made, self.envs[index] = self.envs[index], None
            if made is not None:
                made.env.close()
            return b""
        env = self.envs[index].env
        if op == RENDER:
            frame = self.np.ascontiguousarray(env.render(), dtype=self.np.uint8)
            if frame.ndim != 3 or frame.shape[2] != 3:
                raise Fault(f"render gave an array of shape {frame.shape}, not [height, width, 3]")
            return struct.pack("<ii", frame.shape[1], frame.shape[0]) + frame.tobytes()
        base = env.unwrapped
        if getattr(base, "state", None) is None:
            raise Mistake("the state cannot be read or set: there is no unwrapped.state")
        try:
            state = self.np.asarray(base.state, dtype=self.np.float64).reshape(-1)
        except (TypeError, ValueError):
            raise Mistake(
                f"the state cannot be read or set: unwrapped.state is no array of numbers but {type(base.state).__name__}"
            ) from None
        if op == GET_STATE:
            return state.tobytes()
        if op == SET_STATE:
            new = self.np.frombuffer(question, "<f8", offset=8).copy()
            if len(new) != len(state):
                raise Mistake(f"the state must have length {len(state)}, not {len(new)}")
            base.state = new
            return b""
        raise ValueError(f"no operation {op}")

    def judged(self, index, question):
        np = self.np
        (count,) = struct.unpack_from("<i", question, 8)
        size = self.judge.achieved.size
        goals = np.frombuffer(question, "<f4", 2 * count * size, 12).copy().reshape(2, count, size)
        made = self.envs[index]
        rewards = self.judge.of(self.function(made, "compute_reward"), "reward", goals[0], goals[1], "<f8")
        for reward in rewards[~np.isfinite(rewards.astype("<f4"))]:
            number(np, float(reward))
        ends = np.zeros(count, "u1")
        if self.goals & GOALS_END:
            ends = self.judge.of(self.function(made, "compute_terminated"), "ends", goals[0], goals[1], "u1")
        return rewards.tobytes() + ends.tobytes()

    def step(self, question, working):
        np = self.np
        (count,) = struct.unpack_from("<i", question, 4)
        size = self.row_size
        if count not in self.answers:
            answer = bytearray(count * (8 + 4 * size + 1))
            rewards = np.frombuffer(answer, "<f8", count)
            rows = np.frombuffer(answer, "<f4", count * size, 8 * count).reshape(count, size)
            flags = np.frombuffer(answer, "u1", count, count * (8 + 4 * size))
            self.answers[count] = answer, rewards, rows, flags
        answer, rewards, rows, flags = self.answers[count]
        indices = np.frombuffer(question, "<i4", count, 8)
        # A copy, since environments may keep their actions.
        actions = np.frombuffer(question, "<f4", count * self.actions.size, 8 + 4 * count).copy()
        actions = actions.reshape(count, self.actions.size)
        failures = b""
        told = time.monotonic()
        for i, index in enumerate(indices.tolist()):
            try:
                flags[i] = self.step_one(self.envs[index], actions[i], rows[i], rewards, i)
            except Exception as error:
                # The others are stepped all the same: whose fault it was is known then.
                status, message = report(error)
                flags[i] = STEP_FAULT if status == FAULT else STEP_FAILED
                failures += text(message)
            now = time.monotonic()
            if now - told > WORKING_EVERY:
                told = now
                working()
        return answer + failures if failures else answer

    def step_one(self, made, action, row, rewards, i):
        result = made.step(self.actions.decode(action))
        try:
            count = len(result)
        except TypeError:
            count = 0
        if count == 5:
            observation, reward, terminated, truncated, info = result
        elif count == 4:  # as it was before Gymnasium
            observation, reward, terminated, info = result
            truncated = bool(terminated and info and info.get("TimeLimit.truncated"))
            terminated = terminated and not truncated
        else:
            raise Fault(
                f"step gave {f'{count} values' if count else squeezed(repr(result))[:80]}, but it must give five: "
                "observation, reward, terminated, truncated, info"
            )
        self.encode(made, observation, terminated, row)
        rewards[i] = number(self.np, reward)
        flag = (TERMINATED if terminated else 0) | (TRUNCATED if truncated else 0)
        if info and "is_success" in info:
            success = info["is_success"]
            if isinstance(success, self.np.ndarray):
                success = success.all()
            flag |= SUCCESS_DEFINED | (SUCCESS if success else 0)
        return flag

    def close(self):
        for made in self.envs:
            if made is not None:
                try:
                    made.env.close()
                except Exception:
                    pass


def report(error):
    """The status and the message of an exception."""
    if isinstance(error, Mistake):
        return MISTAKE, str(error)
    if isinstance(error, Fault):
        return FAULT, str(error)
    # From the environment's own frames on, without those of Gymnasium's wrappers.
    package = os.path.dirname(sys.modules["gymnasium"].__file__) if "gymnasium" in sys.modules else __file__
    passing = (__file__, os.path.join(package, "wrappers"), os.path.join(package, "core.py"))
    below = error.__traceback__
    while below.tb_next is not None and below.tb_frame.f_code.co_filename.startswith(passing):
        below = below.tb_next
    return FAILED, "".join(traceback.format_exception(type(error), error, below))


def main():
    path, env_id, render = sys.argv[1:4]
    arguments = [pair.split("=", 1) for pair in sys.argv[4:]]
    # Not the script's own folder but the user's, where a module with environments may be; last, so that
    # no file there takes the place of an installed module.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) != here] + [os.getcwd()]
    watch_parent()
    if path == "-":
        channel = Channel(Pipes())
    else:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(path)
        channel = Channel(connection)
    try:
        server = Server(env_id, render == "1", arguments)
        channel.send(OK, server.description())
    except Exception as error:
        status, message = report(error)
        channel.send(status, message.encode())
        return
    while True:
        try:
            question = channel.receive()
        except OSError:  # the other side is gone in the middle of a message
            question = None
        if question is None:
            server.close()
            return
        try:
            status, payload = OK, server.answer(question, lambda: channel.send(WORKING))
        except Exception as error:
            status, message = report(error)
            payload = message.encode()
        channel.send(status, payload)


main()
