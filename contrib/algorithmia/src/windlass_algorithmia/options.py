"""What `-C` may say about a deployment on Algorithmia, and the variables that stand in for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, parse_options, seconds

ENVIRONMENTS = ("algorithm_environment", "package_set")
"""What an algorithm is built in, by either name."""
SETTINGS = (*ENVIRONMENTS, "source_visibility", "license", "network_access", "pipeline_enabled")
"""What is fixed when an algorithm is made."""
_LONGEST_CALL = 3000.0
_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"

OPTIONS = (
    TargetOption(
        name="algorithm_environment",
        meaning="The id of the environment with Python 3.11 or newer that the cluster builds the algorithm in.",
        pattern=_ID,
        form="an id",
    ),
    TargetOption(
        name="package_set", meaning="The older name of an environment, instead of its id.", pattern=_ID, form="a name"
    ),
    TargetOption(name="label", meaning="What the algorithm is called; the deployment's name without."),
    TargetOption(name="tagline", meaning="A line about it.", default="A model of Windlass"),
    TargetOption(
        name="source_visibility", meaning="Who may read its source.", default="closed", choices=("closed", "open")
    ),
    TargetOption(
        name="license",
        meaning="The license of its source; only apl may be closed.",
        default="apl",
        choices=("apl", "apache2", "gpl3", "mit"),
    ),
    TargetOption(
        name="network_access", meaning="Whether it has a network.", default="full", choices=("full", "isolated")
    ),
    TargetOption(
        name="pipeline_enabled",
        meaning="Whether it may call other algorithms.",
        type=OptionType.BOOLEAN,
        default=True,
    ),
    TargetOption(
        name="algorithm_callability",
        meaning="Whether others than the owner may call it.",
        default="private",
        choices=("private", "public"),
    ),
    seconds("timeout", "Seconds for each of the upload, the push of the source and its compilation.", default=900.0),
    TargetOption(
        name="request_timeout",
        meaning="Seconds to wait for an answer.",
        type=OptionType.NUMBER,
        default=300.0,
        least=1.0,
        most=_LONGEST_CALL,
    ),
)


def read_options(config: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    """The options of a new algorithm, on top of the settings; InvalidValue if they do not fit together."""
    told = {
        "algorithm_environment": settings.algorithmia_environment,
        "package_set": settings.algorithmia_package_set,
        "source_visibility": settings.algorithmia_source_visibility,
        "license": settings.algorithmia_license,
        "network_access": settings.algorithmia_network_access,
        "pipeline_enabled": settings.algorithmia_pipeline,
    }
    named = [name for name in ENVIRONMENTS if name in config]
    below = {name: text for name, text in told.items() if text is not None and not (named and name in ENVIRONMENTS)}
    options = parse_options(OPTIONS, {**below, **config})
    if len([name for name in ENVIRONMENTS if name in options]) != 1:
        hint = "give one of them with -C, or with ALGO_ENV_ID or ALGO_PACKAGE_SET"
        raise InvalidValue("config", named, f"needs one of {', '.join(ENVIRONMENTS)}", hint=hint)
    if options["source_visibility"] == "closed" and options["license"] != "apl":
        raise InvalidValue("config license", options["license"], "is no license for a closed source", limit="apl")
    return options
