"""TableFile: a table that becomes a file batch by batch, so that memory stays bounded however long it is."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from windlass.entities import TableFormat
from windlass.errors import MissingDependency

TEXT, WHOLE, NUMBER, TIME = "string", "int64", "float64", "time"
"""The types of columns; times are epoch milliseconds UTC."""


def table_file(
    columns: Mapping[str, str], batches: Iterable[Mapping[str, Sequence[Any]]], file_format: TableFormat
) -> Iterator[bytes]:
    """The bytes of a file with these columns, by name and type; MissingDependency without pyarrow."""
    pyarrow = import_pyarrow()
    types = {
        TEXT: pyarrow.string(),
        WHOLE: pyarrow.int64(),
        NUMBER: pyarrow.float64(),
        TIME: pyarrow.timestamp("ms", tz="UTC"),
    }
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    sink = _Sink()
    with _writer(pyarrow, sink, schema, file_format) as writer:
        # The beginning comes with the first batch: what is wrong with a search is said before anything is sent.
        for batch in batches:
            arrays = [pyarrow.array(batch[field.name], field.type) for field in schema]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
            yield sink.take()
    yield sink.take()


def import_pyarrow() -> Any:
    """The pyarrow package; MissingDependency if it is not installed."""
    try:
        import pyarrow  # noqa: PLC0415, ICN001  heavy, and not everyone has it
        import pyarrow.parquet  # noqa: PLC0415  the same
    except ImportError as error:
        raise MissingDependency("tables are written with pyarrow", hint="pip install pyarrow") from error
    return pyarrow


class _Sink(io.RawIOBase):
    """A file that only remembers what has been written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(self._written[-1])

    def take(self) -> bytes:
        written = b"".join(self._written)
        self._written.clear()
        return written


def _writer(pyarrow: Any, sink: _Sink, schema: Any, file_format: TableFormat) -> Any:
    target = pyarrow.PythonFile(sink, mode="w")
    if file_format is TableFormat.ARROW:
        return pyarrow.ipc.new_stream(target, schema)
    return pyarrow.parquet.ParquetWriter(target, schema)
