"""What pages promise: no search skips or repeats, and tokens cannot be forged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from windlass.entities import ViewType
from windlass.errors import InvalidQuery
from windlass.interfaces import RunBatch, TrackingStore
from windlass.search import EXPERIMENTS, LOGGED_MODELS, RUNS
from windlass.testing.samples import metric, new_experiment, new_logged_model, new_name, new_run, query


class PagingTests:
    """Keyset pages of runs, experiments and logged models."""

    @pytest.mark.parametrize("order_by", [[], ["metrics.m DESC"], ["params.p", "run_name DESC"], ["end_time"]])
    def test_pages_give_every_run_once_while_runs_are_added(self, store: TrackingStore, order_by: list[str]) -> None:
        experiment_id = new_experiment(store).experiment_id
        ids = set()
        for number in range(9):
            run_id = new_run(store, experiment_id, start_time=1000 + number // 3).info.run_id
            batch = RunBatch(metrics=[metric("m", float(number // 2))], params={"p": str(number % 2)})
            store.runs.log(run_id, batch if number % 3 else RunBatch())
            ids.add(run_id)
        asked = query(RUNS, "", order_by, experiment_ids=(experiment_id,), max_results=2)
        seen: list[str] = []
        page = store.runs.search(asked)
        while True:
            seen += [run.info.run_id for run in page]
            for start_time in (1, 9999):
                new_run(store, experiment_id, start_time=start_time)
            if page.token is None or len(seen) > 200:
                break
            page = store.runs.search(replace(asked, page_token=page.token, max_results=3))
        assert len(seen) == len(set(seen))
        assert ids <= set(seen)

    def test_the_last_page_has_no_token(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        for _ in range(4):
            new_run(store, experiment_id)
        asked = query(RUNS, experiment_ids=(experiment_id,), max_results=2)
        first = store.runs.search(asked)
        second = store.runs.search(replace(asked, page_token=first.token))
        assert (len(first), len(second), second.token) == (2, 2, None)
        assert store.runs.search(replace(asked, max_results=4)).token is None

    def test_experiments_come_in_pages(self, store: TrackingStore) -> None:
        prefix = new_name("page")
        expected = [new_experiment(store, f"{prefix}-{number}").name for number in range(5)]
        asked = query(EXPERIMENTS, f"name LIKE '{prefix}%'", ["name"], max_results=2)
        page = store.experiments.search(asked)
        found = [one.name for one in page]
        while page.token is not None:
            page = store.experiments.search(replace(asked, page_token=page.token))
            found += [one.name for one in page]
        assert found == expected

    def test_logged_models_come_in_pages(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        expected = [new_logged_model(store, experiment_id, name=f"m{number}").name for number in range(5)]
        asked = query(LOGGED_MODELS, "", ["name"], experiment_ids=(experiment_id,), max_results=2)
        page = store.logged_models.search(asked)
        found = [one.name for one in page]
        while page.token is not None:
            page = store.logged_models.search(replace(asked, page_token=page.token))
            found += [one.name for one in page]
        assert found == expected

    def test_a_token_of_another_query_is_refused(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        for _ in range(3):
            new_run(store, experiment_id)
        asked = query(RUNS, experiment_ids=(experiment_id,), max_results=1)
        token = store.runs.search(asked).token
        assert token is not None
        for other in (
            query(RUNS, "status = 'RUNNING'", experiment_ids=(experiment_id,)),
            query(RUNS, "", ["run_name"], experiment_ids=(experiment_id,)),
            query(RUNS, experiment_ids=(experiment_id, "0")),
            query(RUNS, experiment_ids=(experiment_id,), view=ViewType.ALL),
        ):
            with pytest.raises(InvalidQuery):
                store.runs.search(replace(other, page_token=token))

    def test_a_forged_token_is_refused(self, store: TrackingStore) -> None:
        experiment_id = new_experiment(store).experiment_id
        for _ in range(2):
            new_run(store, experiment_id)
        asked = query(RUNS, experiment_ids=(experiment_id,), max_results=1)
        token = store.runs.search(asked).token or ""
        flipped = ("A" if token[0] != "A" else "B") + token[1:]
        for forged in (flipped, token[:-4], "nonsense", "eyJvZmZzZXQiOiAxfQ==", "ü", "a" * 5000):
            with pytest.raises(InvalidQuery):
                store.runs.search(replace(asked, page_token=forged))
