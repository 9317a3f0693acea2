"""Runs Gymnasium environments for a Java program; needs nothing but gymnasium and numpy.

Usage: bridge.py SOCKET ENV_ID RENDER     (SOCKET "-" for pipes on standard input and output)

The Java side asks, this side answers, one message each way at a time. All numbers are little-endian. A
message is an int32 with the number of bytes that follow, and these bytes; a question begins with an int32
OP, an answer with an int32 STATUS: 0, 1 for an exception of the environment (its traceback follows), 2
for a mistake of the user's (one line follows). After a start without mistakes the first answer describes
the spaces.
"""

import os
import re
import socket
import struct
import sys
import threading
import time
import traceback

RESET, STEP, ADD, CLOSE, RENDER, GET_STATE, SET_STATE = range(1, 8)
OK, FAILED, MISTAKE = range(3)
BOX, DISCRETE, MULTI_DISCRETE, MULTI_BINARY, DICT = range(1, 6)
TERMINATED, TRUNCATED, SUCCESS_DEFINED, SUCCESS = 1, 2, 4, 8


class Mistake(Exception):
    """Something that its one line says all about."""


def watch_parent():
    """Ends with the Java program, whatever an environment is doing."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
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


def one_line(error):
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")
    return " ".join(text.split())


def text(value):
    data = value.encode()
    return struct.pack("<i", len(data)) + data


class Codec:
    """Elements of a space as rows of float32, as the Java side has them."""

    def __init__(self, space, role):
        import gymnasium.spaces as spaces
        import numpy as np

        self.np = np
        self.space = space
        self.parts = None
        if isinstance(space, spaces.Box):
            self.kind = BOX
            self.size = int(np.prod(space.shape, dtype=np.int64))
            with np.errstate(over="ignore"):
                low = np.asarray(space.low).astype("<f4").tobytes()
                high = np.asarray(space.high).astype("<f4").tobytes()
            shape = space.shape if space.shape else (1,)
            if self.size < 1:
                raise Mistake(f"the {role} space {space} holds nothing")
            self.description = struct.pack(f"<ii{len(shape)}i", BOX, len(shape), *shape) + low + high
        elif isinstance(space, spaces.Discrete):
            self.kind = DISCRETE
            self.size = 1
            self.start = int(space.start)
            self.description = struct.pack("<ii", DISCRETE, int(space.n))
        elif isinstance(space, spaces.MultiDiscrete):
            self.kind = MULTI_DISCRETE
            counts = np.asarray(space.nvec).ravel()
            self.size = len(counts)
            start = getattr(space, "start", None)
            self.start = np.zeros_like(counts) if start is None else np.asarray(start).ravel()
            self.description = struct.pack(f"<ii{self.size}i", MULTI_DISCRETE, self.size, *counts)
        elif isinstance(space, spaces.MultiBinary):
            self.kind = MULTI_BINARY
            self.size = int(np.prod(space.shape, dtype=np.int64))
            self.description = struct.pack("<ii", MULTI_BINARY, self.size)
        elif isinstance(space, (spaces.Dict, spaces.Tuple)):
            self.kind = DICT
            named = (
                list(space.spaces.items())
                if isinstance(space, spaces.Dict)
                else [(str(i), part) for i, part in enumerate(space.spaces)]
            )
            if not named:
                raise Mistake(f"the {role} space {space} holds nothing")
            self.keyed = isinstance(space, spaces.Dict)
            self.parts = []
            self.size = 0
            self.description = struct.pack("<ii", DICT, len(named))
            for key, part in named:
                codec = Codec(part, role)
                self.parts.append((key, codec, self.size, self.size + codec.size))
                self.size += codec.size
                self.description += text(str(key)) + codec.description
        else:
            raise Mistake(
                f"the {role} space {space} is not supported: only Box, Discrete, MultiDiscrete, MultiBinary, "
                "and Dict or Tuple of them are"
            )

    def encode(self, value, row):
        """Writes an element into a row."""
        kind = self.kind
        if kind == BOX:
            shape = self.np.shape(value)
            if shape != self.space.shape:
                raise ValueError(f"an element of shape {shape} where {self.space} says {self.space.shape}")
            row[:] = value if len(shape) == 1 else self.np.reshape(value, -1)
        elif kind == DISCRETE:
            row[0] = int(value) - self.start
        elif kind == MULTI_DISCRETE:
            row[:] = self.np.reshape(value, -1) - self.start
        elif kind == MULTI_BINARY:
            row[:] = self.np.reshape(value, -1)
        else:
            for i, (key, codec, low, high) in enumerate(self.parts):
                codec.encode(value[key] if self.keyed else value[i], row[low:high])

    def decode(self, row):
        """The element in a row; it may share the row's memory."""
        kind = self.kind
        np = self.np
        if kind == BOX:
            dtype = self.space.dtype
            if dtype.kind in "iu":
                row = np.rint(row)
            return row.astype(dtype, copy=False).reshape(self.space.shape)
        if kind == DISCRETE:
            return np.int64(int(row[0]) + self.start)
        if kind == MULTI_DISCRETE:
            return (row.astype(np.int64) + self.start).astype(self.space.dtype).reshape(self.space.shape)
        if kind == MULTI_BINARY:
            return row.astype(self.space.dtype).reshape(self.space.shape)
        elements = [(key, codec.decode(row[low:high])) for key, codec, low, high in self.parts]
        return dict(elements) if self.keyed else tuple(element for _, element in elements)


class Server:
    def __init__(self, env_id, render):
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
        self.render_mode = "rgb_array" if render else None
        self.envs = []
        self.max_steps = 0
        env = self.make()
        self.envs.append(env)
        self.observations = Codec(env.observation_space, "observation")
        self.actions = Codec(env.action_space, "action")
        self.answers = {}

    def make(self):
        try:
            env = self.gymnasium.make(
                self.env_id, render_mode=self.render_mode, disable_env_checker=True
            )
        except Exception as error:
            raise Mistake(one_line(error)) from None
        # The Java side keeps the time: so it can be saved.
        if isinstance(env, self.gymnasium.wrappers.TimeLimit):
            self.max_steps = env._max_episode_steps
            env = env.env
        return env

    def description(self):
        metadata = self.envs[0].metadata or {}
        frames = float(metadata.get("render_fps") or 30)
        return (
            struct.pack("<id", self.max_steps or 0, frames)
            + self.observations.description
            + self.actions.description
        )

    def answer(self, question):
        (op,) = struct.unpack_from("<i", question)
        if op == STEP:
            return self.step(question)
        if op == RESET:
            index, seed = struct.unpack_from("<iq", question, 4)
            observation, _ = self.envs[index].reset(seed=seed)
            row = self.np.empty(self.observations.size, "<f4")
            self.observations.encode(observation, row)
            return row.tobytes()
        (index,) = struct.unpack_from("<i", question, 4)
        if op == ADD:
            env = self.make()
            while len(self.envs) <= index:
                self.envs.append(None)
            self.envs[index] = env
            return b""
        if op == CLOSE:
            env, self.envs[index] = self.envs[index], None
            if env is not None:
                env.close()
            return b""
        if op == RENDER:
            frame = self.np.ascontiguousarray(self.envs[index].render(), dtype=self.np.uint8)
            if frame.ndim != 3 or frame.shape[2] != 3:
                raise ValueError(f"render gave an array of shape {frame.shape}, not [height, width, 3]")
            return struct.pack("<ii", frame.shape[1], frame.shape[0]) + frame.tobytes()
        base = self.envs[index].unwrapped
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

    def step(self, question):
        np = self.np
        (count,) = struct.unpack_from("<i", question, 4)
        size = self.observations.size
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
        decode, encode = self.actions.decode, self.observations.encode
        for i, index in enumerate(indices.tolist()):
            observation, reward, terminated, truncated, info = self.envs[index].step(decode(actions[i]))
            encode(observation, rows[i])
            rewards[i] = reward
            flag = (TERMINATED if terminated else 0) | (TRUNCATED if truncated else 0)
            if "is_success" in info:
                flag |= SUCCESS_DEFINED | (SUCCESS if info["is_success"] else 0)
            flags[i] = flag
        return answer

    def close(self):
        for env in self.envs:
            if env is not None:
                try:
                    env.close()
                except Exception:
                    pass


def main():
    path, env_id, render = sys.argv[1:4]
    watch_parent()
    if path == "-":
        channel = Channel(Pipes())
    else:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(path)
        channel = Channel(connection)
    try:
        server = Server(env_id, render == "1")
        channel.send(OK, server.description())
    except Mistake as error:
        channel.send(MISTAKE, str(error).encode())
        return
    except Exception:
        channel.send(FAILED, traceback.format_exc().encode())
        return
    while True:
        question = channel.receive()
        if question is None:
            server.close()
            return
        try:
            channel.send(OK, server.answer(question))
        except Mistake as error:
            channel.send(MISTAKE, str(error).encode())
        except Exception as error:
            # From the environment's own frames on.
            below = error.__traceback__
            while below.tb_next is not None and below.tb_frame.f_code.co_filename == __file__:
                below = below.tb_next
            lines = traceback.format_exception(type(error), error, below)
            channel.send(FAILED, "".join(lines).encode())


main()
