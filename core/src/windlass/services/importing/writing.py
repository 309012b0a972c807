"""Writing many things into a store as fast as it takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from windlass.interfaces import GroupsWrites
from windlass.services.importing.sides import Side

_THREADS = 8


def write_all(writes: Sequence[Callable[[], None]], target: Side) -> None:
    """Do all of the writes, whatever the order: in one transaction where writers would only wait for each other.

    The first error ends it, those that have begun are finished.
    """
    store = target.tracking
    if isinstance(store, GroupsWrites) and store.writes_alone:
        with store.write_group():
            for write in writes:
                write()
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        begun = [pool.submit(write) for write in writes]
        try:
            for one in begun:
                one.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
