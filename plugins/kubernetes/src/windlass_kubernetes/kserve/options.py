"""KServeOptions: what `-C` may say about an InferenceService."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from windlass.errors import InvalidValue
from windlass.interfaces import TargetOption, count
from windlass_kubernetes.serving.options import POD_OPTIONS, PodOptions

_MANY = 1000
_OF_CONTAINERS = ("model_path", "fetch")
OPTIONS = (
    *(one for one in POD_OPTIONS if one.name != "drain_seconds"),
    TargetOption(
        name="model_format",
        meaning="Without image: the format for which KServe has a runtime, such as mlflow or sklearn.",
        pattern=r"[a-z0-9][a-z0-9._-]{0,62}",
        form="the name of a format",
    ),
    TargetOption(
        name="storage_uri",
        meaning="With model_format: where KServe fetches the model, such as s3://bucket/models/7.",
        pattern=r"[A-Za-z][A-Za-z0-9+.-]*://\S+",
        form="a URI",
    ),
    TargetOption(
        name="protocol",
        meaning="With model_format: the protocol that the runtime speaks, in which requests are to be written.",
        default="v2",
        choices=("v1", "v2"),
    ),
    TargetOption(
        name="runtime",
        meaning="With model_format: the serving runtime; one that fits without.",
        pattern=r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
        form="the name of a runtime",
    ),
    count("min_replicas", "How many pods there are at least; 0 lets the last one end.", default=1, least=0, most=_MANY),
    count("max_replicas", "Up to how many pods there are under load; as KServe has it without.", most=_MANY),
    count("scale_target", "How many requests at a time a pod gets before there is another.", most=_MANY),
    TargetOption(
        name="ingress_url",
        meaning="The URL of the gateway before KServe, where its names are not known to DNS.",
        pattern=r"https?://[^\s?#]+",
        form="a URL with http or https",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KServeOptions(PodOptions):
    """How an InferenceService runs, with our image or with a runtime of KServe's."""

    model_format: str | None = None
    storage_uri: str | None = None
    protocol: str = "v2"
    runtime: str | None = None
    min_replicas: int = 1
    max_replicas: int | None = None
    scale_target: int | None = None
    ingress_url: str | None = None

    @classmethod
    def read(cls, config: Mapping[str, str]) -> Self:
        """Read the options; InvalidValue for one that is unknown, bad, or at odds with another."""
        found = cls.parse(OPTIONS, config)
        if (found.image is None) == (found.model_format is None):
            hint = "-C image=… for our scoring server, or -C model_format=mlflow -C storage_uri=s3://…"
            raise InvalidValue("config image", found.image, "or model_format is needed, one of them", hint=hint)
        if (found.storage_uri is None) != (found.model_format is None):
            raise InvalidValue("config storage_uri", found.storage_uri, "goes with model_format, and is needed there")
        if found.model_format is not None and (unfit := [one for one in _OF_CONTAINERS if one in config]):
            raise InvalidValue(f"config {unfit[0]}", config[unfit[0]], "cannot be combined with model_format")
        if found.max_replicas is not None and found.max_replicas < found.min_replicas:
            limit = f"{found.min_replicas} or more, as min_replicas"
            raise InvalidValue("config max_replicas", found.max_replicas, "is too small", limit=limit)
        if found.ingress_url and "@" in urlsplit(found.ingress_url).netloc:
            raise InvalidValue("config ingress_url", "***", "must not hold credentials")
        return found

    def path(self, name: str) -> str:
        """Where below the service's URL predictions are asked for."""
        if self.model_format is None:
            return "/invocations"
        return f"/v2/models/{name}/infer" if self.protocol == "v2" else f"/v1/models/{name}:predict"
