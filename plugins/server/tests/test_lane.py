from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from contextvars import ContextVar

import pytest

from windlass.errors import Unavailable
from windlass.interfaces import WouldWait
from windlass_server.lane import Lane


class Store:
    """Groups that are noted; `busy` lets an impatient one be turned away, `breaks` lets their end fail."""

    def __init__(self, *, at_once=False, busy=False, breaks=False):
        self.writes_alone, self.writes_at_once = True, at_once
        self.busy, self.breaks = busy, breaks
        self.groups = []

    @contextmanager
    def write_group(self, *, wait=True):
        if not wait and self.busy:
            raise WouldWait
        self.groups.append([threading.current_thread().name])
        yield
        if self.breaks:
            raise Unavailable("the disk is full")


def gathered(lane, *functions, first=None):
    """What the calls come to, asked for at once behind one that the others must wait for."""
    held = threading.Event()

    async def main():
        loop = asyncio.get_running_loop()
        running = threading.Event()

        def hold():
            running.set()
            held.wait(10)

        waiting = asyncio.ensure_future(lane.call(hold))
        await loop.run_in_executor(None, running.wait)
        rest = [asyncio.ensure_future(lane.call(one)) for one in functions]
        await asyncio.sleep(0)
        held.set()
        await waiting
        return await asyncio.gather(*rest, return_exceptions=True)

    return asyncio.run(main())


def fail():
    raise ValueError("wrong")


def test_what_queued_up_is_done_in_order_in_one_group():
    store, order = Store(), []
    calls = [lambda number=number: order.append(number) or number for number in range(5)]
    assert gathered(Lane(store), *calls) == order == list(range(5))
    assert len(store.groups) == 1


def test_an_error_of_one_is_its_own():
    one, error, other = gathered(Lane(Store()), lambda: 1, fail, lambda: 2)
    assert (one, other) == (1, 2)
    assert isinstance(error, ValueError)


def test_a_group_that_ends_badly_is_an_error_of_all():
    one, error, other = gathered(Lane(Store(breaks=True)), lambda: 1, fail, lambda: 2)
    assert isinstance(one, Unavailable)
    assert isinstance(other, Unavailable)
    assert isinstance(error, ValueError)


def test_a_small_write_is_made_at_once_where_it_is():
    store = Store(at_once=True)
    name = asyncio.run(Lane(store).call(lambda: threading.current_thread().name, small=True))
    assert name == threading.main_thread().name
    assert len(store.groups) == 1


@pytest.mark.parametrize(
    ("store", "small"), [(Store(at_once=True), False), (Store(), True), (Store(at_once=True, busy=True), True)]
)
def test_what_is_large_or_would_wait_goes_to_the_thread(store, small):
    name = asyncio.run(Lane(store).call(lambda: threading.current_thread().name, small=small))
    assert name == "windlass-server-lane"


def test_a_small_write_whose_end_fails_is_an_error():
    with pytest.raises(Unavailable):
        asyncio.run(Lane(Store(at_once=True, breaks=True)).call(lambda: 1, small=True))


def test_a_call_knows_whose_request_it_is_for():
    current = ContextVar("current")

    async def main():
        current.set("me")
        return await Lane(Store()).call(current.get)

    assert asyncio.run(main()) == "me"
