"""Rule: what a request needs to be allowed; the words that the table of rules is written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from windlass.errors import PermissionDenied
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import Caller
from windlass_server.access.permission import Permission
from windlass_server.access.places import Places
from windlass_server.access.resource import Resource, ResourceType, parse_pattern

Asked = Callable[[str], Any]
"""Gives the value of a field of the request, None if it is absent."""
Find = Callable[[Places, Asked], Iterable[Iterable[Resource]]]
"""Finds the resources that a request is about, each with what may stand in for it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A caller's request, for the conditions of a rule and for what follows when it was done."""

    caller: Caller
    asked: Asked
    places: Places
    accounts: Accounts
    locations: tuple[str, ...] = ()
    answer: Any = None


Condition = Callable[[Attempt], None]
"""Raises PermissionDenied if a request must not be."""
Effect = Callable[[Attempt], None]
"""Does what must be done to permissions when a request has been done."""


class Who(Enum):
    """Whom a rule lets in at all."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"
    ADMIN = "administrators"


class Kept(Enum):
    """Whether the audit log keeps what a request did: never, always, or only if it is told to keep all."""

    NO = "no"
    ALWAYS = "always"
    IF_ALL = "if all"


@dataclass(frozen=True, slots=True)
class Need:
    """A permission on every resource that `find` finds."""

    permission: Permission
    find: Find


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may send a request, the permissions that it needs, and whether it is kept in the audit log.

    `about` names the kind of thing that changes and the fields that identify it, as `kind field …`; `own` a field that
    names an account, which may do this to itself, while for others one must be an administrator.
    """

    who: Who = Who.SIGNED_IN
    needs: tuple[Need, ...] = ()
    kept: Kept = Kept.NO
    about: str = ""
    own: str | None = None
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()

    def needing(self, permission: Permission, find: Find) -> Rule:
        """The same with another need."""
        return replace(self, needs=(*self.needs, Need(permission, find)))

    def only_if(self, *conditions: Condition) -> Rule:
        """The same with further conditions."""
        return replace(self, conditions=(*self.conditions, *conditions))

    def then(self, *effects: Effect) -> Rule:
        """The same with something to do afterwards."""
        return replace(self, effects=(*self.effects, *effects))

    def kept_as(self, about: str) -> Rule:
        """The same, with a line in the audit log."""
        return replace(self, kept=Kept.ALWAYS, about=about)


PUBLIC = Rule(Who.ANYBODY)
SIGNED_IN = Rule()
FILTERED = Rule()
"""Anybody who signed in may ask: the services show only what the caller may read."""
ADMIN = Rule(Who.ADMIN)


def experiment(field: str = "experiment_id") -> Find:
    """The experiment of an id."""
    return lambda places, asked: [[places.experiment(str(asked(field)))]]


def experiment_named(field: str) -> Find:
    """The experiment of a name."""
    return lambda places, asked: [[places.experiment_named(asked(field))]]


def run(field: str = "run_id") -> Find:
    """The experiment of a run; nothing if the field is absent."""
    return lambda places, asked: [[places.run(asked(field))]] if asked(field) else []


def runs(field: str) -> Find:
    """The experiments of several runs."""
    return lambda places, asked: [[places.run(one)] for one in asked(field)]


def logged_model(field: str = "model_id") -> Find:
    """The experiment of a logged model; nothing if the field is absent."""
    return lambda places, asked: [[places.logged_model(asked(field))]] if asked(field) else []


def logged_models_in(field: str) -> Find:
    """The experiments of the logged models that the values of a list name."""

    def find(places: Places, asked: Asked) -> Iterator[Iterable[Resource]]:
        named = (one.model_id for one in asked(field) or ())
        for model_id in dict.fromkeys(one for one in named if one):
            yield [places.logged_model(model_id)]

    return find


def model(field: str = "name") -> Find:
    """The registered model of a name."""
    return lambda places, asked: [[places.model(asked(field))]]


def files_of_run(field: str = "run_id") -> Find:
    """The experiment of a run, or a registered model that has a version from it."""

    def find(places: Places, asked: Asked) -> Iterator[Iterable[Resource]]:
        yield _or(places.run(asked(field)), places.models_of_run(asked(field)))

    return find


def files_of_logged_model(field: str = "model_id") -> Find:
    """The experiment of a logged model, or a registered model that has it as a version."""

    def find(places: Places, asked: Asked) -> Iterator[Iterable[Resource]]:
        yield _or(places.logged_model(asked(field)), places.models_of_logged_model(asked(field)))

    return find


def named(type_field: str, id_field: str) -> Find:
    """The resource that a type and an id name; more than one by a pattern is left to administrators."""

    def find(places: Places, asked: Asked) -> Iterator[Iterable[Resource]]:
        pattern = parse_pattern(asked(type_field), str(asked(id_field)))
        if not pattern.exact:
            raise PermissionDenied(f"only administrators may grant by a pattern such as {pattern.text!r}")
        is_experiment = pattern.type is ResourceType.EXPERIMENT
        yield [places.experiment(pattern.text) if is_experiment else places.model(pattern.text)]

    return find


def proxied(field: str = "path") -> Find:
    """The experiment whose files the artifact proxy keeps at a path, or a registered model with a version there."""

    def find(places: Places, asked: Asked) -> Iterator[Iterable[Resource]]:
        path = str(asked(field) or "").strip("/")
        yield _or(places.proxied(path), places.models_at(path))

    return find


def read(find: Find) -> Rule:
    """READ on what is found."""
    return SIGNED_IN.needing(Permission.READ, find)


def log(find: Find) -> Rule:
    """EDIT on what is found; it is a run's own record, which the audit log leaves to the run."""
    return Rule(kept=Kept.IF_ALL).needing(Permission.EDIT, find)


def edit(find: Find, about: str) -> Rule:
    """EDIT on what is found, and a line in the audit log."""
    return Rule(kept=Kept.ALWAYS, about=about).needing(Permission.EDIT, find)


def manage(find: Find, about: str) -> Rule:
    """MANAGE on what is found, and a line in the audit log."""
    return Rule(kept=Kept.ALWAYS, about=about).needing(Permission.MANAGE, find)


def create(about: str) -> Rule:
    """Anybody who signed in may make one, unless a condition forbids it."""
    return Rule(kept=Kept.ALWAYS, about=about)


def administer(about: str) -> Rule:
    """Administrators may, and it is kept in the audit log."""
    return Rule(Who.ADMIN, kept=Kept.ALWAYS, about=about)


def own(field: str) -> Rule:
    """The account that the field names may ask about itself, and administrators about any."""
    return Rule(own=field)


def _or(first: Resource, others: Iterator[Resource]) -> Iterator[Resource]:
    yield first
    yield from others
