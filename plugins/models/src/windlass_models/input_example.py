"""The input example that is kept beside a model, and the request to a scoring server that it makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from windlass_models.jsonable import frame_split, jsonable

EXAMPLE_FILE = "input_example.json"
SERVING_FILE = "serving_input_example.json"
_PAIR = 2


def split_example(example: Any) -> tuple[Any, dict[str, Any] | None]:
    """The input and the parameters of an example, which may come as a pair of both."""
    if isinstance(example, tuple) and len(example) == _PAIR and isinstance(example[1], dict):
        return example[0], example[1] or None
    return example, None


def save_input_example(example: Any, directory: Path) -> dict[str, Any]:
    """Write an example and the request that it makes; returns what the MLmodel file says about them."""
    data, params = split_example(example)
    kind, stored = _stored(data)
    info: dict[str, Any] = {"artifact_path": EXAMPLE_FILE, "serving_input_path": SERVING_FILE, "type": kind}
    if kind == "dataframe":
        info["pandas_orient"] = "split"
    if params:
        info["params"] = "true"
        stored = {"inputs": stored, "params": jsonable(params)}
    (directory / EXAMPLE_FILE).write_text(json.dumps(stored), encoding="utf-8")
    (directory / SERVING_FILE).write_text(convert_input_example_to_serving_input(example) or "", encoding="utf-8")
    return info


def convert_input_example_to_serving_input(example: Any) -> str | None:
    """The JSON text to post to a scoring server for an example; None without one."""
    if example is None:
        return None
    data, params = split_example(example)
    kind, _ = _stored(data)
    request = {"dataframe_split": frame_split(_frame(data))} if kind == "dataframe" else {"inputs": jsonable(data)}
    if params:
        request["params"] = jsonable(params)
    return json.dumps(request, indent=2)


def load_input_example(directory: Path, info: Mapping[str, Any] | None) -> Any:
    """The example that the MLmodel file describes, without its parameters; None if there is none."""
    if not info or not info.get("artifact_path"):
        return None
    stored = json.loads((directory / info["artifact_path"]).read_text(encoding="utf-8"))
    if info.get("params"):
        stored = stored["inputs"]
    kind = info.get("type")
    if kind == "dataframe":
        return _load_frame(stored, info)
    if kind == "ndarray":
        values = stored.get("inputs", stored.get("instances")) if isinstance(stored, dict) else stored
        return {k: np.array(v) for k, v in values.items()} if isinstance(values, dict) else np.array(values)
    return stored


def _stored(data: Any) -> tuple[str, Any]:
    if hasattr(data, "iloc"):
        return "dataframe", frame_split(_frame(data))
    if isinstance(data, np.ndarray) or (
        isinstance(data, Mapping) and data and all(isinstance(value, np.ndarray) for value in data.values())
    ):
        return "ndarray", jsonable(data)
    if hasattr(data, "toarray"):
        return "ndarray", jsonable(data)
    return "json_object", jsonable(data)


def _frame(data: Any) -> Any:
    return data if hasattr(data, "columns") else data.to_frame()


def _load_frame(stored: Any, info: Mapping[str, Any]) -> Any:
    import pandas as pd  # noqa: PLC0415  only tables need it

    if info.get("pandas_orient", "split") == "split":
        return pd.DataFrame(stored["data"], columns=stored.get("columns"))
    return pd.DataFrame(stored)
