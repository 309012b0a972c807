"""What is run again, how often, and what is not."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from windlass.errors import Unavailable
from windlass.testing.samples import new_experiment
from windlass_sql.faults import Collided, Deadlocked, Interrupted, unsure
from windlass_sql.retrying import idempotent, retried
from windlass_sql.tables import experiments
from windlass_sql.tracking import SqlTrackingStore


@retried
class Store:
    """Fails as often as it has errors."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def create(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    @idempotent
    def log(self):
        return self.create.__wrapped__(self)


@pytest.mark.parametrize("error", [Collided("x"), Deadlocked("x"), Interrupted("x")])
def test_what_was_undone_as_a_whole_runs_again(error):
    store = Store(error)
    assert store.create() == "done"
    assert store.calls == 2


@pytest.mark.parametrize(("error", "calls"), [(Collided("x"), 3), (Interrupted("x"), 3), (Deadlocked("x"), 12)])
def test_nothing_is_tried_forever(error, calls):
    store = Store(*[error] * 50)
    with pytest.raises(type(error)):
        store.create()
    assert store.calls == calls


def test_a_commit_that_nobody_answered_runs_again_only_if_twice_is_as_good_as_once():
    store = Store(unsure("db"))
    with pytest.raises(Unavailable, match="may be kept or not"):
        store.create()
    assert store.calls == 1
    store = Store(unsure("db"))
    assert store.log() == "done"
    assert store.calls == 2


def test_other_errors_come_through_at_once():
    store = Store(Unavailable("gone"))
    with pytest.raises(Unavailable, match="gone"):
        store.create()
    assert store.calls == 1


def test_a_real_deadlock_is_resolved(server_database):
    ids = [new_experiment(SqlTrackingStore(server_database)).experiment_id for _ in range(2)]
    both_have_one = threading.Barrier(2)
    first_try = threading.local()

    @retried
    class Opposite:
        def touch(self, order):
            with server_database.write() as connection:
                for number, experiment_id in enumerate(order):
                    this = experiments.c.experiment_id == experiment_id
                    connection.execute(
                        experiments.update().where(this).values(last_update_time=experiments.c.last_update_time + 1)
                    )
                    if number == 0 and not hasattr(first_try, "done"):
                        first_try.done = True
                        both_have_one.wait(10)

    threads = [threading.Thread(target=Opposite().touch, args=(order,)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with server_database.read() as connection:
        times = connection.execute(
            sa.select(experiments.c.last_update_time).where(experiments.c.experiment_id.in_(ids))
        ).scalars()
        assert list(times) == [3, 3]
