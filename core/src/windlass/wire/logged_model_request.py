"""The requests about logged models."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from windlass.entities import LifecycleStage, Param, Tag, ViewType
from windlass.wire.message import WINDLASS, Id, Message, message


class LoggedModelStatusName(StrEnum):
    """The statuses as the wire names and numbers them."""

    LOGGED_MODEL_PENDING = "LOGGED_MODEL_PENDING"
    LOGGED_MODEL_READY = "LOGGED_MODEL_READY"
    LOGGED_MODEL_UPLOAD_FAILED = "LOGGED_MODEL_UPLOAD_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderByMessage:
    """One key of an ordering; the data set narrows a metric down."""

    field_name: str
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFilterMessage:
    """A data set that metrics were measured on."""

    dataset_name: str
    dataset_digest: str | None = None


@message("POST", "/logged-models", idempotent=False)
class CreateLoggedModel(Message):
    """Makes a logged model."""

    experiment_id: Id
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: tuple[Param, ...] = ()
    tags: tuple[Tag, ...] = ()


@message("GET", "/logged-models/{model_id}")
class GetLoggedModel(Message):
    """Asks for a logged model."""

    model_id: str
    allow_deleted: bool = False


@message("PATCH", "/logged-models/{model_id}")
class FinalizeLoggedModel(Message):
    """Says that a model's files have arrived, or will not."""

    model_id: str
    status: LoggedModelStatusName
    status_message: str | None = None


@message("DELETE", "/logged-models/{model_id}")
class DeleteLoggedModel(Message):
    """Moves a logged model to the bin."""

    model_id: str


@message("POST", "/logged-models/search")
class SearchLoggedModels(Message):
    """Asks for the logged models that match; `view_type` is Windlass' own."""

    experiment_ids: tuple[Id, ...] = ()
    filter: str | None = None
    datasets: tuple[DatasetFilterMessage, ...] = ()
    max_results: int = 50
    order_by: tuple[OrderByMessage, ...] = ()
    page_token: str | None = None
    view_type: ViewType | None = None


@message("PATCH", "/logged-models/{model_id}/tags")
class SetLoggedModelTags(Message):
    """Sets tags of a logged model."""

    model_id: str
    tags: tuple[Tag, ...] = ()


@message("DELETE", "/logged-models/{model_id}/tags/{tag_key}")
class DeleteLoggedModelTag(Message):
    """Removes a tag of a logged model."""

    model_id: str
    tag_key: str


@message("POST", "/logged-models/{model_id}/params")
class LogLoggedModelParams(Message):
    """Adds params to a logged model."""

    model_id: str
    params: tuple[Param, ...] = ()


@message("GET", "/logged-models/{model_id}/artifacts/directories")
class ListLoggedModelArtifacts(Message):
    """Asks what is in a directory of a logged model's files."""

    model_id: str
    artifact_directory_path: str | None = None
    page_token: str | None = None


@message("POST", "/logged-models/update", family=WINDLASS)
class UpdateLoggedModel(Message):
    """Changes the life-cycle stage of a logged model; taking it out of the bin is what it is for."""

    model_id: str
    lifecycle_stage: LifecycleStage


@message("POST", "/logged-models/purge", family=WINDLASS)
class PurgeLoggedModel(Message):
    """Removes a deleted logged model for good."""

    model_id: str
