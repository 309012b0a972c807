"""MLServerTarget: models in the repository of an MLServer."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from windlass.interfaces import DeploymentRecord, DeploymentRequest
from windlass_open_inference.server import KEY
from windlass_open_inference.target import OpenInferenceTarget

_RUNTIME = "windlass_open_inference.mlserver.runtime.WindlassRuntime"


class MLServerTarget(OpenInferenceTarget):
    """An MLServer, in whose environment this distribution and windlass-models are installed."""

    server_name = "MLServer"
    default_url = "http://127.0.0.1:8080"
    settings_file = "model-settings.json"

    def decode(self, text: str) -> DeploymentRecord | None:
        """The record among the settings of the model."""
        found = json.loads(text)
        extra = ((found.get("parameters") or {}).get("extra") or {}) if isinstance(found, dict) else {}
        return DeploymentRecord.decode(extra.get(KEY))

    def arrange(self, directory: Path, request: DeploymentRequest, record: DeploymentRecord) -> tuple[Path, str]:
        """The model's files as they are, in a directory of their own."""
        files = directory / f"model-{secrets.token_hex(8)}"
        shutil.copytree(request.model_path, files)
        parameters = {"uri": f"./{files.name}", "extra": {KEY: asdict(record)}}
        settings = {"name": record.name, "implementation": _RUNTIME, "parameters": parameters}
        return files, json.dumps(settings, indent=2)

    def models(self, directory: Path) -> Sequence[Path]:
        """The copies of models."""
        return list(directory.glob("model-*/"))
