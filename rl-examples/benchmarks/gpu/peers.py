"""What PyTorch takes for the same work on the same GPU: python3 peers.py [seconds each]. Prints JSON.

A SAC update of 17 observations and 6 actions, 256x256, batch 256, twin critics, tuned temperature, fused Adam:
eager, captured as one CUDA graph, and compiled (torch.compile) and captured, as LeanRL does. The batch comes from
pinned memory in each update. And fit steps of dense networks, captured likewise. Products are in float32; "tf32"
rows let tensor cores round their factors.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

DEVICE = torch.device("cuda")
BUDGET = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0


def mlp(inputs, outputs, hidden, activation):
    layers = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), activation()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs)).to(DEVICE)


def timed(step, synchronise_each):
    """Microseconds of one step: the median of ten rounds."""
    for _ in range(20):
        step()
    torch.cuda.synchronize()
    start = time.perf_counter()
    step()
    torch.cuda.synchronize()
    count = max(5, min(2000, int(BUDGET / 10 / max(1e-6, time.perf_counter() - start))))
    rounds = []
    for _ in range(10):
        start = time.perf_counter()
        for _ in range(count):
            step()
            if synchronise_each:
                torch.cuda.synchronize()
        torch.cuda.synchronize()
        rounds.append((time.perf_counter() - start) / count * 1e6)
    return sorted(rounds)[len(rounds) // 2]


def captured(work):
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph


class Sac:
    def __init__(self, observation=17, action=6, width=256, rows=256, compiled=False):
        self.n = action
        adam = dict(lr=3e-4, fused=True, capturable=True)
        self.actor = mlp(observation, 2 * action, (width, width), nn.ReLU)
        self.critics = [mlp(observation + action, 1, (width, width), nn.ReLU) for _ in range(2)]
        self.targets = [mlp(observation + action, 1, (width, width), nn.ReLU) for _ in range(2)]
        self.log_alpha = torch.zeros(1, device=DEVICE, requires_grad=True)
        self.actor_adam = torch.optim.Adam(self.actor.parameters(), **adam)
        self.critic_parameters = [p for critic in self.critics for p in critic.parameters()]
        self.target_parameters = [p for target in self.targets for p in target.parameters()]
        self.critic_adam = torch.optim.Adam(self.critic_parameters, **adam)
        self.alpha_adam = torch.optim.Adam([self.log_alpha], **adam)
        shapes = [(rows, observation), (rows, action), (rows,), (rows,), (rows, observation)]
        self.host = [torch.randn(shape).pin_memory() for shape in shapes]
        self.batch = [torch.randn(shape, device=DEVICE) for shape in shapes]
        compiler = torch.compile if compiled else lambda f: f
        self.critic_loss = compiler(self.critic_loss_)
        self.actor_loss = compiler(self.actor_loss_)
        self.losses = None

    def sample(self, s):
        mean, log_std = self.actor(s).chunk(2, -1)
        log_std = log_std.clamp(-20, 2)
        noise = torch.randn_like(mean)
        u = mean + log_std.exp() * noise
        log_prob = (-0.5 * noise * noise - log_std - 0.9189385
                    - 2 * (0.6931472 - u - F.softplus(-2 * u))).sum(-1)
        return u.tanh(), log_prob

    def critic_loss_(self, s, a, reward, discount, next_s):
        with torch.no_grad():
            next_a, log_prob = self.sample(next_s)
            x = torch.cat((next_s, next_a), -1)
            q = torch.minimum(self.targets[0](x), self.targets[1](x)).squeeze(-1)
            y = reward + discount * (q - self.log_alpha.exp() * log_prob)
        x = torch.cat((s, a), -1)
        return sum(0.5 * ((critic(x).squeeze(-1) - y) ** 2).mean() for critic in self.critics)

    def actor_loss_(self, s):
        a, log_prob = self.sample(s)
        x = torch.cat((s, a), -1)
        q = torch.minimum(self.critics[0](x), self.critics[1](x)).squeeze(-1)
        return (self.log_alpha.exp().detach() * log_prob - q).mean(), log_prob.detach().mean()

    def copy(self):
        for to, source in zip(self.batch, self.host):
            to.copy_(source, non_blocking=True)

    def update(self):
        s, a, reward, discount, next_s = self.batch
        self.critic_adam.zero_grad(set_to_none=True)
        critic_loss = self.critic_loss(s, a, reward, discount, next_s)
        critic_loss.backward()
        self.critic_adam.step()
        for p in self.critic_parameters:
            p.requires_grad_(False)
        self.actor_adam.zero_grad(set_to_none=True)
        actor_loss, log_prob = self.actor_loss(s)
        actor_loss.backward()
        self.actor_adam.step()
        for p in self.critic_parameters:
            p.requires_grad_(True)
        self.alpha_adam.zero_grad(set_to_none=True)
        (-(self.log_alpha.exp() * (log_prob - self.n)).sum()).backward()
        self.alpha_adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.target_parameters, self.critic_parameters, 0.005)
        self.losses = (critic_loss.detach(), actor_loss.detach())


class Fit:
    """Forward, backward and Adam on a batch."""

    def __init__(self, width, rows, depth=2, inputs=None):
        self.network = mlp(inputs or width, width, (width,) * (depth - 1), nn.ReLU)
        self.adam = torch.optim.Adam(self.network.parameters(), lr=3e-4, fused=True, capturable=True)
        self.x = torch.randn(rows, inputs or width, device=DEVICE)
        self.gradient = torch.randn(rows, width, device=DEVICE)

    def update(self):
        self.adam.zero_grad(set_to_none=True)
        self.network(self.x).backward(self.gradient)
        self.adam.step()


def main():
    results = {"torch": torch.__version__, "device": torch.cuda.get_device_name(), "microseconds": {}}
    us = results["microseconds"]

    def attempt(name, measure):
        start = time.perf_counter()
        try:
            us[name] = round(measure(), 1)
        except Exception as e:  # what cannot be measured is said, and the rest goes on
            us[name] = f"{type(e).__name__}: {str(e)[:200]}"
        print(name, us[name], f"({time.perf_counter() - start:.0f} s)", file=sys.stderr, flush=True)

    def sac_eager():
        sac = Sac()
        return timed(lambda: (sac.copy(), sac.update()), False)

    def sac_graph(compiled, each, width=256, rows=256):
        def measure():
            sac = Sac(width=width, rows=rows, compiled=compiled)
            graph = captured(sac.update)
            return timed(lambda: (sac.copy(), graph.replay()), each)
        return measure

    def fit(width, rows):
        def measure():
            return timed(captured(Fit(width, rows).update).replay, False)
        return measure

    attempt("sac eager", sac_eager)
    attempt("sac graph", sac_graph(False, False))
    attempt("sac graph, waiting for each", sac_graph(False, True))
    attempt("sac 1024x1024 batch 1024 graph", sac_graph(False, False, 1024, 1024))
    for width, rows in ((64, 64), (256, 256), (512, 512), (1024, 1024)):
        attempt(f"fit {width}x{width} batch {rows} graph", fit(width, rows))
    attempt("sac compiled graph", sac_graph(True, False))
    attempt("sac compiled graph, waiting for each", sac_graph(True, True))
    torch.backends.cuda.matmul.allow_tf32 = True
    attempt("sac graph tf32", sac_graph(False, False))
    attempt("fit 1024x1024 batch 1024 graph tf32", fit(1024, 1024))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
