"""What `-C` may say about a deployment on Databricks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, seconds

OPTIONS = (
    TargetOption(
        name="model_name",
        meaning="The model of the workspace: CATALOG.SCHEMA.NAME in Unity Catalog, which is made if it is missing.",
        required=True,
        pattern=r"[^\s/:]{1,255}",
        form="a name without spaces, '/' and ':'",
    ),
    TargetOption(
        name="model_version",
        meaning="A version that the workspace has; without, the model is registered as a new one.",
        pattern=r"[1-9][0-9]{0,17}",
        form="a number",
    ),
    TargetOption(name="workload_size", meaning="Small, Medium or Large.", default="Small"),
    TargetOption(name="workload_type", meaning="CPU, or the kind of GPU such as GPU_SMALL.", default="CPU"),
    TargetOption(
        name="scale_to_zero_enabled",
        meaning="Run nothing while nobody asks.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    TargetOption(name="instance_profile_arn", meaning="The role on AWS that the model has."),
    TargetOption(
        name="environment_vars",
        meaning='Variables for the model: {"KEY": "{{secrets/scope/key}}"}.',
        type=OptionType.JSON,
        secret=True,
    ),
    TargetOption(name="tags", meaning='Tags of a new endpoint: {"team": "fraud"}.', type=OptionType.JSON),
    TargetOption(
        name="rate_limits",
        meaning='How often it may be asked: [{"calls": 100, "renewal_period": "minute"}].',
        type=OptionType.JSON,
    ),
    TargetOption(
        name="ai_gateway", meaning="What the AI gateway does, as the API of Databricks has it.", type=OptionType.JSON
    ),
    TargetOption(
        name="auto_capture_config",
        meaning='Where requests are written down: {"catalog_name": …, "schema_name": …}.',
        type=OptionType.JSON,
    ),
    TargetOption(
        name="route_optimized",
        meaning="Make a new endpoint with an optimized route.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    TargetOption(name="budget_policy_id", meaning="The budget policy of a new endpoint."),
    seconds("timeout", "Seconds to wait until it answers.", default=2400.0),
    seconds("request_timeout", "Seconds to wait for one prediction.", default=120.0),
)
_OBJECTS = ("environment_vars", "tags", "ai_gateway", "auto_capture_config")
_TEXTS = ("environment_vars", "tags")


def check_forms(options: Mapping[str, Any]) -> None:
    """Whether what is JSON has the right form; InvalidValue otherwise."""
    for name in _OBJECTS:
        value = options.get(name, {})
        if not isinstance(value, dict):
            raise InvalidValue(f"config {name}", type(value).__name__, "must be a JSON object")
        if name in _TEXTS and not all(isinstance(one, str) for one in value.values()):
            # Only the names: a value may be a password.
            raise InvalidValue(f"config {name}", sorted(value), "must hold texts")
    limits = options.get("rate_limits", [])
    if not isinstance(limits, list):
        raise InvalidValue("config rate_limits", type(limits).__name__, "must be a JSON list")
