"""TritonTarget: models in the repository of a Triton Inference Server."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path

from windlass.interfaces import DeploymentRecord, DeploymentRequest, TargetOption, count, parse_options
from windlass_open_inference.server import ANSWER, REQUEST
from windlass_open_inference.target import OpenInferenceTarget

MAY_EXECUTE = "may_execute"
"""The parameter that says whether the code in a model may run."""
_PYTHON_PATH = "python_path"
_OURS = re.compile(r"^# windlass ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_OPTIONS = (count("instances", "How many copies of the model answer at once.", default=1, most=256),)
_PROGRAM = """import site

for directory in {directories!r}:
    site.addsitedir(directory)
from windlass_open_inference.triton.model import TritonPythonModel  # noqa: E402, F401
"""
_CONFIGURATION = """# windlass {record}
name: {name}
backend: "python"
max_batch_size: 0
version_policy: {{ latest: {{ num_versions: 1 }} }}
input [{{ name: "{request}", data_type: TYPE_STRING, dims: [ 1 ] }}]
output [{{ name: "{answer}", data_type: TYPE_STRING, dims: [ 1 ] }}]
instance_group [{{ kind: KIND_CPU, count: {instances} }}]
parameters {{ key: "{may_execute}", value: {{ string_value: "{execute}" }} }}
"""


class TritonTarget(OpenInferenceTarget):
    """A Triton with the Python backend that was started with `--model-control-mode=explicit`.

    Its Python needs this distribution and windlass-models, and reads no PYTHONPATH: `python_path` in the target names
    the directories with packages, with ':' between them, where they are not in the place that it knows by itself.
    """

    server_name = "Triton"
    default_url = "http://127.0.0.1:8000"
    settings_file = "config.pbtxt"
    known = (_PYTHON_PATH,)

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return (*_OPTIONS, *super().options())

    def decode(self, text: str) -> DeploymentRecord | None:
        """The record in a comment of the configuration."""
        found = _OURS.search(text)
        return None if found is None else DeploymentRecord.decode(b64decode(found[1]).decode())

    def arrange(self, directory: Path, request: DeploymentRequest, record: DeploymentRecord) -> tuple[Path, str]:
        """The next version: the program that serves the model, and the model's files beside it."""
        options = parse_options(self.options(), request.config)
        number = max((int(one.name) for one in self.models(directory)), default=0) + 1
        version = directory / str(number)
        shutil.copytree(request.model_path, version / "model")
        path = self.address_parts.more.get(_PYTHON_PATH, "")
        program = _PROGRAM.format(directories=[one for one in path.split(":") if one])
        (version / "model.py").write_text(program, encoding="utf-8")
        return version, _CONFIGURATION.format(
            record=b64encode(record.encode().encode()).decode(),
            name=json.dumps(record.name),
            request=REQUEST,
            answer=ANSWER,
            instances=options["instances"],
            may_execute=MAY_EXECUTE,
            execute=str(record.may_execute).lower(),
        )

    def models(self, directory: Path) -> Sequence[Path]:
        """The versions."""
        return [one for one in directory.glob("*/") if one.name.isdigit()]
