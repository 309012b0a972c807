from __future__ import annotations

import pytest

from windlass_quickstart.candidates import candidates
from windlass_quickstart.data import load
from windlass_quickstart.progress import step


@pytest.fixture(scope="module")
def split():
    return load()


def test_the_rows_are_split_without_overlap(split):
    parts = [set(part.index) for part in (split.train, split.validation, split.held_out)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 569
    assert [len(part) for part in parts] == [341, 114, 114]


def test_there_are_several_kinds_with_several_parameters():
    found = candidates()
    assert len(found) >= 4
    assert len({one.kind for one in found}) >= 2
    assert len({one.name for one in found}) == len(found)
    assert all(len(one.params) >= 2 for one in found)


@pytest.mark.parametrize("candidate", candidates(), ids=lambda one: one.name)
def test_a_candidate_learns_step_by_step(candidate, split):
    trained = list(candidate.train(split, candidate.params))
    steps = [number for number, _ in trained]
    assert steps == sorted(set(steps))
    assert len(steps) >= 5
    model = trained[-1][1]
    assert model.score(split.validation, split.validation_labels) > 0.9
    assert model.predict_proba(split.validation).shape == (114, 2)


def test_a_step_says_how_it_went(capsys):
    with step("do a thing") as current:
        current.result = "it went well"
    with pytest.raises(ZeroDivisionError), step("fail at a thing"):
        raise ZeroDivisionError
    good, bad = capsys.readouterr().err.splitlines()
    assert good.startswith("  ✓ do a thing")
    assert "it went well" in good
    assert bad.startswith("  ✗ fail at a thing")
