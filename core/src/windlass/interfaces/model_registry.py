"""Where registered models and their versions are kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from windlass.config import Settings
from windlass.entities import ModelVersion, Page, RegisteredModel
from windlass.interfaces.resource import Resource
from windlass.search import Query
from windlass.uri import Uri


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModelUpdate:
    """What changes on a registered model; None and empty mean unchanged. `aliases` maps each alias to its version."""

    name: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_tags: tuple[str, ...] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)
    deleted_aliases: tuple[str, ...] = ()
    last_updated_timestamp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVersionUpdate:
    """What changes on a version; None and empty mean unchanged.

    `archive_others` moves every other version that is in the new stage to Archived, in the same step.
    """

    description: str | None = None
    stage: str | None = None
    archive_others: bool = False
    status: str | None = None
    status_message: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted_tags: tuple[str, ...] = ()
    last_updated_timestamp: int = 0


class RegisteredModelStore(ABC):
    """Registered models by name."""

    @abstractmethod
    def create(self, model: RegisteredModel) -> RegisteredModel:
        """Keep a new registered model with its tags; AlreadyExists if the name is taken."""

    @abstractmethod
    def get(self, name: str) -> RegisteredModel:
        """The model with its aliases and the newest version of each stage; NotFound if there is none."""

    @abstractmethod
    def update(self, name: str, update: RegisteredModelUpdate) -> RegisteredModel:
        """Change what `update` names in one step, returning the model under its new name.

        NotFound if the model or the version of an alias is missing; AlreadyExists if the new name is taken. A new name
        moves all versions with it.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove the model with all its versions for good; NotFound if there is none."""

    @abstractmethod
    def search(self, query: Query) -> Page[RegisteredModel]:
        """One page of the models that match."""


class ModelVersionStore(ABC):
    """Versions by model name and number."""

    @abstractmethod
    def create(self, version: ModelVersion) -> ModelVersion:
        """Keep a new version under the next number, whatever number it came with; NotFound without such a model.

        Numbers of deleted versions are not used again, and two callers never get the same one.
        """

    @abstractmethod
    def get(self, name: str, version: int) -> ModelVersion:
        """The version; NotFound if there is none."""

    @abstractmethod
    def update(self, name: str, version: int, update: ModelVersionUpdate) -> ModelVersion:
        """Change what `update` names in one step; NotFound if there is no such version."""

    @abstractmethod
    def delete(self, name: str, version: int) -> None:
        """Remove the version and its aliases for good; NotFound if there is none."""

    @abstractmethod
    def search(self, query: Query) -> Page[ModelVersion]:
        """One page of the versions that match."""


class ModelRegistry(Resource):
    """Where registered models and their versions are kept; the rules of TrackingStore hold here too."""

    is_remote: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the registry that `uri` names."""

    @property
    @abstractmethod
    def models(self) -> RegisteredModelStore:
        """The registered models."""

    @property
    @abstractmethod
    def versions(self) -> ModelVersionStore:
        """Their versions."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections; calling it again does nothing."""
