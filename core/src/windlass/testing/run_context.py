"""What every run context must do."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from windlass.interfaces import RunContext
from windlass.services.limits import check_tags


class RunContextSuite(ABC):
    """The definition of `RunContext`; override the fixture `context`."""

    @pytest.fixture
    @abstractmethod
    def context(self) -> RunContext:
        """A context, made without arguments."""
        raise NotImplementedError

    def test_it_is_made_without_arguments(self, context: RunContext) -> None:
        assert isinstance(type(context)(), RunContext)

    def test_its_tags_can_be_stored(self, context: RunContext) -> None:
        tags = dict(context.tags())
        assert check_tags(tags) == tags

    def test_it_may_be_asked_again(self, context: RunContext) -> None:
        assert set(context.tags()) == set(context.tags())

    def test_what_a_caller_does_to_the_tags_changes_nothing(self, context: RunContext) -> None:
        tags = context.tags()
        expected = dict(tags)
        if isinstance(tags, dict):
            tags["added.by.the.caller"] = "yes"
        assert dict(context.tags()) == expected
