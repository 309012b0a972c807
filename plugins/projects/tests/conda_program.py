"""A conda for tests: the one subcommand that environments need, with the real solver and installer of py-rattler.

It writes its arguments to the file that CONDA_RECORD names.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

import rattler


async def create(prefix: str, channels: list[str], specs: list[str]) -> None:
    records = await rattler.solve(
        sources=channels,
        specs=specs,
        gateway=rattler.Gateway(cache_dir=os.environ["CONDA_CACHE"], show_progress=False),
        platforms=[rattler.Subdir.current(), "noarch"],
        timestamp_policy="allow-missing",
    )
    cache = Path(os.environ["CONDA_CACHE"]) / "packages"
    await rattler.install(records, prefix, cache_dir=cache, show_progress=False)


def main() -> None:
    with Path(os.environ["CONDA_RECORD"]).open("a", encoding="utf-8") as record:
        record.write(json.dumps(sys.argv[1:]) + "\n")
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["create"])
    parser.add_argument("--yes", action="store_true", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--channel", action="append", default=[])
    parser.add_argument("--override-channels", action="store_true")
    parser.add_argument("specs", nargs="+")
    wanted = parser.parse_args()
    try:
        asyncio.run(create(wanted.prefix, wanted.channel, wanted.specs))
    except Exception as error:  # noqa: BLE001  whatever the solver says is the program's answer
        sys.exit(f"conda: {error}")


if __name__ == "__main__":
    main()
