"""What targets on endpoints share: waiting, taking back, logs, tokens, and the checks of doubles."""

from __future__ import annotations

import json

import pytest

from windlass.errors import InvalidValue, TooManyRequests, Unauthenticated, Unavailable
from windlass.interfaces import of_tags, take_back, to_tags, wait_until
from windlass_rest.endpoints import log_lines as log_module
from windlass_rest.endpoints.log_lines import log_lines
from windlass_rest.endpoints.naming import is_variant, new_variant
from windlass_rest.testing.shapes import Anything, Texts, Whole, problems


def test_variants_sort_by_time():
    first = new_variant()
    assert is_variant(first)
    assert len(first) == 16
    assert not is_variant("vacuum")
    assert first[:12] <= new_variant()[:12]


def test_waiting_ends_when_it_is_done_or_says_what_was_there_last():
    states = iter(["Creating", "Creating", "Ready"])
    assert wait_until(lambda: next(states), lambda one: one == "Ready", within=5, late=str) == "Ready"
    with pytest.raises(Unavailable, match=r"it is Creating after 0\.05 seconds") as caught:
        wait_until(lambda: "Creating", lambda _: False, within=0.05, late=lambda one: f"it is {one}", hint="longer")
    assert caught.value.hint == "longer"


def test_what_cannot_be_taken_back_is_told():
    done = []

    def fails():
        raise Unavailable("gone")

    error = Unavailable("no", hint="wait")
    take_back(error, [("a", fails), ("b", lambda: done.append("b"))])
    assert done == ["b"]
    assert error.hint.startswith("wait; this is left")
    assert "a (gone)" in error.hint


def test_values_come_back_from_tags():
    value = {"a": [1, "é"] * 50}
    tags = to_tags(value, "w.", length=20, most=20)
    assert all(len(one) <= 20 for one in tags.values())
    assert of_tags({**tags, "w.x": "other", "team": "t"}, "w.") == value
    with pytest.raises(InvalidValue, match="too long to be kept in tags"):
        to_tags(value, "w.", length=20, most=1)
    for bad in ({}, {"w.0": "?"}, {"w.0": "e30="}, {"w.1": tags["w.0"]}):
        assert of_tags(bad, "w.") is None


def test_a_log_that_forgets_its_beginning_is_followed(monkeypatch):
    monkeypatch.setattr(log_module, "_PAUSE", 0.0)
    texts = iter(["a\nb\n", "a\nb\nc\n", "c\nd\n", "x\n", "x\n", "x\ny"])
    lines = log_lines(lambda: next(texts), follow=True)
    assert [next(lines) for _ in range(6)] == ["a", "b", "c", "d", "x", "y"]
    assert list(log_lines(lambda: "a\nb", follow=False)) == ["a", "b"]


def test_a_shape_refuses_what_the_description_does_not_have():
    shape = {"a!": str, "b": [{"c": int}], "d": ("x", "y"), "e": Texts, "f": Whole, "g": float, "h": Anything}
    good = {"a": "1", "b": [{"c": 1}], "d": "x", "e": {"k": "v"}, "f": {"k": 1}, "g": 1, "h": None}
    assert list(problems(shape, good)) == []
    for bad, told in (
        ({}, "body needs a"),
        ({"a": 1}, "body.a must be str"),
        ({"a": "1", "z": 1}, "unknown field z"),
        ({"a": "1", "b": {}}, "body.b must be a list"),
        ({"a": "1", "b": [{"c": True}]}, "body.b[0].c must be int"),
        ({"a": "1", "d": "z"}, "body.d must be one of x, y"),
        ({"a": "1", "e": {"k": 1}}, "body.e must be an object of str"),
        ({"a": "1", "f": {"k": True}}, "body.f must be an object of int"),
        ([], "body must be an object"),
    ):
        assert told in "; ".join(problems(shape, bad)), json.dumps(bad)


def test_too_many_requests_are_waited_for_and_a_token_is_renewed_once(server, rest):
    from dataclasses import replace

    renewed = []
    patient = replace(rest, patience=5.0, renew=lambda: renewed.append(1))
    server.answers += [(429, b"", {"retry-after": "0"}), (401, b""), (200, b"1")]
    assert patient.get("/x") == 1
    assert renewed == [1]
    server.answers += [(401, b"")] * 2
    with pytest.raises(Unauthenticated):
        patient.get("/x")
    assert renewed == [1, 1]
    asked = len(server.asked)
    server.answers += [(429, b"", {"retry-after": "60"})]
    with pytest.raises(TooManyRequests):
        patient.get("/x")
    assert len(server.asked) == asked + 1
