from __future__ import annotations

import asyncio
import threading
import time

import pytest

from windlass_server.threads import Threads, in_thread


def test_a_result_and_an_error_come_back():
    async def main():
        assert await in_thread(max, 1, 2) == 2
        assert await in_thread(sorted, [1, 2], reverse=True) == [2, 1]
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 // 0)

    asyncio.run(main())


def test_calls_run_side_by_side_up_to_the_limit():
    threads, running, most = Threads(3), [], []

    def work():
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        return threading.current_thread().name

    async def main():
        return await asyncio.gather(*(threads.call(work) for _ in range(9)))

    names = asyncio.run(main())
    assert max(most) == 3
    assert len(set(names)) == 3


def test_calls_one_after_the_other_share_a_thread():
    threads = Threads()

    async def main():
        names = set()
        for _ in range(20):
            names.add(await threads.call(lambda: threading.current_thread().name))
            await asyncio.sleep(0.001)
        return names

    assert len(asyncio.run(main())) == 1


def test_a_caller_that_gave_up_breaks_nothing():
    threads, release = Threads(1), threading.Event()

    async def main():
        waiting = asyncio.ensure_future(threads.call(lambda: release.wait(10)))
        await asyncio.sleep(0.01)
        waiting.cancel()
        release.set()
        assert await threads.call(lambda: "next") == "next"
        assert waiting.cancelled() or waiting.done()

    asyncio.run(main())
