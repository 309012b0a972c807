"""SHA256SUMS: the hashes of a model's files, in the format of `sha256sum`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from windlass.errors import Corrupted

SUMS_FILE = "SHA256SUMS"


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(directory: Path) -> None:
    """Write the hashes of all files below a directory into it."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != SUMS_FILE)
    lines = [f"{file_digest(path)}  {path.relative_to(directory).as_posix()}\n" for path in files]
    (directory / SUMS_FILE).write_text("".join(lines), encoding="utf-8")


def check_sums(directory: Path) -> None:
    """Compare a model's files with their hashes; Corrupted names the first that differs or is missing.

    A model without hashes is an older one and passes, and so do files that are not listed.
    """
    listing = directory / SUMS_FILE
    if not listing.is_file():
        return
    for line in listing.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = directory / name
        if not name or not path.resolve().is_relative_to(directory.resolve()):
            raise Corrupted(f"{SUMS_FILE} has a line that is no hash and path: {line[:80]!r}")
        if not path.is_file():
            raise Corrupted(f"the model's file {name} is missing", hint="fetch or log the model again")
        if file_digest(path) != digest.lower():
            raise Corrupted(
                f"the model's file {name} differs from what was saved",
                hint=f"fetch or log the model again; if the change is meant, delete {SUMS_FILE}",
            )
