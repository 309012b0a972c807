"""Looking at a stored model, and changing what its MLmodel file says."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from windlass.errors import InvalidValue
from windlass.uri import Uri
from windlass_models.checksums import SUMS_FILE, write_sums
from windlass_models.locating import locate
from windlass_models.mlmodel import MLMODEL_FILE, Model
from windlass_models.model_info import ModelInfo
from windlass_models.signature import ModelSignature


def get_model_info(model_uri: str) -> ModelInfo:
    """What is known about the model at any URI or path."""
    return Model.load(locate(model_uri).directory).get_model_info(str(model_uri))


def set_signature(model_uri: str, signature: ModelSignature) -> None:
    """Replace the signature of a stored model."""
    if not isinstance(signature, ModelSignature):
        raise InvalidValue("signature", signature, "must be a ModelSignature", hint="make one with infer_signature()")
    parsed = Uri.parse(str(model_uri))
    if parsed.scheme == "file":
        _rewrite(parsed.local_path(), signature)
        return
    from windlass.fluent.state import current_workspace  # noqa: PLC0415  a local directory needs no store

    artifacts = current_workspace().artifacts
    located = locate(model_uri)
    with tempfile.TemporaryDirectory(prefix="windlass-sign-") as scratch:
        copy = Path(scratch) / "model"
        shutil.copytree(located.directory, copy)
        _rewrite(copy, signature)
        place = artifacts.location(str(model_uri))
        for name in (MLMODEL_FILE, SUMS_FILE):
            artifacts.upload(place, copy / name)


def _rewrite(directory: Path, signature: ModelSignature) -> None:
    model = Model.load(directory)
    model.signature = signature
    model.save(directory / MLMODEL_FILE)
    if (directory / SUMS_FILE).is_file():
        write_sums(directory)
