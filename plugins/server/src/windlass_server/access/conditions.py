"""Conditions: what the rules say that is more than a permission on a thing."""

from __future__ import annotations

from windlass.errors import NotFound, PermissionDenied
from windlass.model_uri import is_model_uri
from windlass.services.artifacts import PROXIED
from windlass_server.access.permission import Permission
from windlass_server.access.resource import Resource, ResourceType
from windlass_server.access.rule import Attempt, Condition
from windlass_server.access.token import covers


def free_name(kind: ResourceType, field: str = "name") -> Condition:
    """Nobody makes a thing of a name that they are denied, or that their token does not cover."""

    def check(attempt: Attempt) -> None:
        name = str(attempt.asked(field))
        resource = Resource(kind, name if kind is ResourceType.REGISTERED_MODEL else "", name)
        if not covers(attempt.caller.scope, resource) or _permission(attempt, resource) is Permission.DENY:
            raise PermissionDenied(f"{attempt.caller.username} may not use the name {name!r}")

    return check


def no_gain_by_name(kind: ResourceType, id_field: str, name_field: str) -> Condition:
    """Nobody gets more permissions by giving a thing a name that a pattern favours."""

    def check(attempt: Attempt) -> None:
        name = attempt.asked(name_field)
        if name is None:
            return
        free_name(kind, name_field)(attempt)
        is_model = kind is ResourceType.REGISTERED_MODEL
        identity = str(attempt.asked(id_field))
        before = attempt.places.model(identity) if is_model else attempt.places.experiment(identity)
        after = Resource(kind, identity if not is_model else name, name)
        if _permission(attempt, before) < min(_permission(attempt, after), Permission.MANAGE):
            raise PermissionDenied(
                f"{attempt.caller.username} would get more permissions by the name {name!r}",
                hint="whoever may MANAGE it can rename it so",
            )

    return check


def own_location(attempt: Attempt) -> None:
    """Nobody points the server at files that are not theirs: a location is the server's choice, or was allowed."""
    location = attempt.asked("artifact_location")
    if location and not location.startswith(attempt.locations):
        raise PermissionDenied(
            f"{attempt.caller.username} may not choose the artifact location {location!r}",
            hint="leave it out, or let an administrator allow it with --allowed-artifact-locations",
        )


def readable_source(attempt: Attempt) -> None:
    """The files of a new version are files that the caller may read."""
    source = str(attempt.asked("source"))
    resource = _source(attempt, source)
    if resource is not None:
        if _permission(attempt, resource) < Permission.READ:
            raise PermissionDenied(f"{attempt.caller.username} may not read the source {source!r}")
    elif not source.startswith(attempt.locations):
        raise PermissionDenied(
            f"{attempt.caller.username} may not register files from {source!r}",
            hint="log the model to a run first, or let an administrator allow the place with "
            "--allowed-artifact-locations",
        )


def readable_model(attempt: Attempt) -> None:
    """Whoever says that a model of ours is deployed may read it."""
    uri = str(attempt.asked("resolved_uri") or "")
    if is_model_uri(uri) and _permission(attempt, attempt.places.of_model_uri(uri)) < Permission.READ:
        raise PermissionDenied(f"{attempt.caller.username} may not read the model {uri!r}")


def _source(attempt: Attempt, source: str) -> Resource | None:
    """What the files of a source belong to, None if nothing here says so."""
    if is_model_uri(source):
        return attempt.places.of_model_uri(source)
    scheme, _, path = source.partition(":")
    if scheme == PROXIED and path.strip("/"):
        try:
            return attempt.places.proxied(path)
        except NotFound:
            return None
    return _of_origin(attempt, source)


def _of_origin(attempt: Attempt, source: str) -> Resource | None:
    """The experiment of the run or the logged model that a request names, if the source is among its files."""
    places, run_id, model_id = attempt.places, attempt.asked("run_id"), attempt.asked("model_id")
    if run_id and _below(source, places.run_root(run_id)):
        return places.run(run_id)
    if model_id and _below(source, places.logged_model_root(model_id)):
        return places.logged_model(model_id)
    return None


def _below(source: str, root: str) -> bool:
    return f"{source}/".startswith(f"{root.rstrip('/')}/")


def _permission(attempt: Attempt, resource: Resource) -> Permission:
    return attempt.accounts.view.permission(attempt.caller, resource)


def own_token(attempt: Attempt) -> None:
    """A token is made worthless by its account, or by an administrator."""
    token = attempt.accounts.tokens.get(attempt.asked("id"))
    if token.user_id != attempt.caller.user_id:
        raise NotFound(f"there is no token {token.id!r}")


def named_account(attempt: Attempt) -> None:
    """Only administrators see what others were granted."""
    if attempt.asked("username") is None:
        raise PermissionDenied("only administrators see the permissions of all", hint="name your own account")
