"""Measures how files move, through the artifact proxy against MLflow's and embedded against `shutil.copytree`.

Usage: uv run python tests/benchmarks/artifacts.py [--gigabytes 2] [--files 10000] [--ours] [--directory DIR]

Prints ratios of one run on one machine: a large file up and down against `cp` on the same disk, with what the server's
memory grew by; many files of 1 KB up and down against MLflow's proxy; and a directory logged embedded. Nothing here is
a test that can fail. Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rivals import Rival, rivals
from server import AS_SHIPPED, _free_port, _listener, _memory, _tree

_ROUNDS = 2
_MOVE = """
import sys, time
from pathlib import Path
import {library} as lib
address, what, path, back = sys.argv[1:5]
lib.set_tracking_uri(address)
run = lib.start_run()
begun = time.perf_counter()
if what == "file":
    lib.log_artifact(path)
else:
    lib.log_artifacts(path, "many")
up = time.perf_counter() - begun
begun = time.perf_counter()
name = Path(path).name if what == "file" else "many"
place = lib.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path=name, dst_path=back)
print("moved", up, time.perf_counter() - begun, place)
"""


def main() -> None:
    """Run the comparisons and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--ours", action="store_true", help="leave MLflow out")
    parser.add_argument("--directory", help="where to work; a temporary directory without")
    chosen = parser.parse_args()
    ours, theirs = rivals()
    with tempfile.TemporaryDirectory(dir=chosen.directory) as directory:
        place = Path(directory)
        many = _many_files(place / "many", chosen.files)
        _embedded(place, many, chosen.files)
        _through_proxies([ours] if chosen.ours else [ours, theirs], place, many, chosen.files)
        _large(ours, place, chosen.gigabytes)


def _embedded(place: Path, many: Path, count: int) -> None:
    import windlass

    windlass.set_tracking_uri(f"sqlite:///{place}/embedded.db")
    with windlass.start_run():
        ours = min(_timed(lambda part=part: windlass.log_artifacts(str(many), f"files{part}")) for part in range(3))
    theirs = min(_timed(lambda part=part: shutil.copytree(many, place / f"copied{part}")) for part in range(3))
    print(
        f"{count} files embedded: {ours:.2f} s, copytree {theirs:.2f} s: {theirs / ours:.2f} of its speed", flush=True
    )


def _through_proxies(sides: list[Rival], place: Path, many: Path, count: int) -> None:
    found = {}
    for side in sides:
        with _server(side, place / f"server-{side.library}") as (address, _):
            up, down, back = _move(side, address, "directory", many, place / "back")
            assert len(list(back.iterdir())) == count
            shutil.rmtree(place / "back")
            found[side.library] = (count / up, count / down)
            print(
                f"{side.library:9} {count} files: {count / up:8.0f} up, {count / down:8.0f} down a second", flush=True
            )
    if len(found) > 1:
        (mine, mine_down), (other, other_down) = found.values()
        print(f"ratio: {mine / other:.1f}x up, {mine_down / other_down:.1f}x down (goal: 5x)", flush=True)


def _large(ours: Rival, place: Path, gigabytes: float) -> None:
    large = place / "large"
    piece = os.urandom(1 << 20)
    with large.open("wb") as stream:
        for number in range(int(gigabytes * 1024)):
            stream.write(number.to_bytes(8, "big") + piece[8:])
    rounds = []
    with _server(ours, place / "server-large") as (address, pids):
        before = sum(map(_memory, pids()))
        with _highest(pids) as highest:
            for number in range(_ROUNDS):
                # All of them to new files, and none is removed: where a machine gives memory back that is free, what
                # is written over a file that has just gone costs a fraction of what a new file costs.
                copied = partial(subprocess.run, ["cp", large, place / f"copy{number}"], check=True)
                copy = _timed(copied)
                up, down, back = _move(ours, address, "file", large, place / f"back{number}")
                rounds.append((copy, up, down))
                assert _digest(back) == _digest(large)
        grown = highest[0] - before
    for copy, up, down in rounds:
        print(f"{gigabytes:g} GB: cp {copy:.2f} s, up {up:.2f} s, down {down:.2f} s")
    copy, up, down = (min(seconds) for seconds in zip(*rounds, strict=True))
    print(f"best of each: up {copy / up:.2f} of cp, down {copy / down:.2f} of cp")
    print(f"server memory grew by {grown:.0f} MB (goal: less than 64; speed at least 0.6 of cp)", flush=True)


@contextmanager
def _server(side: Rival, place: Path) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    place.mkdir()
    port = _free_port()
    options = () if side.library == "windlass" else AS_SHIPPED
    with side.server(place, port, *options) as address:
        yield address, lambda: _tree(_listener(port))


def _move(side: Rival, address: str, what: str, path: Path, back: Path) -> tuple[float, float, Path]:
    """Seconds up and down by a client process of this side, and where the files came back to."""
    program = _MOVE.replace("{library}", side.library)
    out = side.run(side.python, "-c", program, address, what, path, back, directory=back.parent, timeout=900)
    # MLflow says goodbye behind it.
    (moved,) = [line for line in out.splitlines() if line.startswith("moved ")]
    _, up, down, found = moved.split()
    return float(up), float(down), Path(found)


@contextmanager
def _highest(pids: Callable[[], list[int]]) -> Iterator[list[float]]:
    """The most memory that the processes have during the block, in MB."""
    most, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            most[0] = max(most[0], sum(map(_memory, pids())))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _many_files(place: Path, count: int) -> Path:
    place.mkdir()
    for number in range(count):
        (place / f"file-{number:05}").write_bytes(os.urandom(1024))
    return place


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
