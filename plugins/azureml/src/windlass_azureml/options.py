"""What `-C` may say about a deployment on Azure Machine Learning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, seconds

AUTH_MODES = ("Key", "AMLToken", "AADToken")
_TEXTS = ("environment_variables", "tags")

AUTH_MODE = TargetOption(name="auth_mode", meaning="How those who ask it sign in.", default="Key", choices=AUTH_MODES)
PUBLIC = TargetOption(
    name="public_network_access",
    meaning="Whether it can be asked from everywhere.",
    default="Enabled",
    choices=("Enabled", "Disabled"),
)
TAGS = TargetOption(name="tags", meaning='Tags of a new endpoint: {"team": "fraud"}.', type=OptionType.JSON)

OPTIONS = (
    TargetOption(
        name="instance_type",
        meaning="The kind of machine.",
        default="Standard_DS3_v2",
        pattern=r"[A-Za-z0-9_]{1,64}",
        form="such as Standard_DS3_v2",
    ),
    count("instance_count", "How many machines.", default=1, most=1_000),
    TargetOption(
        name="image",
        meaning="The image of our scoring server; without, Azure serves the model with MLflow.",
        pattern=r"[^\s]{1,255}",
        form="the address of an image",
    ),
    count("port", "The port at which the image answers.", default=8080, most=65_535),
    TargetOption(
        name="environment_variables",
        meaning='Variables for the model: {"NAME": "value"}.',
        type=OptionType.JSON,
        secret=True,
    ),
    AUTH_MODE,
    PUBLIC,
    TAGS,
    count("max_concurrent_requests", "How many requests a machine takes at once.", default=1, most=1_000),
    TargetOption(
        name="app_insights",
        meaning="Send what the model prints to Application Insights.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    seconds("timeout", "Seconds to wait until it answers.", default=1800.0),
    TargetOption(
        name="request_timeout",
        meaning="Seconds for one prediction.",
        type=OptionType.NUMBER,
        default=60.0,
        least=0.001,
        most=180,
    ),
)


OF_ENDPOINTS = (AUTH_MODE, PUBLIC, TAGS)
OF_DEPLOYMENTS = tuple(one for one in OPTIONS if one not in OF_ENDPOINTS)
"""What a deployment of an endpoint may be told, where there may be others."""
ENDPOINT_OPTIONS = (
    *OF_ENDPOINTS,
    TargetOption(
        name="traffic", meaning='The parts of its deployments: {"blue": 90, "green": 10}.', type=OptionType.JSON
    ),
    TargetOption(
        name="mirror_traffic", meaning='A copy of the requests, for one of them: {"green": 10}.', type=OptionType.JSON
    ),
    seconds("timeout", "Seconds to wait until it is done.", default=1800.0),
)


def check_traffic(options: Mapping[str, Any]) -> None:
    """Whether the parts of the requests are whole numbers that add up; InvalidValue otherwise."""
    for name, sums in (("traffic", (0, 100)), ("mirror_traffic", range(51))):
        value = options.get(name, {})
        if not isinstance(value, dict) or not all(type(one) is int and one >= 0 for one in value.values()):
            raise InvalidValue(f"config {name}", value, "must be a JSON object with whole numbers")
        if sum(value.values()) not in sums:
            limit = "0 or 100" if name == "traffic" else "up to 50"
            raise InvalidValue(f"config {name}", sum(value.values()), "does not add up", limit=limit)


def check_forms(options: Mapping[str, Any]) -> None:
    """Whether what is JSON has the right form; InvalidValue otherwise."""
    for name in _TEXTS:
        value = options.get(name, {})
        if not isinstance(value, dict):
            raise InvalidValue(f"config {name}", type(value).__name__, "must be a JSON object")
        if not all(isinstance(one, str) for one in value.values()):
            # Only the names: a value may be a password.
            raise InvalidValue(f"config {name}", sorted(value), "must hold texts")
