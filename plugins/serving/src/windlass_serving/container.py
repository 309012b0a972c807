"""The process of a container that serves a model: `python -m windlass_serving.container`."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

from windlass.errors import BuildFailed, WindlassError
from windlass.services.model_image.contract import MODEL_PLACE, PORT
from windlass.sockets import listen
from windlass_serving.app import ServingOptions
from windlass_serving.server import load_model, serve
from windlass_serving.workers import run_workers


def main(arguments: list[str] | None = None) -> int:
    """Serve the model that is in the container; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # The first process of a container is not ended by signals that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if chosen.install and _install(chosen.model / "requirements.txt"):
            rest = [one for one in sys.argv[1:] if one != "--install"]
            # Packages of another version may have been imported already.
            os.execv(sys.executable, [sys.executable, "-m", "windlass_serving.container", *rest])  # noqa: S606  this program itself
        return _serve(chosen)
    except WindlassError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1


def _serve(chosen: argparse.Namespace) -> int:
    options = ServingOptions(timeout=chosen.request_timeout, token=chosen.token)
    with listen(chosen.host, chosen.port) as sock:

        def work() -> None:
            serve(load_model(str(chosen.model)), sock, options)

        if chosen.workers > 1:
            return run_workers(chosen.workers, work)
        work()
    return 0


def _install(requirements: Path) -> bool:
    """Install what the model requires into the container, and say whether there is anything."""
    if not requirements.is_file():
        return False
    installer = [sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("uv") is None:
        installer = [sys.executable, "-m", "pip", "install"]
    done = subprocess.run([*installer, "-r", str(requirements)], cwd=requirements.parent, check=False)  # noqa: S603  our own words
    if done.returncode:
        hint = "build an image with the model in it, which installs that once for all"
        raise BuildFailed("what the model requires could not be installed", hint=hint)
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="windlass_serving.container", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["serve"], default="serve", help="what SageMaker says")
    parser.add_argument("--model", type=Path, default=Path(MODEL_PLACE), help="the model's directory")
    parser.add_argument("--host", default="0.0.0.0", help="the address to listen on")  # noqa: S104  in a container
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or PORT)
    parser.add_argument("--port", type=int, default=port, help="the port to listen on")
    parser.add_argument("--workers", type=int, default=1, help="how many processes serve")
    parser.add_argument("--request-timeout", type=float, default=60.0, help="seconds for one prediction")
    parser.add_argument("--token", default="", help="what every answer carries in a header")
    parser.add_argument("--install", action="store_true", help="install what the model requires before")
    return parser


if __name__ == "__main__":
    sys.exit(main())
