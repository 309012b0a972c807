"""ModelFile: the file of a model that RedisAI can run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from windlass.errors import InvalidValue

_HINT = "RedisAI runs models of the flavor `onnx`, and of `pytorch` if they were saved as TorchScript"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file, and the backend of RedisAI for it."""

    backend: str
    content: bytes

    @classmethod
    def find(cls, directory: Path) -> ModelFile:
        """The file in a directory with a model; InvalidValue where RedisAI can run none."""
        flavors = _flavors(directory)
        if "onnx" in flavors:
            return cls("ONNX", _read(directory, flavors["onnx"].get("data", "model.onnx")))
        if "pytorch" in flavors:
            place = f"{flavors['pytorch'].get('model_data', 'data')}/model.pth"
            if not _is_torchscript(directory / place):
                raise InvalidValue("model", place, "is no TorchScript", hint=_HINT)
            return cls("TORCH", _read(directory, place))
        raise InvalidValue("model", sorted(flavors), "has no flavor for RedisAI", limit="onnx, pytorch", hint=_HINT)


def _flavors(directory: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load((directory / "MLmodel").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InvalidValue("model", "MLmodel", "cannot be read") from error
    flavors = found.get("flavors") if isinstance(found, dict) else None
    return {name: one or {} for name, one in flavors.items()} if isinstance(flavors, dict) else {}


def _read(directory: Path, place: str) -> bytes:
    path = (directory / place).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise InvalidValue("model", place, "is outside of the model")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidValue("model", place, "cannot be read") from error


def _is_torchscript(path: Path) -> bool:
    """TorchScript is an archive with code; what torch.save makes has none."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.count("/") > 1 and name.split("/")[1] == "code" for name in archive.namelist())
