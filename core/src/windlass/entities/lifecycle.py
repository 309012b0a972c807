"""The small vocabularies: life-cycle stages, statuses and views."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class LifecycleStage(StrEnum):
    """Whether an entity is in use or in the bin, from where it can be restored until it is purged."""

    ACTIVE = "active"
    DELETED = "deleted"


class ViewType(IntEnum):
    """Which life-cycle stages a search looks at."""

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3

    def shows(self, stage: str) -> bool:
        """Whether an entity of this stage belongs into the view."""
        return self is ViewType.ALL or (self is ViewType.ACTIVE_ONLY) == (stage == LifecycleStage.ACTIVE)


class RunStatus(StrEnum):
    """What a run is doing; the last three are terminal."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @staticmethod
    def is_terminated(status: str) -> bool:
        """Whether a run of this status has come to its end."""
        return status in {RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED}

    @staticmethod
    def to_string(status: RunStatus) -> str:
        """The status as text."""
        return str(status)

    @staticmethod
    def from_string(text: str) -> RunStatus:
        """The status that `text` names."""
        return RunStatus(text)


class LoggedModelStatus(StrEnum):
    """Whether the files of a logged model have arrived."""

    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"


class ModelVersionStatus(StrEnum):
    """Whether a model version can be used."""

    PENDING_REGISTRATION = "PENDING_REGISTRATION"
    FAILED_REGISTRATION = "FAILED_REGISTRATION"
    READY = "READY"


class ModelStage(StrEnum):
    """The classic stages of a model version."""

    NONE = "None"
    STAGING = "Staging"
    PRODUCTION = "Production"
    ARCHIVED = "Archived"
