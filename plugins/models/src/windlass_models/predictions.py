"""The answers of a scoring server."""

from __future__ import annotations

import json
import re
from typing import Any

from windlass_models.jsonable import jsonable

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity')


def predictions_json(predictions: Any) -> str:
    """`{"predictions": …}` as JSON whose numbers read back as the very same ones.

    Missing values are null. An infinite number is written 1e999, which is JSON and which every reader of double
    precision takes as infinite.
    """
    form = {"predictions": jsonable(predictions)}
    try:
        return json.dumps(form, allow_nan=False)
    except ValueError:
        return _TOKEN.sub(_finite, json.dumps(form))


def _finite(token: re.Match[str]) -> str:
    return token[0] if token[0].startswith('"') else token[0].replace("Infinity", "1e999")
