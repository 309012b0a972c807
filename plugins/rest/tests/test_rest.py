"""The REST client, against a server that answers what it is told."""

from __future__ import annotations

import json

import pytest

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    PermissionDenied,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from windlass_rest.rest import Refused, Rest, said_in
from windlass_rest.scoring import ask


def test_json_goes_there_and_comes_back(server, rest):
    server.answers += [(200, b'{"a": 1}'), (200, b"[]"), (204, b"")]
    assert rest.get("/x", {"q": "a b", "n": 1}) == {"a": 1}
    assert rest.call("PUT", "/y", {"k": "v"}) == []
    assert rest.call("DELETE", "/y") is None
    assert [one[:2] for one in server.asked] == [("GET", "/x?q=a+b&n=1"), ("PUT", "/y"), ("DELETE", "/y")]
    _, _, headers, body = server.asked[1]
    assert json.loads(body) == {"k": "v"}
    headers = {name.lower(): value for name, value in headers.items()}
    assert (headers["x-one"], headers["authorization"], headers["content-type"]) == (
        "1",
        "Bearer t",
        "application/json",
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused), (401, Unauthenticated), (403, PermissionDenied), (404, NotFound), (409, AlreadyExists),
        (422, Refused), (429, TooManyRequests), (500, Unavailable), (503, Unavailable), (302, Unavailable),
    ],
)  # fmt: skip
def test_a_status_is_an_error_with_what_the_server_says(server, rest, status, kind):
    server.answers += [(status, b'{"error": {"message": "because\\n of this"}}')] * 3
    with pytest.raises(kind) as caught:
        rest.call("POST", "/x", {})
    if status != 302:
        assert f"answered {status}: because of this" in caught.value.message
    assert caught.value.hint == (
        "bring a key" if status == 403 else "is the URL that of Thing?" if status == 302 else None
    )


def test_who_does_not_answer_in_time_is_unavailable(server, rest):
    server.answers += [(0, b"")] * 3
    with pytest.raises(Unavailable, match=r"did not answer within 0\.5 seconds"):
        rest.call("POST", "/x", {})
    assert len(server.asked) == 1


def test_who_is_not_there_is_unavailable_with_a_hint():
    rest = Rest.open("http://127.0.0.1:9", Settings(), name="Thing", timeout=1)
    with pytest.raises(
        Unavailable, match=r"Thing at http://127\.0\.0\.1:9 cannot be reached: Failed to establish"
    ) as caught:
        rest.get("/")
    assert "is Thing running" in caught.value.hint


def test_no_json_is_no_answer(server, rest):
    server.answers += [(200, b"<html>")]
    with pytest.raises(Unavailable, match="answers no JSON"):
        rest.get("/")


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "127.0.0.1:80", "http:/x"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(InvalidValue, match="no URL of Thing"):
        Rest.open(url, Settings(), name="Thing", timeout=1)


def test_passwords_are_in_no_message():
    rest = Rest.open("http://u:secret@127.0.0.1:9", Settings(), name="Thing", timeout=1)
    with pytest.raises(Unavailable) as caught:
        rest.get("/")
    assert "secret" not in str(caught.value)


def test_what_is_said_is_short():
    assert said_in(b'{"detail": "no"}') == "no"
    assert said_in(b"a\n  b") == "a b"
    assert (
        said_in(b'{"error": "Traceback (most recent call last):\\n  File x\\n    code\\nKeyError: a"}') == "KeyError: a"
    )
    assert said_in(b'["x"]') == '["x"]'
    assert len(said_in(b"x" * 5000)) == 501


def test_a_model_is_asked_and_its_refusal_is_an_invalid_value(server, rest):
    server.answers += [
        (200, b'{"predictions": [1]}'),
        (400, b'{"message": "no column a"}'),
        (500, b"boom"),
        (200, b"x"),
    ]
    assert ask(rest, "/invocations", {"inputs": [1]}) == {"predictions": [1]}
    with pytest.raises(InvalidValue, match="no column a"):
        ask(rest, "/invocations", {"inputs": [1]})
    with pytest.raises(Unavailable, match="boom"):
        ask(rest, "/invocations", {"inputs": [1]})
    with pytest.raises(Unavailable, match="no scoring server"):
        ask(rest, "/invocations", {"inputs": [1]})
    with pytest.raises(InvalidValue, match="no JSON form"):
        ask(rest, "/invocations", {"inputs": object()})
