"""The process of a local deployment: `python -m windlass_serving.process`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from windlass.errors import WindlassError
from windlass_serving.app import ServingOptions
from windlass_serving.handover import offer
from windlass_serving.server import load_model, serve
from windlass_serving.workers import reopen, run_workers


def main(arguments: list[str] | None = None) -> int:
    """Serve a model on the socket that this process was given; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The socket came as this process's own; what the model starts shall not have it.
    os.set_inheritable(chosen.socket, False)
    sock = reopen(chosen.socket)
    options = ServingOptions(timeout=chosen.request_timeout, token=chosen.token)

    def work() -> None:
        serve(load_model(chosen.model), sock, options)

    try:
        if chosen.workers > 1:
            # The handover needs a thread, and threads come after the fork.
            return run_workers(chosen.workers, work, then=lambda: offer(sock, chosen.control))
        offer(sock, chosen.control)
        work()
    except WindlassError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="windlass_serving.process", description=__doc__)
    parser.add_argument("--model", required=True, help="the model's directory")
    parser.add_argument("--socket", type=int, required=True, help="the descriptor of the listening socket")
    parser.add_argument("--control", type=Path, required=True, help="where the socket is handed over")
    parser.add_argument("--token", required=True, help="what every answer carries in a header")
    parser.add_argument("--request-timeout", type=float, default=60.0, help="seconds for one prediction")
    parser.add_argument("--workers", type=int, default=1, help="how many processes serve")
    return parser


if __name__ == "__main__":
    sys.exit(main())
