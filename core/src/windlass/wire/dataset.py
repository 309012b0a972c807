"""Data sets on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from windlass.entities import Dataset, DatasetInput, Tag
from windlass.wire.message import Id, Message, message
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present


class DatasetJson(TypedDict, total=False):
    """A data set."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str
    profile: str


class DatasetInputJson(TypedDict, total=False):
    """A data set as one run used it."""

    tags: list[KeyValueJson]
    dataset: DatasetJson


class DatasetSummaryJson(TypedDict, total=False):
    """A data set of an experiment, without what is large."""

    experiment_id: str
    name: str
    digest: str
    context: str


class DatasetSummariesAnswer(TypedDict, total=False):
    """The data sets of some experiments."""

    dataset_summaries: list[DatasetSummaryJson]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInputMessage:
    """A data set as one run used it, inside of a request."""

    dataset: Dataset
    tags: tuple[Tag, ...] = ()

    @property
    def entity(self) -> DatasetInput:
        """The entity that it stands for."""
        return DatasetInput(self.dataset, {tag.key: tag.value for tag in self.tags})


@message("POST", "/experiments/search-datasets")
class SearchDatasets(Message):
    """Asks for the data sets that runs of these experiments used."""

    experiment_ids: tuple[Id, ...]


def encode_dataset_input(one: DatasetInput) -> DatasetInputJson:
    """The JSON of a data set as one run used it."""
    found = one.dataset
    dataset = present(
        {
            "name": found.name,
            "digest": found.digest,
            "source_type": found.source_type,
            "source": found.source,
            "schema": found.schema,
            "profile": found.profile,
        }
    )
    return cast(DatasetInputJson, present({"tags": encode_pairs(one.tags), "dataset": dataset}))


def decode_dataset_input(json: Mapping[str, Any]) -> DatasetInput:
    """The data set behind its JSON."""
    found = json["dataset"]
    dataset = Dataset(
        name=found["name"],
        digest=found.get("digest", ""),
        source_type=found.get("source_type", ""),
        source=found.get("source", ""),
        schema=found.get("schema"),
        profile=found.get("profile"),
    )
    return DatasetInput(dataset, decode_pairs(json.get("tags")))
