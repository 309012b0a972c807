"""ImageRecipe: how the image of a model is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from windlass.errors import InvalidValue
from windlass.interfaces import TargetOption
from windlass.uri import redact

INSTALLERS = ("uv", "pip", "none")
_IMAGE = r"[A-Za-z0-9][\w./:@-]{0,400}"
_PACKAGES = r"[a-z0-9][\w.+:=~-]*( +[a-z0-9][\w.+:=~-]*)*"

RECIPE_OPTIONS = (
    TargetOption(
        name="base_image",
        meaning="The image to begin with; python:X.Y-slim of the model's Python without.",
        pattern=_IMAGE,
        form="the name of an image",
    ),
    TargetOption(
        name="install",
        meaning="What installs Windlass and the model's requirements; none if all is in the base image.",
        default="uv",
        choices=INSTALLERS,
    ),
    TargetOption(
        name="index_url",
        meaning="The package index to install from; it stays in the image, so it may hold no password.",
        pattern=r"https?://\S+",
        form="the URL of a package index",
    ),
    TargetOption(name="ca_file", meaning="A file with the certificates that the package index is trusted by."),
    TargetOption(name="wheels", meaning="A directory of wheels to prefer, such as builds of your own."),
    TargetOption(
        name="system_packages",
        meaning="Debian's packages to install before, such as libgomp1.",
        pattern=_PACKAGES,
        form="names of packages with spaces between them",
    ),
)
"""The options of whatever builds such an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecipe:
    """How an image is made; `requirements` are installed beside those of the model.

    `install` is one of INSTALLERS. With `may_execute` code that the model brings along may run where it is served.
    """

    base_image: str = ""
    install: str = "uv"
    index_url: str = ""
    ca_file: Path | None = None
    wheels: Path | None = None
    system_packages: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    may_execute: bool = False

    def __post_init__(self) -> None:
        if self.install not in INSTALLERS:
            raise InvalidValue("install", self.install, "is none of the choices", limit=", ".join(INSTALLERS))
        if self.install == "none" and not self.base_image:
            raise InvalidValue("base_image", None, "is needed where nothing is installed", hint="name one that has all")
        if self.ca_file is not None and not self.ca_file.is_file():
            raise InvalidValue("ca_file", str(self.ca_file), "is no file")
        if self.wheels is not None and not any(self.wheels.glob("*.whl")):
            raise InvalidValue("wheels", str(self.wheels), "is no directory with wheels")
        _check_index(self.index_url)

    @classmethod
    def of(cls, values: Mapping[str, Any], *, may_execute: bool) -> ImageRecipe:
        """The recipe that parsed options ask for; whatever else is among them is left alone."""
        return cls(
            base_image=values.get("base_image", ""),
            install=values["install"],
            index_url=values.get("index_url", ""),
            ca_file=_path(values.get("ca_file")),
            wheels=_path(values.get("wheels")),
            system_packages=tuple(values.get("system_packages", "").split()),
            may_execute=may_execute,
        )


def _check_index(url: str) -> None:
    parts = urlsplit(url)
    if parts.username or parts.password:
        hint = "use an index that needs none in this network, or a base image that has all with install=none"
        raise InvalidValue("index_url", redact(url), "would leave its password in the image", hint=hint)


def _path(text: str | None) -> Path | None:
    return None if not text else Path(re.sub(r"^file://", "", text)).expanduser().absolute()
