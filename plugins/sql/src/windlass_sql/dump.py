"""Dump: the rows of all tables as compressed lines of JSON, which any kind of database can be filled from.

The first line says what it is, the last one that nothing is missing. A table is a line with its name and columns, a
line for each row, and a line with how many there were and their checksum, which does not depend on their order.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from windlass.errors import Corrupted, InvalidValue

Row = Sequence[Any]
MAGIC = b"\x1f\x8b"
_FORMAT, _VERSION = "windlass-database", 1
_LEVEL = 5
_MODULUS = 2**256


class Checksum:
    """Counts rows and adds up their digests."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        """Take a row in."""
        self.rows += 1
        text = json.dumps([_canonical(value) for value in row], ensure_ascii=False)
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(text.encode()).digest())) % _MODULUS

    @property
    def digest(self) -> str:
        """The checksum of the rows so far."""
        return f"{self._sum:064x}"


class DumpWriter:
    """Writes a dump table by table; `finish` makes it whole."""

    def __init__(self, path: Path, *, revision: str) -> None:
        self._file = gzip.open(path, "wt", encoding="utf-8", compresslevel=_LEVEL, newline="\n")  # noqa: SIM115  closed by us
        self._line({"format": _FORMAT, "version": _VERSION, "revision": revision})

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Write a table and return how many rows it has."""
        checksum = Checksum()
        self._line({"table": name, "columns": list(columns)})
        for row in rows:
            values = list(row)
            checksum.add(values)
            self._line(values)
        self._line({"rows": checksum.rows, "checksum": checksum.digest})
        return checksum.rows

    def finish(self) -> None:
        """Say that nothing is missing."""
        self._line({"end": True})

    def _line(self, value: Any) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()


class DumpReader:
    """Reads a dump; Corrupted if it differs from what was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = self._read()
        header = next(self._lines)
        if not isinstance(header, dict) or header.get("format") != _FORMAT:
            raise InvalidValue("file", str(path), "is no backup of Windlass")
        if header["version"] != _VERSION:
            raise InvalidValue("file", str(path), "was made by a newer release", limit=_VERSION)
        self.revision = str(header["revision"])

    def problems(self) -> list[str]:
        """Nothing: what is wrong shows when it is read."""
        return []

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
        """The name, the columns and the rows of each table; the rows must be read before the next one is asked for."""
        for line in self._lines:
            if "end" in line:
                return
            yield line["table"], line["columns"], self._rows(line["table"])
        raise self._damaged("it ends too early")

    def _rows(self, table: str) -> Iterator[Row]:
        checksum = Checksum()
        for line in self._lines:
            if isinstance(line, dict):
                if (line["rows"], line["checksum"]) != (checksum.rows, checksum.digest):
                    raise self._damaged(f"the rows of {table} are not those that were written")
                return
            checksum.add(line)
            yield line
        raise self._damaged("it ends too early")

    def _read(self) -> Iterator[Any]:
        try:
            with gzip.open(self._path, "rt", encoding="utf-8", newline="\n") as file:
                yield from map(json.loads, file)
        except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
            raise self._damaged("it cannot be read") from error
        raise self._damaged("it ends too early")

    def _damaged(self, problem: str) -> Corrupted:
        return Corrupted(f"the backup {self._path} is damaged: {problem}", hint="use another one")


def _canonical(value: Any) -> Any:
    """The value as every database gives it back: not all tell whole numbers from others, or have two zeros."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
