"""What `-C` may say about a deployment on Vertex AI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue
from windlass.interfaces import OptionType, TargetOption, count, seconds

_LABEL = re.compile(r"[a-z0-9_-]{0,63}")

OPTIONS = (
    TargetOption(
        name="image",
        meaning="The image of our scoring server, in Artifact Registry.",
        required=True,
        pattern=r"[^\s]{1,255}",
        form="the address of an image",
    ),
    TargetOption(
        name="staging",
        meaning="Where the model's files go, such as gs://our-models.",
        required=True,
        pattern=r"gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[^\s]*)?",
        form="a place on Google Cloud Storage",
    ),
    TargetOption(
        name="machine_type",
        meaning="The kind of machine.",
        default="n1-standard-2",
        pattern=r"[a-z0-9-]{1,64}",
        form="such as n1-standard-2",
    ),
    count("min_replica_count", "How many machines there are at least.", default=1, most=1_000),
    count("max_replica_count", "How many machines there are at most; as many as at least without.", most=1_000),
    TargetOption(name="accelerator_type", meaning="The kind of accelerator, such as NVIDIA_TESLA_T4."),
    count("accelerator_count", "How many accelerators a machine has.", most=16),
    TargetOption(name="service_account", meaning="The account that the model has, as an e-mail address."),
    count("port", "The port at which the image answers.", default=8080, most=65_535),
    TargetOption(
        name="env", meaning='Variables of the container: {"NAME": "value"}.', type=OptionType.JSON, secret=True
    ),
    TargetOption(name="labels", meaning='Labels for all that is made: {"team": "fraud"}.', type=OptionType.JSON),
    TargetOption(
        name="access_logging",
        meaning="Log who asks.",
        type=OptionType.BOOLEAN,
        default=False,
    ),
    seconds("timeout", "Seconds to wait until it answers.", default=3600.0),
    seconds("request_timeout", "Seconds to wait for one prediction.", default=60.0),
)


def check_options(options: Mapping[str, Any]) -> None:
    """Whether what is JSON has the right form, and the numbers agree; InvalidValue otherwise."""
    for name in ("env", "labels"):
        value = options.get(name, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            # Only the names: a value may be a password.
            shown = sorted(value) if isinstance(value, dict) else type(value).__name__
            raise InvalidValue(f"config {name}", shown, "must be a JSON object with texts")
    for key, value in options.get("labels", {}).items():
        if not key or not _LABEL.fullmatch(key) or not _LABEL.fullmatch(value):
            limit = "up to 63 small letters, digits, '-' and '_'"
            raise InvalidValue("config labels", key, "is no label of Google Cloud", limit=limit)
    least, most = options["min_replica_count"], options.get("max_replica_count")
    if most is not None and most < least:
        raise InvalidValue(
            "config max_replica_count", most, "is less than min_replica_count", limit=f"{least} and more"
        )
    if ("accelerator_type" in options) != ("accelerator_count" in options):
        raise InvalidValue("config accelerator_type", options.get("accelerator_type"), "needs accelerator_count, too")
