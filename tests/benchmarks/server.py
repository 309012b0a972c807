"""Measures the server against MLflow's, in one run on one machine, and prints the ratios.

Usage: uv run python tests/benchmarks/server.py [--seconds N] [--runs N] [--points N] [--only NAME ...]

MLflow's server is measured as it installs and with uvloop, which spares its clients the 40 ms that answers otherwise
wait for. All sides have the same data in SQLite files of their own. Nothing here is a test that can
fail. Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dataset import HISTORY_KEY, HISTORY_RUN, fill_mlflow, fill_windlass
from rivals import Rival, rivals

WORKLOAD = Path(__file__).parent / "workload.py"
AS_SHIPPED = ("--uvicorn-opts", "--loop asyncio")
UVLOOP = ("--uvicorn-opts", "--loop uvloop")


@dataclass(frozen=True, slots=True)
class Work:
    """A workload, its unit, and the ratios that we want: to MLflow as it installs and with uvloop."""

    name: str
    unit: str
    as_shipped: str
    uvloop: str
    filled: bool = False


WORKS = {
    "log-metric": Work("http_log_metric", "requests/s", "≥ 40×", "≥ 10×"),
    "create-run": Work("http_create_run", "requests/s", "≥ 40×", "≥ 10×"),
    "log-batch": Work("http_log_batch", "points/s", "≥ 20×", "≥ 20×"),
    "8-clients": Work("http_many_clients", "requests/s", "≥ 25×", "≥ 12×"),
    "search": Work("http_search", "pages/s", "≥ 20×", "≥ 20×", filled=True),
    "search-filter": Work("http_filtered", "pages/s", "≥ 20×", "≥ 10×", filled=True),
    "search-by-metric": Work("http_ordered_by_metric", "pages/s", "≥ 20×", "≥ 10×", filled=True),
    "search-by-param": Work("http_ordered_by_param", "pages/s", "≥ 20×", "≥ 10×", filled=True),
    "search-by-tag": Work("http_ordered_by_tag", "pages/s", "≥ 20×", "≥ 10×", filled=True),
    "all-pages": Work("http_all_pages", "runs/s", "≥ 10×", "", filled=True),
    "history": Work("http_history", "points/s", "≥ 15×", "", filled=True),
}


def main() -> None:
    """Run the chosen comparisons and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each rate is measured")
    parser.add_argument("--runs", type=int, default=20_000, help="how many runs are searched")
    parser.add_argument("--points", type=int, default=1_000_000, help="how long the history is")
    parser.add_argument("--only", nargs="*", choices=list(WORKS), default=list(WORKS))
    parser.add_argument("--ours", action="store_true", help="leave MLflow out")
    parser.add_argument("--database", metavar="URL", help="an empty database to measure our server on as well")
    chosen = parser.parse_args()
    ours, theirs = rivals()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        measured = [_measure(ours, place / "ours", (), chosen)]
        if chosen.database:
            other = _measure(ours, place / "database", ("--backend-store-uri", chosen.database), chosen)
            _print_databases(measured[0], other)
        if not chosen.ours:
            measured.append(_measure(theirs, place / "shipped", AS_SHIPPED, chosen))
            measured.append(_measure(theirs, place / "uvloop", UVLOOP, chosen))
        _print(measured)


def _print(measured: list[dict[str, float]]) -> None:
    print(f"\n{'':18} {'windlass':>12} {'mlflow':>10} {'ratio':>8} {'goal':>7} {'uvloop':>10} {'ratio':>8} {'goal':>7}")
    mine, *others = measured
    for name, value in mine.items():
        work = WORKS.get(name)
        line = f"{name:18} {value:12,.4g}"
        for other, goal in zip(others, (work.as_shipped, work.uvloop) if work else ("", ""), strict=False):
            if name not in other:
                continue
            # Of times and sizes less is better.
            ratio = value / other[name] if work else other[name] / value
            line += f" {other[name]:10,.4g} {ratio:7.1f}× {goal:>7}"
        print(f"{line}  {work.unit if work else ''}", flush=True)


def _print_databases(sqlite: dict[str, float], other: dict[str, float]) -> None:
    print(f"\n{'':32} {'SQLite':>12} {'database':>12} {'of SQLite':>10}")
    for name, value in sqlite.items():
        share = other[name] / value if name in WORKS else value / other[name]
        print(f"{name:32} {value:12,.4g} {other[name]:12,.4g} {share:9.2f}×", flush=True)


def _measure(rival: Rival, place: Path, options: tuple[str, ...], chosen: argparse.Namespace) -> dict[str, float]:
    """What one side reaches in each workload."""
    found: dict[str, float] = {}
    place.mkdir()
    with _server(rival, place, options) as (address, seconds, pids):
        found["cold start, s"] = seconds
        time.sleep(2)
        found["idle memory, MB"] = sum(map(_memory, pids()))
        for name in chosen.only:
            if not WORKS[name].filled:
                found[name] = _rate(rival, name, address, place, chosen.seconds)
    if any(WORKS[name].filled for name in chosen.only):
        _fill(rival, place, chosen, options)
        with _server(rival, place, options) as (address, _, _):
            for name in chosen.only:
                if WORKS[name].filled:
                    found[name] = _rate(rival, name, address, place, chosen.seconds)
            if rival.library == "windlass":
                found["sample of history, first, ms"] = _sample(address)
                found["sample of history, ms"] = min(_sample(address) for _ in range(5))
    return found


def _fill(rival: Rival, place: Path, chosen: argparse.Namespace, options: tuple[str, ...]) -> None:
    file = place / "s.db"
    if "--backend-store-uri" in options:
        fill_windlass(options[-1], chosen.runs, chosen.points)
    elif rival.library == "windlass":
        for old in place.glob("s.db*"):
            old.unlink()
        fill_windlass(f"sqlite:///{file}", chosen.runs, chosen.points)
    else:
        fill_mlflow(file, chosen.runs, chosen.points)


@contextmanager
def _server(rival: Rival, place: Path, options: tuple[str, ...]) -> Iterator[tuple[str, float, object]]:
    port = _free_port()
    begun = time.perf_counter()
    with rival.server(place, port, *options) as address:
        seconds = time.perf_counter() - begun
        yield address, seconds, lambda: _tree(_listener(port))


def _rate(rival: Rival, name: str, address: str, place: Path, seconds: float) -> float:
    # The same client for both: it is the servers that are compared.
    command = (sys.executable, WORKLOAD, rival.library, WORKS[name].name, address, str(seconds))
    value = float(json.loads(rival.run(*command, directory=place, timeout=900).splitlines()[-1]))
    print(f"  {rival.library} {name}: {value:,.4g} {WORKS[name].unit}", flush=True)
    return value


def _sample(address: str) -> float:
    query = f"run_ids={HISTORY_RUN}&metric_keys={HISTORY_KEY}&points=1000"
    begun = time.perf_counter()
    with urllib.request.urlopen(f"{address}/api/windlass/v1/metrics/sample?{query}") as answer:
        answer.read()
    return (time.perf_counter() - begun) * 1000


def _listener(port: int) -> int:
    """The process that was started to listen on the port: the oldest whose command line names it."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(port).encode() in words and int(place.name) != os.getpid():
            found.append(int(place.name))
    return min(found)


def _tree(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _memory(pid: int) -> float:
    """The process's share of memory in MB: what it has alone, and its part of what is shared."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
