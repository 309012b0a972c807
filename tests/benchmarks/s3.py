"""Measures our transfers against boto3's own transfer manager, on the S3 server for tests.

Usage: tests/services/start.sh s3 && uv run --with boto3 python tests/benchmarks/s3.py [--megabytes 256] [--rounds 5]

Both move the same file to the same bucket, by turns, and the best and the middle of the rates are compared. Nothing
here is a test that can fail. Run it when nothing else runs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from windlass.config import Settings
from windlass.services import transfers
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_s3.repository import S3ArtifactRepository

# The server keeps what was deleted for some seconds, in memory.
PAUSE = 8.0


def main() -> None:
    """Move the file and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    parts = urlsplit(service_url("s3"))
    os.environ |= {
        "AWS_ACCESS_KEY_ID": parts.username or "",
        "AWS_SECRET_ACCESS_KEY": parts.password or "",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    endpoint = f"http://{parts.hostname}:{parts.port}"
    client = boto3.client("s3", endpoint_url=endpoint)
    bucket = f"benchmark-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket)
    with (
        tempfile.TemporaryDirectory() as directory,
        S3ArtifactRepository.open(Uri.parse(f"s3://{bucket}"), Settings(s3_endpoint_url=endpoint)) as repository,
    ):
        source, back = Path(directory, "source"), Path(directory, "back")
        source.write_bytes(os.urandom(1 << 20) * chosen.megabytes)
        works: dict[str, Callable[[], object]] = {
            "ours up": lambda: transfers.upload(repository, [(source, "ours")]),
            "boto3 up": lambda: client.upload_file(str(source), bucket, "theirs"),
            "ours down": lambda: transfers.download(repository, [(repository.stat("ours"), back)]),
            "boto3 down": lambda: client.download_file(bucket, "theirs", str(back)),
        }
        rates: dict[str, list[float]] = {name: [] for name in works}
        for number in range(chosen.rounds):
            # Each goes first in every other round.
            for name in list(works) if number % 2 else ["boto3 up", "ours up", "boto3 down", "ours down"]:
                begun = time.perf_counter()
                works[name]()
                rates[name].append(chosen.megabytes / (time.perf_counter() - begun))
            repository.delete("")
            time.sleep(PAUSE)
        for way in ("up", "down"):
            ours, theirs = rates[f"ours {way}"], rates[f"boto3 {way}"]
            for word, pick in (("best", max), ("median", statistics.median)):
                mine, other = pick(ours), pick(theirs)
                print(f"{way:5} {word:7} {mine:7.0f} MB/s, boto3 {other:7.0f} MB/s: {mine / other:.2f} (goal: 0.9)")
    client.delete_bucket(Bucket=bucket)


if __name__ == "__main__":
    sys.exit(main())
