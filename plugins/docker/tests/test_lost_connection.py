"""A daemon that is away for a moment: the project goes on, and nothing that it prints is lost or shown twice."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
import requests

from windlass.errors import Unavailable
from windlass.services.supervision.cancellation import Cancellation
from windlass_docker import container as module
from windlass_docker.container import ProjectContainer


class Flaky:
    """A container whose daemon goes away after each of its first answers, by an error or an end of the stream."""

    def __init__(self, losses, error=requests.ConnectionError):
        self.losses, self.error = losses, error
        self.attrs = {"State": {"Status": "running", "ExitCode": 0}}
        self.printed = b"one\ntwo\nthree\n"
        self.asked = self.read = 0

    def start(self):
        pass

    def reload(self):
        self.asked += 1
        if self.asked <= self.losses:
            raise requests.ConnectionError("refused")
        self.attrs["State"]["Status"] = "exited" if self.read > self.losses else "running"

    def logs(self, **_options):
        self.read += 1
        for begin in range(0, len(self.printed), 3):
            if self.read <= self.losses and begin > 3 * self.read:
                if self.error is None:
                    return
                raise self.error("reset")
            yield self.printed[begin : begin + 3]


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=lambda _: None, monotonic=module.time.monotonic))


@pytest.mark.parametrize("error", [requests.ConnectionError, None])
def test_nothing_is_lost_or_shown_twice(error):
    output, container = io.BytesIO(), Flaky(losses=2, error=error)
    state = ProjectContainer(container, output, Cancellation()).run()
    assert output.getvalue() == container.printed
    assert state["Status"] == "exited"


def test_a_daemon_that_stays_away_is_an_error(monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    with pytest.raises(Unavailable, match="Docker could not say how the container is: refused"):
        ProjectContainer(Flaky(losses=10**9), io.BytesIO(), Cancellation()).run()
