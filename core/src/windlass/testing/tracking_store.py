"""TrackingStoreSuite: what every tracking store must do."""

from __future__ import annotations

import pytest

from windlass.interfaces import TrackingStore
from windlass.testing.encoded_pages import EncodedPageTests
from windlass.testing.experiments import ExperimentTests
from windlass.testing.history_terms import HistoryTermTests
from windlass.testing.logged_models import LoggedModelTests
from windlass.testing.metric_history import MetricHistoryTests
from windlass.testing.paging import PagingTests
from windlass.testing.run_following import FollowingTests
from windlass.testing.run_logging import LoggingTests
from windlass.testing.run_search import RunSearchTests
from windlass.testing.runs import RunTests
from windlass.testing.sampling import SamplingTests


class TrackingStoreSuite(
    ExperimentTests,
    RunTests,
    LoggingTests,
    MetricHistoryTests,
    SamplingTests,
    FollowingTests,
    RunSearchTests,
    EncodedPageTests,
    HistoryTermTests,
    PagingTests,
    LoggedModelTests,
):
    """Override the fixture `store`: an open store; all tests may share one."""

    @pytest.fixture
    def store(self) -> TrackingStore:
        """The store under test."""
        raise NotImplementedError("override the fixture `store`")

    def test_the_store_is_a_tracking_store(self, store: TrackingStore) -> None:
        assert isinstance(store, TrackingStore)

    def test_closing_twice_is_fine(self, store: TrackingStore) -> None:
        store.close()
        store.close()
