"""Model: the MLmodel file, which says what a saved model is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import yaml

from windlass.errors import InvalidValue, NotFound
from windlass_models.model_info import ModelInfo
from windlass_models.signature import ModelSignature
from windlass_models.types import ParamSchema, Schema

MLMODEL_FILE = "MLmodel"
FORMAT_VERSION = "3.17.2"
"""The MLflow release whose MLmodel format is written; its readers look for it under `mlflow_version`."""


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@dataclass(slots=True, kw_only=True)
class Model:
    """What the MLmodel file says; keys of it that are not known here are kept in `others`.

    Files of 2020 lack most of it, so everything but `flavors` may be None.
    """

    artifact_path: str | None = None
    run_id: str | None = None
    utc_time_created: str | None = field(default_factory=_now)
    flavors: dict[str, dict[str, Any]] = field(default_factory=dict)
    signature: ModelSignature | None = None
    saved_input_example_info: dict[str, Any] | None = None
    model_uuid: str | None = field(default_factory=lambda: uuid.uuid4().hex)
    model_id: str | None = None
    model_size_bytes: int | None = None
    metadata: dict[str, Any] | None = None
    mlflow_version: str | None = FORMAT_VERSION
    others: dict[str, Any] = field(default_factory=dict)

    def add_flavor(self, name: str, **entry: Any) -> Self:
        """Add or replace a flavor's entry."""
        self.flavors[name] = entry
        return self

    def get_input_schema(self) -> Schema | None:
        """What goes in, if it is known."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """What comes out, if it is known."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> ParamSchema | None:
        """What a caller may set, if it is known."""
        return self.signature.params if self.signature else None

    def get_model_info(self, model_uri: str | None = None) -> ModelInfo:
        """What `log_model` tells about the model."""
        own_uri = f"models:/{self.model_id}" if self.model_id else f"runs:/{self.run_id}/{self.artifact_path}"
        return ModelInfo(
            model_uri=model_uri or own_uri,
            model_id=self.model_id,
            artifact_path=self.artifact_path,
            flavors=self.flavors,
            run_id=self.run_id,
            signature=self.signature,
            saved_input_example_info=self.saved_input_example_info,
            model_uuid=self.model_uuid,
            utc_time_created=self.utc_time_created,
            mlflow_version=self.mlflow_version,
            metadata=self.metadata,
        )

    def load_input_example(self, path: str | Path) -> Any:
        """The input example beside the MLmodel file in a directory; None if there is none."""
        from windlass_models.input_example import load_input_example  # noqa: PLC0415  it brings pandas along

        return load_input_example(Path(path), self.saved_input_example_info)

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        known = {name: getattr(self, name) for name in _KEYS if getattr(self, name) is not None}
        if self.signature is not None:
            known["signature"] = self.signature.to_dict()
        return {**self.others, **known}

    def to_yaml(self) -> str:
        """The text of the file."""
        return yaml.safe_dump(self.to_dict(), allow_unicode=True)

    def save(self, path: str | Path) -> None:
        """Write the file at `path`."""
        Path(path).write_text(self.to_yaml(), encoding="utf-8")

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Model:
        """Read the content of a file."""
        if not isinstance(content.get("flavors"), Mapping):
            raise InvalidValue(MLMODEL_FILE, content, "must have flavors")
        known: dict[str, Any] = {name: content.get(name) for name in _KEYS}
        form = content.get("signature")
        known["signature"] = ModelSignature.from_dict(form) if form and any(form.values()) else None
        known["flavors"] = {name: dict(entry or {}) for name, entry in content["flavors"].items()}
        if known["utc_time_created"] is not None:
            known["utc_time_created"] = str(known["utc_time_created"])
        return cls(**known, others={name: value for name, value in content.items() if name not in _KEYS})

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """Read the file, or the one in a directory or below a model URI; NotFound if there is none."""
        if isinstance(path, str) and ":/" in path:
            from windlass_models.locating import locate  # noqa: PLC0415  only this needs a workspace

            path = locate(path).directory
        file = Path(path)
        file = file / MLMODEL_FILE if file.is_dir() else file
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            hint = "is it a model's directory? It must hold a file MLmodel"
            raise NotFound(f"there is no model at {str(path)!r}", hint=hint) from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InvalidValue(MLMODEL_FILE, str(file), "is not a YAML text") from error
        if not isinstance(content, Mapping):
            raise InvalidValue(MLMODEL_FILE, str(file), "must hold a mapping")
        return cls.from_dict(content)


_KEYS = (
    "artifact_path", "run_id", "utc_time_created", "flavors", "signature", "saved_input_example_info", "model_uuid",
    "model_id", "model_size_bytes", "metadata", "mlflow_version",
)  # fmt: skip
