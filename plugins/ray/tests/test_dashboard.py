from __future__ import annotations

import time

import pytest

from windlass.errors import NotFound, PermissionDenied, Unauthenticated, Unavailable
from windlass.sockets import listen
from windlass_ray.dashboard import cause_of
from windlass_rest.rest import Refused

_TRACEBACK = """Deploying failed: Traceback (most recent call last):
  File "/home/ray/lib/site-packages/windlass_models/loading.py", line 44, in load_with
    raise NotFound("the model has no flavor")
windlass.errors.NotFound: the model has no flavor 'python_function' (it has: none)
"""


def test_an_answer_is_its_json_and_the_token_goes_along(answering, dashboard_at):
    server = answering(lambda *_: (200, {"version": "4"}))
    assert dashboard_at(server.url, ray_token="t0ken").get("/api/version") == {"version": "4"}
    assert server.requests[0][3]["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Unauthenticated),
        (403, PermissionDenied),
        (404, NotFound),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_refusal_is_one_of_our_errors_and_shows_no_traceback(answering, dashboard_at, status, error):
    server = answering(lambda *_: (status, _TRACEBACK.encode()))
    with pytest.raises(error) as caught:
        dashboard_at(server.url).send("PUT", "/api/serve/applications/", {})
    assert "NotFound: the model has no flavor 'python_function'" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert "site-packages" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_with_its_address(dashboard_at):
    with listen("127.0.0.1", 0) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1.*refused"):
        dashboard_at(url).get("/api/version")


def test_a_server_that_says_nothing_is_given_up(dashboard_at):
    with listen("127.0.0.1", 0) as sock:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="did not answer within"):
            dashboard_at(f"http://127.0.0.1:{sock.getsockname()[1]}").send("PUT", "/api/jobs/", {})
        assert time.monotonic() - began < 10


def test_another_program_at_the_address_is_told_apart(answering, dashboard_at):
    server = answering(lambda *_: (200, b"<html>"))
    with pytest.raises(Unavailable, match="answers no JSON"):
        dashboard_at(server.url).get("/api/version")


def test_what_changes_something_is_sent_once(answering, dashboard_at):
    server = answering(lambda *_: (503, b"busy"))
    with pytest.raises(Unavailable, match="busy"):
        dashboard_at(server.url).send("POST", "/api/jobs/", {})
    assert len(server.requests) == 1


def test_a_long_message_is_cut():
    assert len(cause_of("x " * 5000)) < 600
