"""Address: the project and the region that a target names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windlass.errors import InvalidValue

_TARGET = re.compile(r"vertexai:/(?P<project>[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]+)/(?P<region>[a-z]+-[a-z]+[0-9]+)/?")


@dataclass(frozen=True, slots=True)
class Address:
    """A project and a region of it."""

    project: str
    region: str

    @classmethod
    def parse(cls, target: str) -> Address:
        """Read `vertexai:/PROJECT/REGION`; InvalidValue for anything else."""
        found = _TARGET.fullmatch(target)
        if found is None:
            hint = "write vertexai:/PROJECT/REGION, such as vertexai:/our-project/europe-west4"
            raise InvalidValue("target", target, "names no project and region", hint=hint)
        return cls(found["project"], found["region"])

    @property
    def path(self) -> str:
        """The name of the place in Google's API."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def host(self) -> str:
        """Where Google's API is for the region."""
        return f"https://{self.region}-aiplatform.googleapis.com"

    def __str__(self) -> str:
        return f"vertexai:/{self.project}/{self.region}"
