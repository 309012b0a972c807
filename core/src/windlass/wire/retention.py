"""Retention policies on the wire."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import WINDLASS, Id, Message, message


class RetentionPolicyJson(TypedDict, total=False):
    """Which runs of an experiment are kept."""

    experiment_id: str
    best: int | None
    metric: str | None
    goal: str
    days: int | None
    keep_tags: list[str]
    grace_days: int


class RetentionAnswer(TypedDict):
    """One policy."""

    policy: RetentionPolicyJson


class RetentionPoliciesAnswer(TypedDict):
    """The policies of all experiments that the caller may read."""

    policies: list[RetentionPolicyJson]


class GoingRunJson(TypedDict):
    """A run that goes; `waiting` says that it is in the bin already."""

    run_id: str
    run_name: str
    start_time: int
    files: int
    bytes: int
    waiting: bool


class RetentionPlanAnswer(TypedDict):
    """What applying a policy would do: numbers of kept runs by reason, and the runs that go, which may be too many."""

    policy: RetentionPolicyJson
    kept: dict[str, int]
    runs: list[GoingRunJson]
    total: int
    files: int
    bytes: int


class RetentionAppliedAnswer(TypedDict):
    """What was done: runs moved to the bin, runs freed with their files, and how many are left for another request."""

    binned: int
    freed: int
    files: int
    bytes: int
    left: int


@message("POST", "/retention/set", family=WINDLASS)
class SetRetention(Message):
    """Gives an experiment a retention policy, in the place of another one."""

    experiment_id: Id
    best: int | None = None
    metric: str | None = None
    goal: str | None = None
    days: int | None = None
    keep_tags: tuple[str, ...] = ()
    grace_days: int | None = None


@message("GET", "/retention/get", family=WINDLASS)
class GetRetention(Message):
    """Asks for the retention policy of an experiment."""

    experiment_id: Id


@message("GET", "/retention/list", family=WINDLASS)
class ListRetention(Message):
    """Asks for the retention policies of all experiments."""


@message("POST", "/retention/remove", family=WINDLASS)
class RemoveRetention(Message):
    """Takes the retention policy of an experiment away."""

    experiment_id: Id


@message("GET", "/retention/preview", family=WINDLASS)
class PreviewRetention(Message):
    """Asks what applying the retention policy of an experiment would do, for at most so many of the runs that go."""

    experiment_id: Id
    max_results: int = 1000


@message("POST", "/retention/apply", family=WINDLASS)
class ApplyRetention(Message):
    """Applies the retention policy of an experiment, for a minute at most; what is left needs another request."""

    experiment_id: Id
