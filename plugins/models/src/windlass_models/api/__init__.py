"""What users call to look at models and describe them: `windlass.models`."""

from __future__ import annotations

from windlass_models.answering import ModelFailed, answer_request, ask_model, load_deployed
from windlass_models.api.model import Model, ModelInfo, get_model_info
from windlass_models.api.signature import ModelSignature, infer_signature, set_signature
from windlass_models.input_example import convert_input_example_to_serving_input
from windlass_models.predictions import predictions_json
from windlass_models.scoring import ScoringInput, parse_scoring_input
from windlass_models.trying import predict, validate_serving_input
from windlass_models.warning import ModelWarning

__all__ = [
    "Model",
    "ModelFailed",
    "ModelInfo",
    "ModelSignature",
    "ModelWarning",
    "ScoringInput",
    "answer_request",
    "ask_model",
    "convert_input_example_to_serving_input",
    "get_model_info",
    "infer_signature",
    "load_deployed",
    "parse_scoring_input",
    "predict",
    "predictions_json",
    "set_signature",
    "validate_serving_input",
]
