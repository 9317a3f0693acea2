#!/usr/bin/env python3
"""Times the Python peers on the workloads that the JMH benchmarks and ./rl train run here.

    python3 -m venv ~/peers && ~/peers/bin/pip install torch stable-baselines3 sb3-contrib gymnasium
    ~/peers/bin/python peers.py torch      # fit and inference, each at 1 and 2 threads
    ~/peers/bin/python peers.py sb3 ppo    # environment steps per second, default hyper-parameters
    ~/peers/bin/python peers.py compare ppo    # all of that beside ours, as ratios
    ~/peers/bin/python peers.py rates sac td3  # environment steps per second alone, beside ours
    ~/peers/bin/pip install sbx-rl && ~/peers/bin/python peers.py sbx sac td3  # the same, SBX, 256x256

Every figure is the best of several repetitions; compare only figures of one machine and one sitting.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


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


def sb3_figures(algorithm):
    import torch
    import stable_baselines3
    from stable_baselines3 import A2C, DDPG, PPO, SAC, TD3

    runs = {"ppo": (PPO, "CartPole-v1", 20_480), "a2c": (A2C, "CartPole-v1", 20_000),
            "sac": (SAC, "Pendulum-v1", 1_500), "td3": (TD3, "Pendulum-v1", 1_500),
            "ddpg": (DDPG, "Pendulum-v1", 1_500)}
    if algorithm == "trpo":
        from sb3_contrib import TRPO
        runs["trpo"] = (TRPO, "CartPole-v1", 20_480)
    make, environment, steps = runs[algorithm]
    most = 0
    for threads in (1, 2):
        torch.set_num_threads(threads)
        model = make("MlpPolicy", environment, device="cpu", seed=1)
        model.learn(steps // 4)
        start = time.perf_counter()
        model.learn(steps, reset_num_timesteps=True)
        rate = steps / (time.perf_counter() - start)
        print(f"stable-baselines3 {stable_baselines3.__version__}, {threads} threads, "
              f"{algorithm} on {environment}: {rate:.0f} steps/s")
        most = max(most, rate)
    return environment, most


# Steps of our runs: long enough for the JVM to have compiled what it runs, which the peers need not.
OUR_STEPS = {"ppo": 1_000_000, "a2c": 1_000_000, "trpo": 1_000_000, "sac": 20_000, "td3": 20_000, "ddpg": 20_000}


def our_rate(algorithm, environment, threads, *options):
    """Steps per second of ./rl train with Stable-Baselines3's hyper-parameters, warming up included."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [HERE / "../../rl", "train", algorithm, "--env", environment, "--preset", "sb3-default",
             "--steps", str(OUR_STEPS[algorithm]), "--threads", str(threads), "--episodes", "0",
             "--out", folder + "/run", *options], check=True, capture_output=True, text=True)
    rate = float(re.search(r": (\d+) steps/s", done.stdout + done.stderr).group(1))
    print(f"here, {threads} threads, {algorithm} on {environment}: {rate:.0f} steps/s")
    return rate


def jmh_figures():
    """Microseconds of our benchmarks by (name, kernels, threads), the best iteration of several JVMs."""
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/jmh.json"
        subprocess.run([HERE / "jmh", "rl-core", "NetworkBenchmark|ProductsBenchmark", "-f", "4", "-wi", "2", "-i", "3", "-rf", "json", "-rff", out],
                       check=True, stdout=subprocess.DEVNULL)
        results = json.loads(pathlib.Path(out).read_text())
    return {(r["benchmark"].rsplit(".", 1)[1], r["params"]["kernels"], int(r["params"]["threads"])):
            min(min(fork) for fork in r["primaryMetric"]["rawData"]) for r in results}


def compare(algorithms):
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
    rates(algorithms)


def sbx(algorithms):
    """SBX, compiled and warm, and ours, with networks of 256x256, which are SBX's own for all three."""
    import sbx as peers

    for algorithm in algorithms:
        model = getattr(peers, algorithm.upper())(
            "MlpPolicy", "Pendulum-v1", seed=1, policy_kwargs={"net_arch": [256, 256]})
        model.learn(2_000)
        most = 0.0
        for _ in range(3):
            start = time.perf_counter()
            model.learn(2_000, reset_num_timesteps=False)
            most = max(most, 2_000 / (time.perf_counter() - start))
        print(f"sbx {peers.__version__}, {algorithm} on Pendulum-v1: {most:.0f} steps/s")
        mine = our_rate(algorithm, "Pendulum-v1", 2, "--set", "hidden=256,256")
        print(f"{algorithm} of 256x256 on Pendulum-v1: {mine:.0f} against {most:.0f} steps/s, {mine / most:.1f}x")


def rates(algorithms):
    for algorithm in algorithms:
        environment, peer = sb3_figures(algorithm)
        mine = max(our_rate(algorithm, environment, threads) for threads in (1, 2))
        again = sb3_figures(algorithm)[1]
        mine = max([mine] + [our_rate(algorithm, environment, threads) for threads in (1, 2)])
        peer = max(peer, again)
        print(f"{algorithm} on {environment}: {mine:.0f} against {peer:.0f} steps/s, {mine / peer:.1f}x")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "torch":
        torch_figures()
    elif len(sys.argv) == 3 and sys.argv[1] == "sb3":
        sb3_figures(sys.argv[2])
    elif len(sys.argv) >= 2 and sys.argv[1] == "compare":
        compare(sys.argv[2:])
    elif len(sys.argv) >= 3 and sys.argv[1] == "rates":
        rates(sys.argv[2:])
    elif len(sys.argv) >= 3 and sys.argv[1] == "sbx":
        sbx(sys.argv[2:])
    else:
        sys.exit(__doc__)
