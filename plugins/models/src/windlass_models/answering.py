"""Answering a request to a scoring server with the predictions of a model, whoever carries it."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue, WindlassError
from windlass_models.predictions import predictions_json
from windlass_models.pyfunc import PyFuncModel, load_model
from windlass_models.scoring import JSON, ScoringInput, parse_scoring_input
from windlass_models.trust import deployed

_log = logging.getLogger("windlass.serving")


class ModelFailed(WindlassError):
    """The model raised an error that is not about its input."""


def load_deployed(path: str | Path, *, owned: bool) -> PyFuncModel:
    """Load the copy of a model that a deployment target has made; `owned` says that it is from the configured store."""
    with deployed(Path(path)) if owned else nullcontext():
        return load_model(str(path))


def answer_request(model: Any, body: bytes | str, content_type: str = JSON) -> str:
    """`{"predictions": …}` for a request in JSON or CSV.

    InvalidValue if the request is malformed or the model cannot take it, Unsupported for another media type,
    ModelFailed if the model fails.
    """
    return predictions_json(ask_model(model, parse_scoring_input(body, content_type, model.input_schema)))


def ask_model(model: Any, request: ScoringInput) -> Any:
    """What the model predicts, with errors as `answer_request` raises them."""
    try:
        return model.predict(request.data, request.params)
    except WindlassError:
        raise
    except (ValueError, TypeError, KeyError, IndexError) as error:
        # What a model says of an input that it cannot take; the signature would have caught most of it.
        _log.warning("the model refused its input", exc_info=True)
        raise InvalidValue("input", type(request.data).__name__, f"was refused by the model: {error}") from error
    except Exception as error:
        _log.exception("the model failed")
        raise ModelFailed(f"the model failed: {type(error).__name__}: {error}") from error
