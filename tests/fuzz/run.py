"""Throws at a real server what schemathesis makes of its OpenAPI document, without accounts and then with them.

    uv run python tests/fuzz/run.py [--seed N] [--examples N]

Fails if an answer is a 5xx or not what the document says, or if the server's log has an error in it. Another
seed makes other requests.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SCHEMATHESIS = "schemathesis@4.32.5"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# An answer without end, which would take the time of all others; plugins/server/tests/test_events.py is about it.
ENDLESS = "watch_run"
# 501, as MLflow's clients expect it of a storage that signs nothing; plugins/server/tests/test_artifacts.py has it.
NOT_HERE = "Api20MlflowArtifactsPresignedPathPresignDownload"
START_SECONDS, STOP_SECONDS, RUN_SECONDS = 60.0, 30.0, 300.0
_WRONG = re.compile(r"Traceback|\bERROR\b|\bCRITICAL\b")


def main() -> int:
    """Run both; the exit status is how many failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=20, help="requests of each operation in the fuzzing phase")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    password = secrets.token_urlsafe(24)
    accounts = {"WINDLASS_AUTH": "true", "WINDLASS_ADMIN_PASSWORD": password}
    failed = [
        name
        for name, environment, arguments in (
            ("without accounts", {}, ()),
            ("as an administrator", accounts, ("--auth", f"admin:{password}")),
        )
        if not fuzz(name, environment, ["--seed", str(asked.seed), "-n", str(asked.examples), *arguments])
    ]
    return len(failed)


def fuzz(name: str, environment: Mapping[str, str], arguments: Sequence[str]) -> bool:
    """Whether a server withstands it."""
    print(f"\n--- {name}", flush=True)
    with tempfile.TemporaryDirectory(prefix="windlass-fuzz-") as made:
        directory = Path(made)
        with serving(directory, environment) as url:
            good = attack(url, directory, arguments)
        log = (directory / "server.log").read_text(errors="replace")
    if found := _WRONG.search(log):
        print(f"the server's log:\n{log[max(0, found.start() - 500) :][:6000]}")
        return False
    return good


def attack(url: str, directory: Path, arguments: Sequence[str]) -> bool:
    """Whether schemathesis finds nothing; what it finds is printed."""
    command = [
        "uv", "tool", "run", SCHEMATHESIS, "run", f"{url}/schema/openapi.json", "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing", "--exclude-operation-id", ENDLESS,
        "--exclude-operation-id", NOT_HERE, "--workers", "2",
        "--request-timeout", "30", "--suppress-health-check", "filter_too_much,too_slow", "--no-color",
        "--warnings", "off", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, cwd=directory, check=False, timeout=RUN_SECONDS).returncode == 0


@contextmanager
def serving(directory: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """The URL of a server on an empty SQLite file; it must be there, and end well, after all that was sent to it."""
    ours = ("WINDLASS_", "MLFLOW_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [
        sys.executable, "-m", "windlass", "server", "--port", "0", "--backend-store-uri",
        f"sqlite:///{directory}/server.db", "--artifacts-destination", str(directory / "artifacts"),
    ]  # fmt: skip
    with (directory / "server.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={**inherited, **environment, "PYTHONUNBUFFERED": "1", "WINDLASS_HOME": str(directory / "home")},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield wait_for_url(process, directory / "server.log")
            if process.poll() is not None:
                log.write("ERROR: the server has ended\n")
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    """What the server prints when it answers."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(errors="replace")):
            return found[0]
        time.sleep(0.05)
    raise SystemExit(f"the server did not start:\n{log.read_text(errors='replace')}")


if __name__ == "__main__":
    sys.exit(main())
