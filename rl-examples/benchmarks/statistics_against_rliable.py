"""Compares a study's summary.json with rliable, the library of Agarwal et al. (2021), on the same numbers.

    python3 -m venv VENV && VENV/bin/pip install rliable 'pandas<3'
    VENV/bin/python rl-examples/benchmarks/statistics_against_rliable.py STUDY

Reads results.csv and study.json, computes every figure and interval anew, and prints the largest differences. Fails if a
figure differs by more than rounding, or an end of an interval by more than the bootstrap's own error: the difference between
two runs of rliable with other seeds, twice, and one step of a statistic that takes few values.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from rliable import library, metrics

RESAMPLES = 50_000
ROUNDING = 1e-9


def intervals(scores, statistic, seed):
    """The percentile interval of rliable: scores [runs, environments] or a pair of them."""
    values, ends = library.get_interval_estimates(
        {"x": scores}, lambda *args: np.array([statistic(*args)]), method="percentile", reps=RESAMPLES,
        random_state=np.random.RandomState(seed))
    return float(values["x"][0]), ends["x"][:, 0]


class Comparison:
    def __init__(self):
        self.failures = 0
        self.figures = 0
        self.worst_figure = 0.0
        self.worst_end = 0.0

    def check(self, name, ours, scores, statistic):
        value, ends = intervals(scores, statistic, 1)
        _, others = intervals(scores, statistic, 2)
        width = max(ends[1] - ends[0], others[1] - others[0])
        scale = max(abs(value), 1.0)
        off = abs(ours["value"] - value) / scale
        error = max(abs(ours["low"] - ends[0]), abs(ours["high"] - ends[1]))
        noise = 2 * np.max(np.abs(ends - others)) + 0.02 * width + ROUNDING * scale
        self.figures += 1
        self.worst_figure = max(self.worst_figure, off)
        self.worst_end = max(self.worst_end, error / width if width > 0 else error)
        good = off <= ROUNDING and error <= noise
        self.failures += not good
        print(f"{'' if good else 'DIFFERS  '}{name}: {ours['value']:.4f} [{ours['low']:.4f}, {ours['high']:.4f}], "
              f"rliable {value:.4f} [{ends[0]:.4f}, {ends[1]:.4f}]")


def main(study):
    summary = json.loads((study / "summary.json").read_text())
    variants = json.loads((study / "study.json").read_text())["variants"]
    returns = {}
    with open(study / "results.csv", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["status"] == "complete":
                returns.setdefault((row["environment"], row["label"]), []).append(float(row["mean_return"]))
    comparison = Comparison()
    normalised = {}
    for environment in summary["environments"]:
        name = environment["environment"]
        for group in environment["groups"]:
            label = group["label"]
            runs = np.array(returns[name, label])
            scores = runs[:, None]
            where = f"{label} on {name}"
            comparison.check(f"{where}, mean", group["mean"], scores, metrics.aggregate_mean)
            comparison.check(f"{where}, median", group["median"], scores, np.median)
            comparison.check(f"{where}, IQM", group["interquartileMean"], scores, metrics.aggregate_iqm)
            if group["optimalityGap"]:
                comparison.check(f"{where}, optimality gap", group["optimalityGap"], scores,
                                 lambda x, target=group["target"]: metrics.optimality_gap(x, target))
            variant = next(v for v in variants if v["environment"] == name and v["label"] == label)
            if variant["target"] is not None and variant["randomReturn"] is not None:
                scaled = (runs - variant["randomReturn"]) / (variant["target"] - variant["randomReturn"])
                normalised.setdefault(label, []).append(scaled)
        for pair in environment["improvements"]:
            comparison.check(f"{pair['label']} better than {pair['over']} on {name}", pair["probability"],
                             (np.array(returns[name, pair["label"]])[:, None], np.array(returns[name, pair["over"]])[:, None]),
                             metrics.probability_of_improvement)
        profile = environment["profile"]
        for group in profile["groups"]:
            parts, _ = library.create_performance_profile(
                {"x": np.array(returns[name, group["label"]])[:, None]}, np.array(profile["thresholds"]), reps=10)
            off = np.max(np.abs(parts["x"] - [part["value"] for part in group["parts"]]))
            comparison.figures += 1
            comparison.worst_figure = max(comparison.worst_figure, off)
            comparison.failures += off > ROUNDING
    for overall in summary["overall"]:
        scores = np.array(normalised[overall["label"]]).T
        where = f"{overall['label']} over all environments"
        comparison.check(f"{where}, mean", overall["mean"], scores, metrics.aggregate_mean)
        comparison.check(f"{where}, median", overall["median"], scores, metrics.aggregate_median)
        comparison.check(f"{where}, IQM", overall["interquartileMean"], scores, metrics.aggregate_iqm)
        comparison.check(f"{where}, optimality gap", overall["optimalityGap"], scores, metrics.optimality_gap)
    print(f"{comparison.figures} figures: values differ by at most {comparison.worst_figure:.1e} of themselves, ends by at most "
          f"{100 * comparison.worst_end:.2f} % of their interval's width")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
