"""Measures Windlass and MLflow side by side, in one run on one machine, and prints the ratios.

Usage: uv run python tests/benchmarks/run.py [--seconds N] [--only NAME ...]

Goals are ratios or rates; nothing here is a test that can fail. Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rivals import Rival, rivals

WORKLOAD = Path(__file__).parent / "workload.py"
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Result:
    """One row: what both sides reached, how many times better we are, and what we want."""

    name: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    goal: str


def import_time(ours: Rival, theirs: Rival, _seconds: float) -> Result:
    """Whole processes that import the library."""
    return _processes("import", ours, theirs, lambda rival: (rival.python, "-c", f"import {rival.library}"), "≥ 13×")


def version_time(ours: Rival, theirs: Rival, _seconds: float) -> Result:
    """Whole processes that print the version."""
    return _processes("--version", ours, theirs, lambda rival: (rival.program, "--version"), "≥ 8×")


def embedded_metric(ours: Rival, theirs: Rival, seconds: float) -> Result:
    """Single `log_metric` calls on a SQLite file."""
    return _embedded("log_metric, embedded", "calls/s", "log_metric", (ours, theirs), seconds, "≥ 3,000/s")


def embedded_batch(ours: Rival, theirs: Rival, seconds: float) -> Result:
    """Points in batches of 1,000 on a SQLite file."""
    return _embedded("batches of 1,000, embedded", "points/s", "log_batch", (ours, theirs), seconds, "≥ 100,000/s")


def served_metric(ours: Rival, theirs: Rival, seconds: float) -> Result:
    """Single log-metric requests of one keep-alive client."""
    rates = []
    for rival in (ours, theirs):
        with tempfile.TemporaryDirectory() as directory, rival.server(Path(directory), _free_port()) as address:
            rates.append(_rate(rival, "http_log_metric", address, Path(directory), seconds))
    return _result("log-metric requests, one client", "requests/s", rates[0], rates[1], "≥ 1,000/s")


WORKS: dict[str, Callable[[Rival, Rival, float], Result]] = {
    "import": import_time,
    "version": version_time,
    "embedded-metric": embedded_metric,
    "embedded-batch": embedded_batch,
    "served-metric": served_metric,
}


def main() -> None:
    """Run the chosen comparisons and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each rate is measured")
    parser.add_argument("--only", nargs="*", choices=list(WORKS), default=list(WORKS))
    chosen = parser.parse_args()
    ours, theirs = rivals()
    print(f"{'':36} {'windlass':>12} {'mlflow':>12} {'ratio':>8}  goal")
    for name in chosen.only:
        one = WORKS[name](ours, theirs, chosen.seconds)
        print(
            f"{one.name:36} {one.ours:12,.4g} {one.theirs:12,.4g} {one.ratio:7.1f}×  {one.goal}  ({one.unit})",
            flush=True,
        )


def _processes(
    name: str, ours: Rival, theirs: Rival, command: Callable[[Rival], tuple[str | Path, ...]], goal: str
) -> Result:
    """Medians of whole processes, one side after the other so that both see the same machine."""
    with tempfile.TemporaryDirectory() as directory:
        for rival in (ours, theirs):
            rival.seconds(*command(rival), directory=Path(directory))
        pairs = [
            tuple(rival.seconds(*command(rival), directory=Path(directory)) for rival in (ours, theirs))
            for _ in range(ROUNDS)
        ]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Result(name, "seconds, whole process", mine, other, other / mine, goal)


def _embedded(name: str, unit: str, work: str, both: tuple[Rival, Rival], seconds: float, goal: str) -> Result:
    rates = []
    for rival in both:
        with tempfile.TemporaryDirectory() as directory:
            rates.append(_rate(rival, work, f"sqlite:///{directory}/e.db", Path(directory), seconds))
    return _result(name, unit, rates[0], rates[1], goal)


def _rate(rival: Rival, work: str, address: str, directory: Path, seconds: float) -> float:
    printed = rival.run(rival.python, WORKLOAD, rival.library, work, address, str(seconds), directory=directory)
    return float(json.loads(printed.splitlines()[-1]))


def _result(name: str, unit: str, ours: float, theirs: float, goal: str) -> Result:
    return Result(name, unit, ours, theirs, ours / theirs, goal)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
