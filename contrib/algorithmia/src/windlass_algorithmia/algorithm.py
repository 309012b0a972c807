"""Answers calls of an algorithm with a model of any flavor.

A copy of this file is the algorithm's source, so the cluster needs windlass-models and nothing of this distribution.
"""

from __future__ import annotations

import functools
import importlib
import json
import tarfile
import tempfile
from pathlib import Path
from typing import Any


def apply(input: Any) -> Any:  # noqa: A002  the cluster calls it so
    """The answer of a scoring server to a request; an error begins with its code."""
    errors = importlib.import_module("windlass.errors")
    try:
        model = _model()
        if input == {"windlass": "ready?"}:
            return {"windlass": "ready"}
        models = importlib.import_module("windlass.models")
        return json.loads(models.answer_request(model, json.dumps(input)))
    except errors.WindlassError as error:
        raise RuntimeError(f"{error.error_code}: {error.message}") from None


@functools.cache
def _model() -> Any:
    told = json.loads(Path(__file__).with_name("windlass.json").read_text(encoding="utf-8"))
    packed = importlib.import_module("Algorithmia").client().file(told["model"]).getFile().name
    directory = Path(tempfile.mkdtemp(prefix="windlass-"))
    with tarfile.open(packed) as archive:
        archive.extractall(directory, filter="data")
    return importlib.import_module("windlass.models").load_deployed(directory, owned=bool(told["may_execute"]))
