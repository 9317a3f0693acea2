#!/usr/bin/env python3
"""Times the Python peers on the workloads that the JMH benchmarks and ./rl train run here.

    python3 -m venv ~/peers && ~/peers/bin/pip install torch stable-baselines3 sb3-contrib gymnasium
    ~/peers/bin/python peers.py torch      # fit and inference, each at 1 and 2 threads
    ~/peers/bin/python peers.py sb3 ppo    # environment steps per second, default hyper-parameters

Every figure is the best of several repetitions; compare only figures of one machine and one sitting.
"""

import sys
import time


def best(repetitions, work, *arguments):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work(*arguments)
        times.append(time.perf_counter() - start)
    return min(times)


def torch_figures():
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
        ("64x64 tanh, 4 in, 2 out, batch 64", 4, 64, 2, nn.Tanh, 64, 1000),
        ("256x256 relu, 17 in, 6 out, batch 256", 17, 256, 6, nn.ReLU, 256, 200),
    ]
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for name, inputs, width, outputs, activation, batch, count in cases:
            torch.manual_seed(0)
            net = mlp(inputs, width, outputs, activation)
            optimizer = torch.optim.Adam(net.parameters(), lr=3e-4)
            x, y = torch.randn(batch, inputs), torch.randn(batch, outputs)
            fit(net, optimizer, x, y, count)
            seconds = best(7, fit, net, optimizer, x, y, count)
            print(f"torch {torch.__version__}, {threads} threads, fit {name}: {seconds / count * 1e6:.1f} us")
        net = mlp(4, 64, 2, nn.Tanh)
        x = torch.randn(1, 4)
        infer(net, x, 1000)
        seconds = best(7, infer, net, x, 5000)
        print(f"torch {torch.__version__}, {threads} threads, inference 64x64, batch 1: {seconds / 5000 * 1e6:.2f} us")


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
    for threads in (1, 2):
        torch.set_num_threads(threads)
        model = make("MlpPolicy", environment, device="cpu", seed=1)
        model.learn(steps // 4)
        start = time.perf_counter()
        model.learn(steps, reset_num_timesteps=True)
        rate = steps / (time.perf_counter() - start)
        print(f"stable-baselines3 {stable_baselines3.__version__}, {threads} threads, "
              f"{algorithm} on {environment}: {rate:.0f} steps/s")


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1] == "torch":
        torch_figures()
    elif len(sys.argv) == 3 and sys.argv[1] == "sb3":
        sb3_figures(sys.argv[2])
    else:
        sys.exit(__doc__)
