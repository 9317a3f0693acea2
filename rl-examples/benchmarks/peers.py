#!/usr/bin/env python3
"""Times DeepRL4J and the Python peers on the same workloads, in turns, on one machine.

    python3 -m venv ~/peers
    ~/peers/bin/pip install stable-baselines3 sb3-contrib sbx-rl 'gymnasium[classic-control]'
    ~/peers/bin/python rl-examples/benchmarks/peers.py all            # all workloads, under 20 minutes; writes docs/performance.md
    ~/peers/bin/python rl-examples/benchmarks/peers.py sac-cheap dqn-cartpole  # some of them, printed
    ~/peers/bin/python rl-examples/benchmarks/peers.py networks       # fit and inference beside PyTorch (JMH, minutes)

Workloads: {workloads}.

How it measures: every side is a process that trains without end and counts the steps of its environments in a file.
It runs first until it grows no faster (imports, compilation), and is stopped by a signal when it is another one's turn. Each side
with 1 and with 2 (all) threads takes one turn; the faster goes on, for five rounds of turns. An on-policy turn is a whole number of
iterations. Given are medians and ranges of the rounds, and of the ratios within a round. The settings are
Stable-Baselines3's defaults on all sides; off-policy networks are 256x256, SBX's own, on all sides. Where products take most of the
time (off-policy), multiply-adds on registers alone take turns too: the most that any program could reach on these cores in these rounds.

--seconds S makes turns S seconds long (default 3), --minutes M shortens them so that all ends in time (default 19).
"""

import argparse
import json
import mmap
import os
import pathlib
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- peers.py writes from here -->", "<!-- to here -->"
ROUNDS = 5
PATIENCE = 45  # seconds for a start, or for a turn of whole iterations; beyond, something else is going on
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
THREADS = sorted({1, CORES})
ENVIRONMENTS = {"cartpole": "CartPole-v1", "pendulum": "Pendulum-v1", "cheap": "Cheap"}
SB3, SBX, OURS = "Stable-Baselines3", "SBX", "DeepRL4J"
# The steps of an iteration, in which updates come all at once.
ITERATION = {"ppo": 2048, "recurrentppo": 128, "trpo": 2048, "a2c": 5, "dqn": 4, "sac": 1, "td3": 1, "ddpg": 1}
OFF_POLICY = ("sac", "td3", "ddpg")


SIZES = {"Pendulum-v1": (3, 1), "Cheap": (17, 6)}  # observations, actions


def update_flop(algorithm, environment):
    """Floating-point operations of one update's products, networks of 256×256 and batches of 256."""
    observations, actions = SIZES[environment]
    width = 256

    def network(inputs, outputs):
        """Forward or the gradient of all weights; the gradient of the inputs of all layers but the first."""
        return inputs * width + width * width + width * outputs, width * width + width * outputs

    actor, actor_inner = network(observations, actions * (2 if algorithm == "sac" else 1))
    critic, critic_inner = network(observations + actions, 1)
    critics = 1 if algorithm == "ddpg" else 2
    improving = 2 if algorithm == "sac" else 1  # critics that the actor's loss asks
    targets = actor + critics * critic
    evaluation = critics * (2 * critic + critic_inner)
    improvement = 2 * actor + actor_inner + improving * 2 * critic
    return 2 * width * (targets + evaluation + improvement / (2 if algorithm == "td3" else 1))


def workloads():
    """Name to (algorithm, environment)."""
    pairs = [(a, e) for a in ("ppo", "a2c", "trpo") for e in ("cartpole", "cheap")]
    pairs.append(("recurrentppo", "cartpole"))
    pairs += [(a, e) for a in OFF_POLICY for e in ("pendulum", "cheap")] + [("dqn", "cartpole")]
    return {f"{a}-{e}": (a, ENVIRONMENTS[e]) for a, e in pairs}


def mapped(file):
    """The number in a file's first eight bytes, to read and write as one word."""
    with open(file, "r+b") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 8)).cast("q")


# ---------------------------------------------------------------- the peers' side, in processes of their own


def cheap():
    """Of HalfCheetah's size, with next to no work in a step; the same as peers/Cheap.java."""
    import gymnasium as gym
    import numpy as np

    class Cheap(gym.Env):
        observation_space = gym.spaces.Box(-np.inf, np.inf, (17,), np.float32)
        action_space = gym.spaces.Box(-1, 1, (6,), np.float32)
        spread = np.arange(17) % 6

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.state = self.np_random.uniform(-0.1, 0.1, 17)
            self.steps = 0
            return self.state.astype(np.float32), {}

        def step(self, action):
            self.state = 0.9 * self.state + 0.1 * action[self.spread]
            self.steps += 1
            reward = float(self.state[0] - 0.1 * action.dot(action))
            return self.state.astype(np.float32), reward, False, self.steps == 1000, {}

    return Cheap()


def worker(library, algorithm, environment, threads):
    """Trains without end, counting steps in the file PEERS_COUNT."""
    import gymnasium as gym

    count = mapped(os.environ["PEERS_COUNT"])

    class Counted(gym.Wrapper):
        steps = 0

        def step(self, action):
            result = self.env.step(action)
            self.steps += 1
            count[0] = self.steps
            return result

    env = Counted(cheap() if environment == "Cheap" else gym.make(environment))
    options = {"policy_kwargs": {"net_arch": [256, 256]}} if algorithm in OFF_POLICY else {}
    if library == SBX:
        import sbx as peers
    else:
        import torch
        torch.set_num_threads(threads)
        import stable_baselines3 as peers
        if algorithm in ("trpo", "recurrentppo"):
            import sb3_contrib as peers
        options["device"] = "cpu"
    name, policy = algorithm.upper(), "MlpPolicy"
    if algorithm == "recurrentppo":  # with one LSTM of its 256 units for policy and value, as on our side
        name, policy = "RecurrentPPO", "MlpLstmPolicy"
        options["policy_kwargs"] = {"shared_lstm": True, "enable_critic_lstm": False}
    model = getattr(peers, name)(policy, env, seed=1, **options)
    model.learn(10**9)


def solve():
    """Trains PPO with the zoo's settings until 100 episodes of the cart-pole have a mean of 500; a line at the end."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
    from stable_baselines3.common.env_util import make_vec_env
    import torch
    torch.set_num_threads(1)
    model = PPO("MlpPolicy", make_vec_env("CartPole-v1", 8), n_steps=32, batch_size=256, gamma=0.98, gae_lambda=0.8,
                n_epochs=20, learning_rate=lambda left: 1e-3 * left, clip_range=lambda left: 0.2 * left,
                device="cpu", seed=int(os.environ["PEERS_SEED"]))
    stop = StopTrainingOnRewardThreshold(reward_threshold=499.99, verbose=0)
    model.learn(100_000, callback=EvalCallback(
        make_vec_env("CartPole-v1", 10), callback_on_new_best=stop, n_eval_episodes=100, eval_freq=10_000 // 8, verbose=0))
    print("solved" if model.num_timesteps < 100_000 else "not solved", model.num_timesteps)


# ---------------------------------------------------------------- measuring


class Side:
    """A process that trains; it stands still except in its turns."""

    def __init__(self, folder, name, threads, algorithm, environment):
        self.name, self.threads, self.cycle = name, threads, ITERATION[algorithm]
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        count = self.folder / "count"
        count.write_bytes(bytes(8))
        self.count = mapped(count)
        settings = dict(os.environ, PEERS_COUNT=str(count), PEERS_ENVIRONMENT=environment, OMP_NUM_THREADS=str(threads))
        if name == OURS:
            settings["OMP_NUM_THREADS"] = "1"
            command = [ROOT / "rl", "train", algorithm.replace("recurrent", ""), "--env", "peers.Counted", "--classpath", folder / "classes",
                       "--preset", "sb3-default", "--steps", str(10**9), "--threads", str(threads),
                       "--episodes", "0", "--out", self.folder / "run"]
            if environment != "Cheap":
                limit = {"CartPole-v1": "500", "Pendulum-v1": "200"}[environment]
                command += ["--max-episode-steps", limit]
            if algorithm in OFF_POLICY:
                command += ["--set", "hidden=256,256"]
            if algorithm == "recurrentppo":  # RecurrentPPO's own defaults
                command += ["--set", "lstmUnits=256", "--set", "rolloutSteps=128", "--set", "batchSize=128"]
        else:
            command = [sys.executable, __file__, "worker", name, algorithm, environment, str(threads)]
        self.log = open(self.folder / "log", "w+")
        self.process = subprocess.Popen(command, env=settings, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder)

    def steps(self):
        return self.count[0]

    def alive(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            sys.exit(f"{self.name} ended:\n{self.log.read()[-3000:]}")

    def warm(self):
        """Lets it start, compile and train until it grows no faster; False if it has not started when PATIENCE ends."""
        deadline = time.monotonic() + PATIENCE
        while self.steps() < max(200, self.cycle + 1) and time.monotonic() < deadline:
            self.alive()
            time.sleep(0.05)
        started = self.steps() >= max(200, self.cycle + 1)
        most, calm = 0, 0
        while started and calm < 2 and time.monotonic() < deadline:
            before = self.steps()
            time.sleep(1.5)
            done = self.steps() - before
            calm = calm + 1 if done <= 1.05 * most else 0
            most = max(most, done)
        self.alive()
        self.signal(signal.SIGSTOP)
        return started

    def signal(self, number):
        self.process.send_signal(number)

    def turn(self, seconds):
        """Steps per second over at least so many seconds, and over whole iterations."""
        self.signal(signal.SIGCONT)
        time.sleep(0.1)
        if self.cycle < 100:
            first, start = self.steps(), time.perf_counter()
            time.sleep(seconds)
            last, end = self.steps(), time.perf_counter()
        else:
            deadline = time.monotonic() + PATIENCE
            first, start = self.boundary(deadline)
            last, end = self.boundary(deadline)
            while end - start < seconds:
                last, end = self.boundary(deadline)
        self.alive()
        self.signal(signal.SIGSTOP)
        return (last - first) / (end - start)

    def boundary(self, deadline):
        """Waits for an iteration's first step, but not beyond a deadline: the steps, and when they were seen."""
        before = (self.steps() - 1) // self.cycle
        while (self.steps() - 1) // self.cycle == before and time.monotonic() < deadline:
            time.sleep(0.002)
        return self.steps(), time.perf_counter()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


def show(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def number(x):
    digits = max(0, 2 - len(str(int(abs(x)))))
    return f"{x:,.{digits}f}" if x < 1000 else f"{round(x, 2 - len(str(int(x)))):,.0f}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def compare_training(folder, name, seconds):
    """Rows of the table for one workload, and of that of the peak."""
    algorithm, environment = workloads()[name]
    libraries = [OURS, SB3] + ([SBX] if algorithm in OFF_POLICY and available("sbx") else [])
    sides = []
    peak = Peak(folder) if algorithm in OFF_POLICY else None
    try:
        for library in libraries:
            candidates = []
            for threads in THREADS if library != SBX else [CORES]:
                side = Side(folder, library, threads, algorithm, environment)
                sides.append(side)
                rate = side.turn(seconds) if side.warm() else 0
                show(f"{name}: {library}, {threads} threads: " + (f"{number(rate)} steps/s" if rate else "left out, too slow to start"))
                candidates.append((rate, side))
            most, best = max(candidates, key=lambda c: c[0])
            for _, side in candidates:
                if side is not best or not most:
                    sides.remove(side)
                    side.close()
        if len(sides) < 2 or sides[0].name != OURS:
            show(f"{name}: nothing to compare")
            return [], []
        rates = {side.name: [] for side in sides}
        peaks = []
        for turn in range(ROUNDS):
            for side in sides if turn % 2 == 0 else reversed(sides):
                rates[side.name].append(side.turn(seconds))
                if peak:
                    peaks.append(peak.turn(seconds / 3))
            show(f"{name}: round {turn + 1} of {ROUNDS}: " + ", ".join(f"{k} {number(v[-1])}" for k, v in rates.items()))
        threads = {side.name: side.threads for side in sides}
        where = f"{algorithm.upper()}, {environment}" + (", 256×256" if algorithm in OFF_POLICY else "")
        rows = [row(where, peer, rates, threads) for peer in rates if peer != OURS]
        return rows, [peak_row(where, update_flop(algorithm, environment), peaks, rates)] if peak else []
    finally:
        if peak:
            peak.close()
        for side in sides:
            side.close()


class Peak:
    """Multiply-adds on registers alone, on all threads."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [java_command(), "--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC", "-cp", folder / "classes", "peers.Peak"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.turn(1)

    def turn(self, seconds):
        """GFLOP/s."""
        print(CORES, seconds, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        self.process.kill()
        self.process.wait()


def peak_row(where, flop, peaks, rates):
    """What one update costs, what of the peak is reached, and the ratio of a program that reached all of it."""
    here = statistics.median(rates[OURS]) * flop / 1e9
    peak = statistics.median(peaks)
    most = " | ".join(number(peak * 1e9 / flop / statistics.median(rates[peer])) + "×" if peer in rates else "" for peer in (SB3, SBX))
    return f"| {where} | {flop / 1e6:.0f} | {number(here)} | {spread(peaks)} | {100 * here / peak:.0f} % | {most} |"


def row(where, peer, rates, threads):
    ratios = [a / b for a, b in zip(rates[OURS], rates[peer])]
    return (f"| {where} | {spread(rates[OURS])} | {threads[OURS]} | {peer} | {spread(rates[peer])} | {threads[peer]} | "
            f"{spread(ratios)}× |")


def available(module):
    import importlib.util
    return importlib.util.find_spec(module) is not None


def step_gymnasium(mode, count, seconds):
    """Steps per second of cart-poles with random actions."""
    import gymnasium as gym
    import numpy as np
    random = np.random.default_rng(2)
    steps = 0
    if mode == "single":
        env = gym.make("CartPole-v1")
        actions = [int(a) for a in random.integers(0, 2, 64)]
        env.reset(seed=1)
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for action in actions:
                _, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    env.reset()
            steps += len(actions)
    else:
        env = gym.make_vec("CartPole-v1", num_envs=count, vectorization_mode=mode)
        actions = list(random.integers(0, 2, (64, count)))
        env.reset(seed=1)
        start = time.perf_counter()
        while time.perf_counter() - start < seconds:
            for action in actions:
                env.step(action)
            steps += len(actions) * count
    rate = steps / (time.perf_counter() - start)
    env.close()
    return rate


def compare_stepping(folder, seconds):
    java = subprocess.Popen(
        [java_command(), "-XX:+UseSerialGC", "-cp", f"{folder / 'classes'}{os.pathsep}{ROOT / 'rl-examples/target/rl.jar'}",
         "peers.Stepping"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ours(count):
        print(count, seconds / 3, file=java.stdin, flush=True)
        return float(java.stdout.readline())

    rows = []
    cases = [("single", 1, "Gymnasium"), ("sync", 64, "Gymnasium, sync"),
             ("vector_entry_point", 64, "Gymnasium, vector_entry_point")]
    for mode, count, peer in cases:
        ours(count)
        rates = {OURS: [], peer: []}
        for _ in range(ROUNDS):
            rates[OURS].append(ours(count))
            rates[peer].append(step_gymnasium(mode, count, seconds / 3))
        rows.append(row(f"steps of {count} CartPole-v1", peer, rates, {OURS: CORES if count > 1 else 1, peer: 1}))
        show(f"stepping: {count} environments: {OURS} {number(rates[OURS][-1])}, {peer} {number(rates[peer][-1])} steps/s")
    java.stdin.close()
    java.wait()
    return rows


def compare_solving(folder, most):
    """Seconds from the start of a process to 500 over 100 episodes of the cart-pole, evaluated every 10,000 steps."""
    times = {OURS: [], SB3: []}
    start = time.monotonic()
    for seed in range(1, ROUNDS + 1):
        for name in times:
            taken = solving_time(folder, name, seed)
            show(f"cartpole-solved, seed {seed}: {name} " + (f"{taken:.1f} s" if taken else "not within 100,000 steps"))
            if taken:
                times[name].append(taken)
        if time.monotonic() - start > most:
            break
    if not all(times.values()):
        return []
    counts = {name: f"{len(t)} seeds" for name, t in times.items()}
    ratio = statistics.median(times[SB3]) / statistics.median(times[OURS])
    return [f"| CartPole-v1 at 500, seconds from the start | {spread(times[OURS])} | {counts[OURS]} | {SB3} | "
            f"{spread(times[SB3])} | {counts[SB3]} | {number(ratio)}× |"]


def solving_time(folder, name, seed):
    out = pathlib.Path(tempfile.mkdtemp(dir=folder))
    start = time.perf_counter()
    if name == SB3:
        done = subprocess.run([sys.executable, __file__, "solve"], env=dict(os.environ, PEERS_SEED=str(seed)),
                              check=True, capture_output=True, text=True)
        return time.perf_counter() - start if done.stdout.startswith("solved") else None
    command = [ROOT / "rl", "train", "ppo", "--env", "CartPole-v1", "--steps", "100000", "--seed", str(seed),
               "--evaluate-every", "10000", "--episodes", "100", "--out", out / "run"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    evaluations = out / "run/evaluation.json"
    solved = None
    while solved is None and process.poll() is None:
        time.sleep(0.02)
        solved = time.perf_counter() - start if reached(evaluations) else None
    if solved is None and reached(evaluations):
        solved = time.perf_counter() - start
    process.kill()
    process.wait()
    return solved


def reached(evaluations):
    """Whether a run's file of evaluations has a mean return of 500."""
    try:
        return re.search(r'"meanReturn"\s*:\s*500(\.0+)?\b', evaluations.read_text()) is not None
    except OSError:
        return False


# ---------------------------------------------------------------- the table


def java_command():
    home = os.environ.get("JAVA_HOME")
    return str(pathlib.Path(home) / "bin/java") if home else "java"


def prepare(folder):
    """Builds ./rl if it is not, and the environments of this comparison against it."""
    subprocess.run([ROOT / "rl", "list"], check=True, stdout=subprocess.DEVNULL)
    javac = str(pathlib.Path(java_command()).with_name("javac")) if os.environ.get("JAVA_HOME") else "javac"
    subprocess.run([javac, "--add-modules", "jdk.incubator.vector", "-cp", ROOT / "rl-examples/target/rl.jar", "-d", folder / "classes",
                    *sorted((HERE / "peers").glob("*.java"))], check=True)


def processor():
    try:
        info = pathlib.Path("/proc/cpuinfo").read_text()
        name = re.search(r"model name\s*: (.*)", info)
        flags = re.search(r"flags\s*: (.*)", info)
        vectors = "AVX-512" if flags and "avx512f" in flags[1] else "AVX2" if flags and "avx2" in flags[1] else "narrower vectors"
        return f"{name[1] if name else platform.processor()}, {CORES} cores, {vectors}"
    except OSError:
        return f"{platform.processor() or platform.machine()}, {CORES} cores"


def versions():
    import importlib.metadata
    java = subprocess.run([java_command(), "-version"], capture_output=True, text=True).stderr
    found = ["Java " + re.search(r'"(.*?)"', java)[1], f"Python {platform.python_version()}"]
    for package in ("torch", "stable-baselines3", "sb3-contrib", "sbx-rl", "jax", "gymnasium"):
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return ", ".join(found)


def table(rows, ceilings, command, minutes):
    load = f" Load of the machine at the start {LOAD:.1f}." if LOAD is not None and LOAD > 0.5 else ""
    return "\n".join([
        f"{processor()}; {versions()}. `{command}`, {minutes:.0f} minutes.{load}", "",
        "| workload | here: steps/s, median (range) | threads | peer | steps/s, median (range) | threads | ratio |",
        "|---|---|---|---|---|---|---|", *rows,
        *(["", "The same rounds, beside multiply-adds on registers alone:", "",
           "| workload | MFLOP an update | GFLOP/s here | GFLOP/s of registers alone | share | at all of it, × Stable-Baselines3 | × SBX |",
           "|---|---|---|---|---|---|---|", *ceilings] if ceilings else [])])


def write(text):
    page = PAGE.read_text()
    if BEGIN not in page or END not in page:
        sys.exit(f"{PAGE} has no place for the table: {BEGIN} … {END}")
    head, rest = page.split(BEGIN)
    temporary = PAGE.with_suffix(".tmp")
    temporary.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    temporary.replace(PAGE)


LOAD = os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def cost(name):
    """About what a workload takes on a slow machine: so many seconds, and so many turns."""
    if name == "stepping":
        return 5, 7
    if name == "cartpole-solved":
        return 130, 0
    if workloads()[name][0] in OFF_POLICY:
        return 56, 5 + 4 * ROUNDS
    return 35, (4 + 2 * ROUNDS) / 2


def main():
    names = [*workloads(), "stepping", "cartpole-solved"]
    description = __doc__.format(workloads=", ".join(names))
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", metavar="WORKLOAD", help="all, networks, or workloads")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--minutes", type=float, default=19.0)
    options = parser.parse_args()
    chosen = names if options.what == ["all"] else options.what
    if chosen == ["networks"]:
        networks()
        return
    unknown = [name for name in chosen if name not in names]
    if unknown:
        parser.error(f"no workload {unknown[0]}: all, networks, {', '.join(names)}")
    if LOAD is not None and LOAD > 0.5:
        show(f"warning: other programs are running (load {LOAD:.1f}); figures will be too low and scatter")
    start = time.monotonic()
    rows, ceilings = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        show("building")
        prepare(folder)
        for i, workload in enumerate(chosen):
            left = 60 * options.minutes - (time.monotonic() - start)
            if left <= 0:
                show(f"no time left for {', '.join(chosen[i:])}")
                break
            fixed, turns = map(sum, zip(*map(cost, chosen[i:])))
            seconds = max(0.5, min(options.seconds, (left - fixed) / max(1, turns)))
            show(f"{workload}, {i + 1} of {len(chosen)}; {left / 60:.0f} minutes left, turns of {seconds:.1f} s")
            if workload == "stepping":
                rows += compare_stepping(folder, seconds)
            elif workload == "cartpole-solved":
                rows += compare_solving(folder, max(10.0, left - 30))
            else:
                off = workloads()[workload][0] in OFF_POLICY
                compared, ceiling = compare_training(folder, workload, seconds if off else seconds / 2)
                rows += compared
                ceilings += ceiling
    command = "peers.py " + " ".join(sys.argv[1:])
    text = table(rows, ceilings, command, (time.monotonic() - start) / 60)
    print("\n" + text)
    if options.what == ["all"]:
        write(text)
        show(f"written to {PAGE}")


# ---------------------------------------------------------------- networks alone


def best(repetitions, work, *arguments):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def torch_figures():
    """Microseconds of fit64, fit256 and inference by number of threads, as the JMH benchmarks name them."""
    figures = {}
    import torch
    from torch import nn

    def mlp(inputs, width, outputs, activation):
        return nn.Sequential(
            nn.Linear(inputs, width), activation(),
            nn.Linear(width, width), activation(),
            nn.Linear(width, outputs))

    def fit(net, optimizer, x, y, count):
        for _ in range(count):
            optimizer.zero_grad()
            loss = ((net(x) - y) ** 2).mean()
            loss.backward()
            optimizer.step()

    def infer(net, x, count):
        with torch.no_grad():
            for _ in range(count):
                net(x)

    cases = [
        ("fit64", "64x64 tanh, 4 in, 2 out, batch 64", 4, 64, 2, nn.Tanh, 64, 1000),
        ("fit256", "256x256 relu, 17 in, 6 out, batch 256", 17, 256, 6, nn.ReLU, 256, 200),
    ]
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for key, name, inputs, width, outputs, activation, batch, count in cases:
            torch.manual_seed(0)
            net = mlp(inputs, width, outputs, activation)
            optimizer = torch.optim.Adam(net.parameters(), lr=3e-4)
            x, y = torch.randn(batch, inputs), torch.randn(batch, outputs)
            fit(net, optimizer, x, y, count)
            seconds = best(7, fit, net, optimizer, x, y, count)
            figures[key, threads] = seconds / count * 1e6
            print(f"torch {torch.__version__}, {threads} threads, fit {name}: {figures[key, threads]:.1f} us")
        net = mlp(4, 64, 2, nn.Tanh)
        x = torch.randn(1, 4)
        infer(net, x, 1000)
        seconds = best(7, infer, net, x, 5000)
        figures["inference", threads] = seconds / 5000 * 1e6
        print(f"torch {torch.__version__}, {threads} threads, inference 64x64, batch 1: "
              f"{figures['inference', threads]:.2f} us")
    return figures


def jmh_figures():
    """Microseconds of our benchmarks by (name, kernels, threads), the best iteration of several JVMs."""
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/jmh.json"
        subprocess.run([HERE / "jmh", "rl-core", "NetworkBenchmark|ProductsBenchmark", "-f", "4", "-wi", "2", "-i", "3", "-rf", "json", "-rff", out],
                       check=True, stdout=subprocess.DEVNULL)
        results = json.loads(pathlib.Path(out).read_text())
    return {(r["benchmark"].rsplit(".", 1)[1], r["params"]["kernels"], int(r["params"]["threads"])):
            min(min(fork) for fork in r["primaryMetric"]["rawData"]) for r in results}


def networks():
    """Fit and inference beside PyTorch, each side at its best thread count."""
    torch = torch_figures()
    ours = jmh_figures()
    torch = {case: min(figure, torch[case]) for case, figure in torch_figures().items()}
    for (name, kernels, threads), time_ in sorted(ours.items()):
        print(f"here, {kernels}, {threads} threads, {name}: {time_:.2f} us")
    print("\nworkload | PyTorch | Vector API | OpenBLAS   (microseconds, best thread count of each; ratio to PyTorch)")
    for name in ("fit64", "fit256", "inference"):
        peer = min(torch[name, 1], torch[name, 2])
        mine = [min(ours[name, kernels, 1], ours[name, kernels, 2]) for kernels in ("VECTOR", "BLAS")]
        print(f"{name} | {peer:.1f} | " + " | ".join(f"{m:.2f} ({peer / m:.1f}x)" for m in mine))
    limits = [min(ours["products256", kernels, 1], ours["products256", kernels, 2]) for kernels in ("VECTOR", "BLAS")]
    print("the products of fit256 alone | | " + " | ".join(f"{m:.1f}" for m in limits))


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    elif sys.argv[1:] == ["solve"]:
        solve()
    else:
        main()
