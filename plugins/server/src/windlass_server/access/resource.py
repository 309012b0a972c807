"""Resources: what permissions are about, and the patterns that name several of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from windlass.errors import InvalidValue

_MAX_PATTERN = 500


class ResourceType(StrEnum):
    """What a grant can be about; everything else inherits from one of these."""

    EXPERIMENT = "experiment"
    REGISTERED_MODEL = "registered_model"


@dataclass(frozen=True, slots=True)
class Resource:
    """One experiment, by id, or one registered model, by name; `name` is what patterns are compared with."""

    type: ResourceType
    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.type} {self.name!r}" if self.id == self.name else f"{self.type} {self.id}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The resources of a type that a grant is about.

    An exact one names one experiment by its id or one model by its name, whatever characters that has: the name of a
    model that somebody calls `*` must not give away all others. Any other is compared with names, `*` being a wild
    card; digits alone are the id of an experiment.
    """

    type: ResourceType
    text: str
    exact: bool = False

    def matches(self, resource: Resource) -> bool:
        """Whether the resource is meant."""
        if resource.type is not self.type:
            return False
        if self.exact:
            return self.text == resource.id
        return fnmatchcase(resource.name, self.text.replace("[", "[[]").replace("?", "[?]"))


def parse_type(text: str) -> ResourceType:
    """The resource type of a name."""
    try:
        return ResourceType(text)
    except ValueError:
        raise InvalidValue("resource_type", text, "is not known", limit=", ".join(ResourceType)) from None


def parse_pattern(resource_type: str, text: str) -> Pattern:
    """The pattern that an administrator writes: `*` anywhere makes it one for names."""
    kind = parse_type(resource_type)
    if not text or len(text) > _MAX_PATTERN:
        raise InvalidValue("resource", text, "must be an id, a name or a pattern", limit=f"{_MAX_PATTERN} characters")
    if "*" in text:
        return Pattern(kind, text)
    if kind is ResourceType.EXPERIMENT and not (text.isascii() and text.isdigit()):
        return Pattern(kind, text)
    return Pattern(kind, text, exact=True)


def parse_scope(text: str) -> Pattern:
    """A pattern with its type in front, as tokens have them: `experiment:fraud-*`."""
    kind, colon, pattern = text.partition(":")
    if not colon:
        raise InvalidValue("resources", text, "must be a type and a pattern", hint="such as experiment:fraud-*")
    return parse_pattern(kind, pattern)
