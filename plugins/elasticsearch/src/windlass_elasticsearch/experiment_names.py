"""The names of experiments."""

from __future__ import annotations

from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import EXPERIMENTS
from windlass_elasticsearch.names import Names
from windlass_elasticsearch.texts import get_text


def _has(source: Source, name: str) -> bool:
    return not source.get("gone") and get_text(source, "name") == name


EXPERIMENT_NAMES = Names("experiment", EXPERIMENTS.name, _has)
