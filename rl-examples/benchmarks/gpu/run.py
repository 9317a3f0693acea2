#!/usr/bin/env python3
"""Runs what `pack` packed on a machine with a GPU, and writes one JSON with everything.

    python3 rl-examples/target/gpu/run.py OUT [--limit SECONDS] [PART...]

It needs the files beside it, which pack puts there, and nothing else of the project.

Parts, in this order, each with a time limit of its own; without names, all:
    device     what nvidia-smi says
    contract   the tests that take the device there is
    timings    the library's times on the GPU
    train      SAC on Pendulum-v1, 20,000 steps, three seeds
    products   matrix products by each kernel and by cuBLAS
    host       the library's times on two cores of the CPU, for the ratios
    sanitizer  most of the tests under compute-sanitizer's memcheck, and those of updates under racecheck
    peers      PyTorch's times on the same GPU (peers.py)

OUT/results.json is written after every part, so that what was measured is there whatever comes after; logs lie
beside it. Nothing but Python 3, CUDA's libraries and, for peers, PyTorch is needed.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PACK = HERE / "pack.tar.gz"
SECONDS = {
    "device": 20, "contract": 90, "timings": 60, "train": 100, "products": 40, "host": 70, "sanitizer": 120, "peers": 150}


class Machine:
    def __init__(self, out, limit):
        self.out = out
        self.end = time.monotonic() + limit
        self.results = {}
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="deeprl4j-gpu-"))
        with tarfile.open(PACK) as archive:
            archive.extractall(self.home)
        self.java = [
            str(self.home / "java/bin/java"), "--add-modules", "jdk.incubator.vector", "-Xmx4g", "-XX:+UseSerialGC",
            f"-Djava.io.tmpdir={self.home}", f"-Dorg.deeprl4j.cuda.cache={self.home / 'cache'}",
            "-Dorg.slf4j.simpleLogger.log.org.deeprl4j.nn.cuda=debug",
            "-Dorg.nd4j.log.initialization=false", "-cp", f"{self.home / 'classes'}:{self.home / 'lib'}/*",
        ]
        # Tests take what is named, a fake driver too, before they look for a device.
        if "RL_CUDA_PATH" in os.environ:
            self.java.insert(1, f"-Dorg.deeprl4j.cuda.path={os.environ['RL_CUDA_PATH']}")

    def run(self, name, command, limit):
        """Runs a command in a process group of its own: its status and seconds, and its output."""
        limit = min(limit, self.end - time.monotonic())
        if limit < 5:
            return {"status": "no time left"}, ""
        log = self.out / f"{name}.log"
        start = time.monotonic()
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, cwd=self.home,
                env={**os.environ, "OMP_NUM_THREADS": "1"}, start_new_session=True)
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                status = f"stopped after {limit:.0f} s"
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        text = log.read_text(errors="replace")
        result = {"status": status, "seconds": round(time.monotonic() - start, 1)}
        if status != 0:
            result["last lines"] = text.splitlines()[-15:]
        return result, text

    def device(self, limit):
        query = "name,driver_version,compute_cap,memory.total,clocks.sm,clocks.max.sm"
        if not shutil.which("nvidia-smi"):
            return {"status": "no nvidia-smi here"}
        result, text = self.run("device", ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"], limit)
        result["line"] = text.strip()
        return result

    def console(self, *arguments):
        jar = f"{self.home / 'junit.jar'}"
        java = list(self.java)
        java[-1] = f"{jar}:{java[-1]}"
        return java + ["org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner",
                       "--disable-ansi-colors", *arguments]

    def tests(self):
        tests = (self.home / "tests").read_text().split()
        return ["--details=testfeed", *(f"--select-class={test}" for test in tests)]

    def contract(self, limit):
        result, text = self.run("contract", self.console(*self.tests()), limit)
        result.update(summary(text))
        return result

    def sanitizer(self, limit):
        tool = shutil.which("compute-sanitizer") or "/usr/local/cuda/bin/compute-sanitizer"
        if not pathlib.Path(tool).exists():
            return {"status": "no compute-sanitizer here"}
        results = {}
        updates = "updates|optimizers|trainingAgain"
        methods = {"memcheck": f"everything|tensors_compute|activations|{updates}", "racecheck": updates}
        for check, names in methods.items():
            command = [tool, f"--tool={check}", "--target-processes=all", "--error-exitcode=77"]
            chosen = self.console(*self.tests(), f"--include-methodname=.*({names}).*")
            result, text = self.run(f"sanitizer-{check}", command + chosen, limit / 2)
            result.update(summary(text))
            result["verdict"] = re.findall(r"=+ (?:ERROR SUMMARY|RACECHECK SUMMARY): .*", text)
            result["errors"] = re.findall(r"=+ ((?:Invalid|Error|Race|Uninitialized|Program hit).*)", text)[:20]
            results[check] = result
        return results

    def timings(self, limit):
        return self.timed("timings", "CUDA", "1", limit)

    def host(self, limit):
        return self.timed("host", "VECTOR", "2", limit)

    def products(self, limit):
        result, text = self.run("products", self.java + ["org.deeprl4j.nn.cuda.DeviceProducts"], limit)
        rows = re.findall(r"^(\w\w \d+ \d+ \d+): ([\d. ]+)$", text, re.M)
        columns = ("tiles of 32", "tiles of 128", "cuBLAS")
        result["microseconds"] = {
            shape: dict(zip(columns, map(float, times.split()))) for shape, times in rows}
        return result

    def timed(self, name, kernels, threads, limit):
        cores = ["taskset", "-c", "0,1"] if kernels == "VECTOR" and shutil.which("taskset") else []
        result, text = self.run(name, cores + self.java + ["GpuBenchmark", kernels, threads, "1.0"], limit)
        # Line by line as it goes on, so that a limit costs only what comes after it.
        rows = re.findall(r"^([a-z][^:{}]*): ([\d.]+|\".*\")$", text, re.M)
        result["microseconds"] = {key: json.loads(value) for key, value in rows}
        result["kernels"] = next((line for line in text.splitlines() if "capability" in line or "Vector" in line), None)
        return result

    def peers(self, limit):
        result, text = self.run("peers", [sys.executable, str(HERE / "peers.py"), "1.0"], limit)
        for line in text.splitlines():
            if line.startswith("{"):
                result.update(json.loads(line))
        if "microseconds" not in result:
            rows = re.findall(r"^(.+?) ([\d.]+) \(\d+ s\)$", text, re.M)
            result["microseconds"] = {name: float(value) for name, value in rows}
        return result

    def train(self, limit):
        end = time.monotonic() + limit
        results = {}
        for seed in ("1", "2", "3"):
            result, text = self.run(
                f"train-{seed}", self.java + ["GpuTraining", "sac", "Pendulum-v1", "20000", seed, "CUDA", "1"],
                end - time.monotonic())
            for line in text.splitlines():
                if line.startswith("{"):
                    result.update(trained=json.loads(line))
            results[f"seed {seed}"] = result
        return results


def summary(text):
    """Of tests as they ended: how many of each kind, and which failed."""
    ended = re.findall(r"^(.*) :: (SUCCESSFUL|FAILED|ABORTED|SKIPPED)$", text, re.M)
    counts = {kind.lower(): sum(k == kind for _, k in ended) for kind in ("SUCCESSFUL", "FAILED", "ABORTED", "SKIPPED")}
    return {"tests": counts, "failed": [name for name, kind in ended if kind == "FAILED"][:40]}


def main():
    arguments = sys.argv[1:]
    limit = 590.0
    if "--limit" in arguments:
        at = arguments.index("--limit")
        limit = float(arguments[at + 1])
        del arguments[at:at + 2]
    if not arguments:
        sys.exit(__doc__)
    out = pathlib.Path(arguments[0]).resolve()
    parts = arguments[1:] or list(SECONDS)
    unknown = set(parts) - set(SECONDS)
    if unknown:
        sys.exit(f"run.py: no part {', '.join(sorted(unknown))}; there are {', '.join(SECONDS)}")
    if not PACK.exists():
        sys.exit(f"run.py: {PACK} is missing; run the copy of this script that pack puts beside it")
    out.mkdir(parents=True, exist_ok=True)
    machine = Machine(out, limit)
    failed = 0
    try:
        for part in SECONDS:
            if part not in parts:
                continue
            try:
                machine.results[part] = getattr(machine, part)(SECONDS[part])
            except Exception as e:  # the other parts go on
                machine.results[part] = {"status": f"{type(e).__name__}: {e}"}
            (out / "results.json").write_text(json.dumps(machine.results, indent=1, ensure_ascii=False) + "\n")
            print(part, json.dumps(machine.results[part], ensure_ascii=False), flush=True)
            failed += not passed(machine.results[part])
    finally:
        shutil.rmtree(machine.home, ignore_errors=True)
    sys.exit(1 if failed else 0)


def passed(result):
    if "status" in result:
        return result["status"] == 0
    return all(passed(part) for part in result.values())


if __name__ == "__main__":
    main()
