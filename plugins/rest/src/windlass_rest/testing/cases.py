"""EndpointCase: models to deploy, and a suite of what must hold when something fails half-way."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from windlass.entities import DeploymentStatus
from windlass.errors import NotFound, WindlassError
from windlass.interfaces import DeploymentRequest, DeploymentTarget, SplitsTraffic
from windlass.testing.deployment_target import TargetCase
from windlass_rest.testing.double import Asked, Double, Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCase(TargetCase):
    """A case on a double; `config` is in every request, and `left` says what of ours the double has."""

    double: Any
    left: Callable[[], list[str]]
    config: Mapping[str, str] = field(default_factory=dict)

    def request(self, name: str, model: Path | None = None, **config: str) -> DeploymentRequest:
        """A request to deploy a model, the first one without."""
        return TargetCase.request(self, name, model, **{**self.config, **config})


def make_case(
    directory: Path,
    opened: Callable[[], DeploymentTarget],
    double: Double,
    *,
    left: Callable[[], list[str]],
    config: Mapping[str, str],
) -> EndpointCase:
    """Two functions that multiply, and a model that cannot be loaded."""
    pyfunc = importlib.import_module("windlass.pyfunc")
    for name, factor in (("first", 2), ("second", 3)):
        if not (directory / name).exists():
            pyfunc.save_model(directory / name, python_model=_times(factor))
    (directory / "broken").mkdir(exist_ok=True)
    (directory / "broken" / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
    return EndpointCase(
        target=opened(),
        reopen=opened,
        first=directory / "first",
        second=directory / "second",
        broken=directory / "broken",
        payload={"inputs": [1.5, 2.25]},
        first_answer={"predictions": [3.0, 4.5]},
        second_answer={"predictions": [4.5, 6.75]},
        double=double,
        left=left,
        config=config,
    )


def _times(factor: int) -> Any:
    """A model that is pickled by its code, since its server cannot import this module."""
    return lambda model_input: [factor * value for value in model_input]


class HalfWaySuite:
    """Fails each of the requests by which a deployment is changed, one after the other; override the fixture `case`."""

    kinds: tuple[Mapping[str, Any], ...] = ({"status": 403}, {"cut": True, "after": True})
    """What happens to the request."""

    @pytest.fixture
    def case(self) -> EndpointCase:
        """The target on its double."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A double is quick, and is asked after many changes."""
        monkeypatch.setattr("windlass.interfaces.waiting._FIRST_PAUSE", 0.005)

    def test_a_creation_that_breaks_off_leaves_nothing(self, case: EndpointCase) -> None:
        steps = self._steps(case, lambda: case.target.create(case.request("one-way")))
        case.target.delete("one-way")
        assert case.left() == []
        for fault in self._faults(case, steps):
            self._nothing_or_done(case, fault)
        made = case.target.create(case.request("one-way"))
        assert made.status == DeploymentStatus.READY
        case.target.delete("one-way")
        assert case.left() == []

    def _nothing_or_done(self, case: EndpointCase, fault: Fault) -> None:
        """An answer that is lost may not matter."""
        try:
            case.target.create(case.request("one-way"))
        except WindlassError:
            assert case.left() == []
            with pytest.raises(NotFound):
                case.target.get("one-way")
        else:
            assert fault.after
            assert case.target.predict("one-way", case.payload) == case.first_answer
            case.target.delete("one-way")
        assert fault.times == 0

    def test_an_update_that_breaks_off_leaves_what_was_there(self, case: EndpointCase) -> None:
        case.target.create(case.request("one-way"))
        case.target.update(case.request("one-way", case.second))
        present, before = case.target.update(case.request("one-way")), case.left()
        steps = self._steps(case, lambda: case.target.update(case.request("one-way", case.second)))
        case.target.update(case.request("one-way"))
        for fault in self._faults(case, steps):
            self._either_as_before_or_done(case, fault)
        assert case.target.update(case.request("one-way")).url == present.url
        assert len(case.left()) == len(before)
        case.target.delete("one-way")
        assert case.left() == []

    def _either_as_before_or_done(self, case: EndpointCase, fault: Fault) -> None:
        """What fails after the new model has got the requests is tidied up later."""
        try:
            done = case.target.update(case.request("one-way", case.second))
        except WindlassError:
            assert fault.times == 0
            assert case.target.get("one-way").model_uri == f"models:/m@{case.first.name}"
            assert case.target.predict("one-way", case.payload) == case.first_answer
        else:
            assert case.target.get("one-way") == done
            assert case.target.predict("one-way", case.payload) == case.second_answer
            case.target.update(case.request("one-way"))
        fault.times = 0

    def test_a_canary_that_breaks_off_leaves_what_was_there(self, case: EndpointCase) -> None:
        target = case.target
        assert isinstance(target, SplitsTraffic)
        target.create(case.request("one-way"))
        steps = self._steps(case, lambda: target.start_canary(case.request("one-way", case.second), 30))
        target.set_canary("one-way", 0)
        for fault in self._faults(case, steps, kinds=({"status": 500},)):
            with pytest.raises(WindlassError):
                target.start_canary(case.request("one-way", case.second), 30)
            assert fault.times == 0
            assert case.target.get("one-way").canary is None
        case.target.delete("one-way")
        assert case.left() == []

    def _steps(self, case: EndpointCase, change: Callable[[], object]) -> list[Asked]:
        before = len(case.double.changes())
        change()
        return list(case.double.changes()[before:])

    def _faults(self, case: EndpointCase, steps: list[Asked], kinds: Any = None) -> Any:
        """Each step with each kind of fault, one at a time; of files beside each other one is enough."""
        places = [(one.method, one.path.rpartition("/")[0]) for one in steps]
        for number in (places.index(one) for one in dict.fromkeys(places)):
            for kind in kinds or self.kinds:
                fault = Fault(when=_change(number), **kind)
                case.double.faults[:] = [fault]
                yield fault
                case.double.faults.clear()


def _change(number: int) -> Callable[[Asked], bool]:
    """Picks the request of this number among those that change something."""
    seen = count()
    return lambda asked: asked.method != "GET" and next(seen) == number
