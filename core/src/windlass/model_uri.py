"""The URIs that name models: `runs:/…` and `models:/…`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windlass.errors import InvalidValue

_FORMS = (
    "runs:/RUN_ID/PATH, models:/NAME/VERSION, models:/NAME/STAGE, models:/NAME/latest, models:/NAME@ALIAS, models:/m-ID"
)
_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_WITH_PATH = re.compile(r"(models:/+(?:m-[0-9a-f]{32}|[^/@]+@[^/]+|[^/]+/[^/]+))/(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RunModelUri:
    """`runs:/RUN_ID/PATH`: what a run logged under a path."""

    run_id: str
    path: str


@dataclass(frozen=True, slots=True)
class LoggedModelUri:
    """`models:/m-ID`: a logged model by its id."""

    model_id: str


@dataclass(frozen=True, slots=True)
class RegisteredModelUri:
    """`models:/NAME/…` or `models:/NAME@ALIAS`: exactly one of `version`, `stage` and `alias` is set.

    The stage `latest` means the newest version whatever its stage.
    """

    name: str
    version: int | None = None
    stage: str | None = None
    alias: str | None = None


ModelUri = RunModelUri | LoggedModelUri | RegisteredModelUri


def is_model_uri(text: str) -> bool:
    """Whether `text` names a model by run or registry rather than by place."""
    return text.startswith(("runs:/", "models:/"))


def parse_model_uri(text: str) -> ModelUri:
    """Read one of the model URI forms; anything else is an `InvalidValue` that lists them."""
    scheme, _, rest = text.partition(":")
    rest = rest.lstrip("/")
    if scheme == "runs":
        run_id, _, path = rest.partition("/")
        if run_id:
            return RunModelUri(run_id, path.strip("/"))
    elif scheme == "models" and rest:
        return _parse_registry(text, rest)
    raise InvalidValue("model_uri", text, "is not a model URI", hint=f"write one of: {_FORMS}")


def split_model_path(text: str) -> tuple[str, str]:
    """A `models:/…` URI with the path of a file behind it, as the model's URI and the path; others as they are."""
    match = _WITH_PATH.fullmatch(text)
    return (match[1], match[2].strip("/")) if match else (text, "")


def _parse_registry(text: str, rest: str) -> ModelUri:
    if _MODEL_ID.fullmatch(rest):
        return LoggedModelUri(rest)
    name, at, alias = rest.rpartition("@")
    if at and name and alias and "/" not in alias:
        return RegisteredModelUri(name, alias=alias)
    name, _, selector = rest.partition("/")
    if not name or not selector or "/" in selector:
        raise InvalidValue("model_uri", text, "is not a model URI", hint=f"write one of: {_FORMS}")
    if selector.isascii() and selector.isdigit():
        return RegisteredModelUri(name, version=int(selector))
    return RegisteredModelUri(name, stage=selector)
