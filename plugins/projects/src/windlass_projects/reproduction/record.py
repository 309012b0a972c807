"""Record: what has to be known of a run of a project to run it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from windlass.entities import ProjectSource
from windlass.errors import Corrupted

RECORD_FILE = "project/record.json"
PATCH_FILE = "project/changes.patch"
FILES_FILE = "project/files.zip"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file or a directory that a run reads: the value that names it, where it was found, and its digest."""

    name: str
    value: str
    place: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was run, as it is kept among the artifacts of the run.

    The code is the commit that one of `places` has, with the patch beside the record; without a commit it is the
    archive beside the record. The project is in `subdirectory` of it, and was in `directory` then. `missing` has a
    sentence on each thing that is not recorded.
    """

    source: ProjectSource
    directory: str
    subdirectory: str
    places: tuple[str, ...]
    entry_point: str
    parameters: Mapping[str, str]
    manager: str
    backend: str
    has_steps: bool
    inputs: tuple[Input, ...] = ()
    missing: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """As JSON."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=2)

    @classmethod
    def parse(cls, text: str) -> Record:
        """What `text` gave; Corrupted for anything else."""
        try:
            content: dict[str, Any] = json.loads(text)
            if content.pop("format") != _FORMAT:
                raise Corrupted(f"{RECORD_FILE} is of a format that this release does not know")
            source = ProjectSource(**content.pop("source"))
            inputs = tuple(Input(**one) for one in content.pop("inputs"))
            lists: dict[str, Any] = {name: tuple(content.pop(name)) for name in ("places", "missing")}
            return cls(source=source, inputs=inputs, **lists, **content)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Corrupted(f"{RECORD_FILE} cannot be read: {error}") from None
