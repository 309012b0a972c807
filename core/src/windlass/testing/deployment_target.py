"""DeploymentTargetSuite: the definition of a deployment target, as tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, NotFound, WindlassError
from windlass.interfaces import (
    DeploymentRequest,
    DeploymentTarget,
    ExplainsPredictions,
    KeepsLogs,
    ManagesEndpoints,
    SplitsTraffic,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCase:
    """An empty target and two models with what they answer to one request.

    `reopen` gives the same target as another program sees it. `broken` is a directory with a model that cannot be
    loaded. `asked` is how often a canary is asked.
    """

    target: DeploymentTarget
    reopen: Callable[[], DeploymentTarget]
    first: Path
    second: Path
    broken: Path
    payload: Mapping[str, Any]
    first_answer: Any
    second_answer: Any
    asked: int = 20

    def request(self, name: str, model: Path | None = None, **config: str) -> DeploymentRequest:
        """A request to deploy a model, the first one without."""
        path = model or self.first
        version = 1 if path == self.first else 2
        return DeploymentRequest(
            name=name,
            model_uri=f"models:/m@{path.name}",
            resolved_uri=f"models:/m/{version}",
            model_path=path,
            config=config,
        )


class DeploymentTargetSuite:
    """Subclass it, name the subclass `Test…` and override the fixture `case`; all that is deployed is deleted after."""

    @pytest.fixture
    def case(self) -> TargetCase:
        """The target with its models."""
        raise NotImplementedError

    @pytest.fixture
    def clean(self, case: TargetCase) -> Any:
        """The case, and nothing deployed when the test has ended."""
        yield case
        for deployment in case.target.list():
            case.target.delete(deployment.name)
        assert case.target.list() == []

    def test_a_deployment_lives_from_create_to_delete(self, clean: TargetCase) -> None:
        target = clean.target
        made = target.create(clean.request("one"))
        assert (made.name, made.status) == ("one", DeploymentStatus.READY)
        assert (made.model_uri, made.resolved_uri) == (f"models:/m@{clean.first.name}", "models:/m/1")
        assert made.creation_timestamp > 0
        assert target.get("one") == made
        assert clean.reopen().list() == [made]
        assert clean.reopen().predict("one", clean.payload) == clean.first_answer
        target.delete("one")
        target.delete("one")
        with pytest.raises(NotFound):
            target.get("one")

    def test_a_name_is_taken_once(self, clean: TargetCase) -> None:
        made = clean.target.create(clean.request("one"))
        with pytest.raises(AlreadyExists):
            clean.target.create(clean.request("one", clean.second))
        assert clean.target.get("one") == made
        assert clean.target.predict("one", clean.payload) == clean.first_answer

    def test_an_update_replaces_the_model_and_keeps_the_address(self, clean: TargetCase) -> None:
        made = clean.target.create(clean.request("one"))
        updated = clean.target.update(clean.request("one", clean.second))
        assert (updated.url, updated.creation_timestamp) == (made.url, made.creation_timestamp)
        assert updated.last_updated_timestamp >= made.last_updated_timestamp
        assert updated.model_uri == f"models:/m@{clean.second.name}"
        assert clean.target.get("one") == updated
        assert clean.target.predict("one", clean.payload) == clean.second_answer

    def test_an_update_that_fails_leaves_what_was_there(self, clean: TargetCase) -> None:
        made = clean.target.create(clean.request("one"))
        with pytest.raises(WindlassError):
            clean.target.update(clean.request("one", clean.broken))
        assert clean.target.get("one") == made
        assert clean.target.predict("one", clean.payload) == clean.first_answer

    def test_a_creation_that_fails_leaves_nothing(self, clean: TargetCase) -> None:
        with pytest.raises(WindlassError):
            clean.target.create(clean.request("one", clean.broken))
        assert clean.target.list() == []
        with pytest.raises(NotFound):
            clean.target.get("one")

    def test_deployments_are_listed_by_name(self, clean: TargetCase) -> None:
        for name in ("two", "one"):
            clean.target.create(clean.request(name))
        assert [one.name for one in clean.target.list()] == ["one", "two"]

    def test_a_bad_request_is_an_invalid_value(self, clean: TargetCase) -> None:
        clean.target.create(clean.request("one"))
        with pytest.raises(InvalidValue):
            clean.target.predict("one", {"nonsense": 1})
        assert clean.target.predict("one", clean.payload) == clean.first_answer

    def test_nothing_is_known_by_an_unknown_name(self, clean: TargetCase) -> None:
        with pytest.raises(NotFound):
            clean.target.get("missing")
        with pytest.raises(NotFound):
            clean.target.predict("missing", clean.payload)
        with pytest.raises(NotFound):
            clean.target.update(clean.request("missing"))
        clean.target.delete("missing")

    def test_an_unknown_option_is_refused_before_anything_is_made(self, clean: TargetCase) -> None:
        with pytest.raises(InvalidValue) as caught:
            clean.target.create(clean.request("one", no_such_option="1"))
        for known in clean.target.options():
            assert known.name in str(caught.value)
        assert clean.target.list() == []

    def test_what_it_prints_is_shown(self, clean: TargetCase) -> None:
        target = clean.target
        if not isinstance(target, KeepsLogs):
            pytest.skip("keeps no logs")
        target.create(clean.request("one"))
        assert all("\n" not in line for line in target.logs("one"))
        with pytest.raises(NotFound):
            list(target.logs("missing"))

    def test_an_unknown_deployment_is_not_explained(self, clean: TargetCase) -> None:
        if not isinstance(clean.target, ExplainsPredictions):
            pytest.skip("explains nothing")
        with pytest.raises(NotFound):
            clean.target.explain("missing", clean.payload)

    def test_a_canary_answers_a_part_until_it_answers_all(self, clean: TargetCase) -> None:
        target = self._splitting(clean)
        made = clean.target.create(clean.request("one"))
        with_canary = target.start_canary(clean.request("one", clean.second), 50)
        assert (with_canary.url, with_canary.model_uri) == (made.url, made.model_uri)
        assert with_canary.canary is not None
        assert (with_canary.canary.model_uri, with_canary.canary.percent) == (f"models:/m@{clean.second.name}", 50)
        assert clean.target.get("one").canary == with_canary.canary
        with pytest.raises(AlreadyExists):
            target.start_canary(clean.request("one", clean.second), 10)
        answers = [clean.target.predict("one", clean.payload) for _ in range(clean.asked)]
        assert all(one in (clean.first_answer, clean.second_answer) for one in answers)
        whole = target.set_canary("one", 100)
        assert (whole.model_uri, whole.canary, whole.url) == (f"models:/m@{clean.second.name}", None, made.url)
        assert clean.target.predict("one", clean.payload) == clean.second_answer

    def test_a_canary_that_is_taken_away_leaves_what_was_there(self, clean: TargetCase) -> None:
        target = self._splitting(clean)
        clean.target.create(clean.request("one"))
        target.start_canary(clean.request("one", clean.second), 20)
        assert target.set_canary("one", 0).canary is None
        assert clean.target.predict("one", clean.payload) == clean.first_answer
        with pytest.raises(NotFound):
            target.set_canary("one", 0)
        with pytest.raises(NotFound):
            target.start_canary(clean.request("missing"), 20)

    def test_a_canary_that_fails_to_start_leaves_what_was_there(self, clean: TargetCase) -> None:
        target = self._splitting(clean)
        made = clean.target.create(clean.request("one"))
        with pytest.raises(WindlassError):
            target.start_canary(clean.request("one", clean.broken), 20)
        assert clean.target.get("one") == made
        assert clean.target.predict("one", clean.payload) == clean.first_answer

    def _splitting(self, clean: TargetCase) -> SplitsTraffic:
        if not isinstance(clean.target, SplitsTraffic):
            pytest.skip("does not split traffic")
        return clean.target

    def test_an_endpoint_lives_from_create_to_delete(self, clean: TargetCase) -> None:
        target = self._with_endpoints(clean)
        made = target.create_endpoint("endpoint-1", {})
        try:
            assert target.get_endpoint("endpoint-1") == made
            assert "endpoint-1" in [one.name for one in target.list_endpoints()]
            with pytest.raises(AlreadyExists):
                target.create_endpoint("endpoint-1", {})
            inside = target.within("endpoint-1")
            deployed = inside.create(clean.request("one"))
            assert (deployed.endpoint, inside.list()) == ("endpoint-1", [deployed])
            assert inside.predict("one", clean.payload) == clean.first_answer
        finally:
            target.delete_endpoint("endpoint-1")
        target.delete_endpoint("endpoint-1")
        assert target.within("endpoint-1").list() == []
        with pytest.raises(NotFound):
            target.get_endpoint("endpoint-1")
        with pytest.raises(NotFound):
            target.update_endpoint("endpoint-1", {})

    def _with_endpoints(self, clean: TargetCase) -> ManagesEndpoints:
        if not isinstance(clean.target, ManagesEndpoints):
            pytest.skip("has no endpoints")
        return clean.target

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\x00b", "../up"])
    def test_a_name_that_leads_elsewhere_is_refused(self, clean: TargetCase, name: str) -> None:
        with pytest.raises(InvalidValue):
            clean.target.create(clean.request(name))
        assert clean.target.list() == []
