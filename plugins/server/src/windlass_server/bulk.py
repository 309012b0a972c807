"""Reading large batches: the common form of a request, decoded in one step.

A batch has thousands of values, and reading each with all the leniency of `windlass_server.reading` takes longer than
keeping it. What msgspec decodes as the message's own types needs no leniency; whatever is out of the ordinary, a field
under another name, a number as text, a value that is wrong, goes the ordinary way, which also says what is wrong.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast, get_args, get_type_hints

import msgspec

from windlass.wire.message import Message
from windlass.wire.run_request import LogBatch, LogRun
from windlass_server.reading import camel

BULK: frozenset[type[Message]] = frozenset({LogBatch, LogRun})
"""The messages that carry batches."""
# Text that no database holds, which msgspec does not mind.
_NUL = b"\\u0000"
# Everything that comes in thousands has one. More of them than there are things: something was given twice, and the
# decoder has dropped one of the two.
_KEY = b'"key"'


def read_bulk(kind: type[Message], body: bytes) -> Message | None:
    """The message behind the JSON text, None where it must be read the ordinary way."""
    decoder, unusual = _decoder(cast(Hashable, kind))
    if any(text in body for text in unusual):
        return None
    try:
        found = cast(Message, decoder.decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if body.count(_KEY) <= _count(found) else None


def _count(found: Any) -> int:
    """How many metrics, params and tags a batch has."""
    return len(found.metrics) + len(found.params) + len(found.tags)


@cache
def _decoder(kind: Any) -> tuple[msgspec.json.Decoder[Any], tuple[bytes, ...]]:
    """The decoder of a message, and what a text must not have in it, because the decoder would pass over it."""
    names = {other for one in _other_names(kind) for other in one}
    return msgspec.json.Decoder(kind), (_NUL, *(f'"{name}"'.encode() for name in sorted(names)))


def _other_names(kind: Any) -> Iterator[set[str]]:
    """By which other names the fields go, of the message and of all that is in it."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        names = {one.name, *one.metadata.get("names", ())}
        yield (names | {camel(name) for name in names}) - {one.name}
        for inner in get_args(hints[one.name]):
            if is_dataclass(inner):
                yield from _other_names(inner)
