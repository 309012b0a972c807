"""What each message makes happen: the one place that says which change is told to webhooks, and with which data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from windlass.entities import ChangeAction, ChangeState, RunStatus
from windlass.wire import deployment
from windlass.wire import experiment as exp
from windlass.wire import model_version as version
from windlass.wire import registered_model as registered
from windlass.wire import run_request as runs
from windlass.wire.message import Message
from windlass_server.webhooks.event import Event, EventKind

Data = dict[str, Any]
_Tell = Callable[[Any, Any], Event | None]
"""The event behind a message and the answer to it, None if it changed nothing worth telling."""


def event_of(message: Message, answer: Any) -> Event | None:
    """What has happened, once the message was answered."""
    tell = _EVENTS.get(type(message))
    return tell(message, answer) if tell else None


def tells(kind: type[Message]) -> bool:
    """Whether anything can happen through such a message."""
    return kind in _EVENTS


def _event(entity: str, action: str, data: Callable[[Any, Any], Data]) -> _Tell:
    kind = EventKind(entity, action)
    return lambda message, answer: Event(kind, data(message, answer))


def _asked(*names: str) -> Callable[[Any, Any], Data]:
    """The data are fields of the message."""
    return lambda message, _answer: {name: getattr(message, name) for name in names}


def _pairs(pairs: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    return {one["key"]: one["value"] for one in pairs or ()}


def _experiment(message: Any, answer: Any) -> Data:
    return {
        "experiment_id": answer["experiment_id"],
        "name": message.name,
        "tags": {t.key: t.value for t in message.tags},
    }


def _run(info: Mapping[str, Any]) -> Data:
    names = ("run_id", "experiment_id", "run_name", "user_id", "status", "start_time", "end_time")
    return {name: info[name] for name in names if name in info}


def _created_run(_message: Any, answer: Any) -> Data:
    run = answer["run"]
    return _run(run["info"]) | {"tags": _pairs(run["data"].get("tags"))}


def _finished_run(message: Any, answer: Any) -> Event | None:
    if message.status is None or not RunStatus.is_terminated(message.status):
        return None
    return Event(EventKind("run", "finished"), _run(answer["run_info"]))


def _model(_message: Any, answer: Any) -> Data:
    model = answer["registered_model"]
    return {"name": model["name"], "tags": _pairs(model.get("tags")), "description": model.get("description", "")}


def _renamed_model(message: Any, answer: Any) -> Data:
    return _model(message, answer) | {"old_name": message.name}


def _version(_message: Any, answer: Any) -> Data:
    found = answer["model_version"]
    names = ("name", "version", "source", "run_id", "description")
    return {name: found.get(name, "") for name in names} | {"tags": _pairs(found.get("tags"))}


def _moved_version(message: Any, answer: Any) -> Data:
    return _version(message, answer) | {"stage": answer["model_version"]["current_stage"]}


def _changed_deployment(_message: Any, answer: Any) -> Event | None:
    change = answer["change"]
    names = ("target", "name", "endpoint_name", "model_uri", "resolved_uri", "url", "user", "message")
    data = {name: change[name] for name in names if name in change} | {"change": change["action"]}
    if change["state"] != ChangeState.DONE:
        return Event(EventKind("deployment", "failed"), data)
    action = {ChangeAction.CREATE: "created", ChangeAction.DELETE: "deleted"}.get(change["action"], "updated")
    return Event(EventKind("deployment", action), data)


_EVENTS: Mapping[type[Message], _Tell] = {
    exp.CreateExperiment: _event("experiment", "created", _experiment),
    exp.UpdateExperiment: _event("experiment", "updated", _asked("experiment_id", "new_name")),
    exp.DeleteExperiment: _event("experiment", "deleted", _asked("experiment_id")),
    exp.RestoreExperiment: _event("experiment", "restored", _asked("experiment_id")),
    exp.PurgeExperiment: _event("experiment", "purged", _asked("experiment_id")),
    runs.CreateRun: _event("run", "created", _created_run),
    runs.UpdateRun: _finished_run,
    runs.DeleteRun: _event("run", "deleted", _asked("run_id")),
    runs.RestoreRun: _event("run", "restored", _asked("run_id")),
    runs.PurgeRun: _event("run", "purged", _asked("run_id")),
    registered.CreateRegisteredModel: _event("registered_model", "created", _model),
    registered.UpdateRegisteredModel: _event("registered_model", "updated", _model),
    registered.RenameRegisteredModel: _event("registered_model", "updated", _renamed_model),
    registered.DeleteRegisteredModel: _event("registered_model", "deleted", _asked("name")),
    version.CreateModelVersion: _event("model_version", "created", _version),
    version.UpdateModelVersion: _event("model_version", "updated", _version),
    version.TransitionModelVersion: _event("model_version", "transitioned", _moved_version),
    version.DeleteModelVersion: _event("model_version", "deleted", _asked("name", "version")),
    version.SetModelVersionTag: _event("model_version_tag", "set", _asked("name", "version", "key", "value")),
    version.DeleteModelVersionTag: _event("model_version_tag", "deleted", _asked("name", "version", "key")),
    registered.SetAlias: _event("model_version_alias", "created", _asked("name", "alias", "version")),
    registered.DeleteAlias: _event("model_version_alias", "deleted", _asked("name", "alias")),
    deployment.EndDeploymentChange: _changed_deployment,
}

SAMPLES: Mapping[str, Data] = {
    "experiment": {"experiment_id": "0", "name": "example"},
    "run": {"run_id": "0" * 32, "experiment_id": "0", "run_name": "example", "status": "FINISHED"},
    "registered_model": {"name": "example", "tags": {"key": "value"}, "description": "An example."},
    "model_version": {
        "name": "example", "version": "1", "source": "models:/m-1", "run_id": "0" * 32, "tags": {}, "description": "",
    },
    "model_version_tag": {"name": "example", "version": "1", "key": "key", "value": "value"},
    "model_version_alias": {"name": "example", "alias": "champion", "version": "1"},
    "deployment": {
        "target": "local", "name": "example", "model_uri": "models:/example@champion",
        "resolved_uri": "models:/example/1", "url": "http://127.0.0.1:5001", "user": "example", "change": "CREATE",
    },
}  # fmt: skip
"""What a trial delivery tells, by entity."""


def sample(kind: EventKind) -> Event:
    """An event as it could happen."""
    return Event(kind, SAMPLES[kind.entity])
