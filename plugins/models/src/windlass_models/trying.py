"""Trying a model with a request, without a server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from windlass.errors import InvalidValue, NotFound
from windlass_models.input_example import convert_input_example_to_serving_input
from windlass_models.predictions import predictions_json
from windlass_models.pyfunc import load_model
from windlass_models.scoring import CSV, FORMS, JSON, parse_scoring_input

_TYPES = {"json": JSON, "csv": CSV}


def predict(
    model_uri: str,
    input_data: Any = None,
    input_path: str | Path | None = None,
    content_type: str = "json",
    output_path: str | Path | None = None,
    *,
    env_manager: str | None = "local",
) -> None:
    """Predict what `input_data` or a file holds, and write the answer as JSON to a file or the screen.

    The input is a request in the scoring server's JSON, CSV text, or an example as `log_model` takes it.
    """
    if env_manager not in {None, "local"}:
        hint = "install the model's requirements.txt into an environment, and predict there"
        raise InvalidValue("env_manager", env_manager, "is not available", limit="local", hint=hint)
    if content_type not in _TYPES:
        raise InvalidValue("content_type", content_type, "is not known", limit=", ".join(_TYPES))
    request = _request(input_data, input_path, content_type)
    model = load_model(model_uri)
    parsed = parse_scoring_input(request, _TYPES[content_type], model.input_schema)
    answer = predictions_json(model.predict(parsed.data, parsed.params))
    if output_path is None:
        sys.stdout.write(answer + "\n")
    else:
        Path(output_path).write_text(answer, encoding="utf-8")


def validate_serving_input(model_uri: str, serving_input: str | dict[str, Any]) -> Any:
    """The model's answer to a request, as a scoring server would get it; the error that it would give otherwise."""
    text = serving_input if isinstance(serving_input, str) else json.dumps(serving_input)
    model = load_model(model_uri)
    parsed = parse_scoring_input(text, JSON, model.input_schema)
    return model.predict(parsed.data, parsed.params)


def _request(data: Any, path: str | Path | None, content_type: str) -> str | bytes:
    if (data is None) == (path is None):
        raise InvalidValue("input_data", data, "must be given, or an input_path, and not both")
    if path is not None:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise NotFound(f"the input file {str(path)!r} cannot be read: {error.strerror}") from error
    if isinstance(data, (str, bytes)):
        return data
    if content_type == "csv":
        return str(data.to_csv(index=False))
    if isinstance(data, dict) and any(form in data for form in FORMS):
        return json.dumps(data)
    if isinstance(data, list):
        data = np.array(data) if not any(isinstance(one, dict) for one in data) else data
    return convert_input_example_to_serving_input(data) or ""
