"""Effects: what becomes of permissions when a thing is made, renamed or removed."""

from __future__ import annotations

from windlass_server.access.permission import Permission
from windlass_server.access.resource import Pattern, Resource, ResourceType
from windlass_server.access.rule import Attempt


def own_experiment(attempt: Attempt) -> None:
    """Whoever made an experiment may MANAGE it."""
    _own(attempt, Pattern(ResourceType.EXPERIMENT, str(attempt.answer["experiment_id"]), exact=True))


def own_model(attempt: Attempt) -> None:
    """Whoever made a registered model may MANAGE it."""
    _own(attempt, Pattern(ResourceType.REGISTERED_MODEL, attempt.asked("name"), exact=True))


def experiment_renamed(attempt: Attempt) -> None:
    """Patterns are compared with the new name from now on."""
    attempt.places.renamed(str(attempt.asked("experiment_id")))


def model_renamed(attempt: Attempt) -> None:
    """The grants on a registered model follow its new name."""
    attempt.accounts.grants.follow(attempt.places.model(attempt.asked("name")), attempt.asked("new_name"))


def model_removed(attempt: Attempt) -> None:
    """A later model of the same name starts without the grants of this one."""
    attempt.accounts.grants.forget(attempt.places.model(attempt.asked("name")))


def experiment_removed(attempt: Attempt) -> None:
    """Nobody has permissions on an experiment that is no more."""
    experiment_id = str(attempt.asked("experiment_id"))
    attempt.accounts.grants.forget(Resource(ResourceType.EXPERIMENT, experiment_id, ""))


def _own(attempt: Attempt, pattern: Pattern) -> None:
    attempt.accounts.grants.put(("user", attempt.caller.user_id), pattern, Permission.MANAGE)
