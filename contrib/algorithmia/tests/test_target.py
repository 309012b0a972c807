"""What Algorithmia is asked, what is said when it refuses, and what is left when something fails half-way."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from windlass.config import Settings
from windlass.errors import (
    AlreadyExists,
    BuildFailed,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)
from windlass_algorithmia.cluster import Published
from windlass_algorithmia.conformance import case, double, opened
from windlass_algorithmia.repository import Repositories
from windlass_algorithmia.target import AlgorithmiaTarget, _git_url
from windlass_rest.testing.double import Fault

__all__ = ["case", "double"]
STEPS = 9
UPLOAD, PUSH, COMPILE, TRY, PUBLISH = 2, 5, 6, 7, 8


def change(number):
    """Picks the request of this number among those that change something."""
    seen = count()
    return lambda asked: asked.method != "GET" and next(seen) == number


def test_options_reach_algorithmia(case, double):
    config = {
        "algorithm_environment": "env-312",
        "label": "Fraud",
        "tagline": "Finds fraud",
        "source_visibility": "open",
        "license": "mit",
        "network_access": "isolated",
        "pipeline_enabled": "false",
        "algorithm_callability": "public",
    }
    made = case.target.create(case.request("one", **config))
    content = double.algorithms["one"].content
    assert content["settings"] == {
        **{name: config[name] for name in ("algorithm_environment", "source_visibility", "license", "network_access")},
        "pipeline_enabled": False,
    }
    assert (content["details"]["label"], content["details"]["tagline"][:11]) == ("Fraud", "Finds fraud")
    assert (made.url, made.details["version"]) == (f"{double.url}/v1/algo/ada/one", "0.1.0")
    assert case.target.update(case.request("one", case.second)).url == f"{made.url}/latestPrivate"
    case.target.update(case.request("one", **config))
    with pytest.raises(InvalidValue, match="cannot be changed by an update"):
        case.target.update(case.request("one", network_access="full"))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"license": "mit"}, "no license for a closed source"),
        ({"network_access": "some"}, "none of the choices"),
        ({"algorithm_environment": "a", "package_set": "b"}, "needs one of"),
        ({"request_timeout": "3001"}, "out of range"),
    ],
)
def test_what_is_wrong_is_found_before_anything_is_made(case, double, config, told):
    with pytest.raises(InvalidValue, match=told):
        case.target.create(case.request("one", **config))
    assert double.asked == []


def test_the_variables_of_an_older_plugin_stand_in_for_options(case, double):
    settings = Settings(
        algorithmia_api=double.url,
        algorithmia_api_key="sim-0123",
        algorithmia_username="ada",
        algorithmia_git_endpoint=double.url,
        algorithmia_package_set="python311",
        algorithmia_network_access="isolated",
        algorithmia_pipeline="False",
    )
    AlgorithmiaTarget.open("algorithmia:/ada", settings).create(case.request("one"))
    made = double.algorithms["one"].content["settings"]
    assert (made["package_set"], made["network_access"], made["pipeline_enabled"]) == ("python311", "isolated", False)
    without = AlgorithmiaTarget.open("algorithmia", replace(settings, algorithmia_package_set=None))
    assert without.predict("one", case.payload) == case.first_answer
    assert without.update(case.request("one", case.second)) == without.get("one")


def test_a_cluster_needs_an_address_and_has_its_git_beside_it():
    with pytest.raises(InvalidValue, match="ALGORITHMIA_API: must be set"):
        AlgorithmiaTarget.open("algorithmia", Settings())
    assert _git_url("https://api.a.example/", None) == "https://git.a.example"
    assert _git_url("https://api.a.example", "code.a.example") == "https://code.a.example"
    assert _git_url("https://api.a.example", "http://code.a.example/") == "http://code.a.example"


def test_what_cannot_be_built_is_told_with_what_the_build_printed(case, double):
    (case.first / "requirements.txt").write_text("no-such-package==1\n")
    with pytest.raises(BuildFailed, match="No matching distribution found for no-such-package"):
        case.target.create(case.request("one"))
    assert case.left() == []


def test_an_environment_that_is_not_there_is_told(case):
    with pytest.raises(InvalidValue, match="Invalid build image"):
        case.target.create(case.request("one", algorithm_environment="env-27"))
    assert case.left() == []


def test_algorithms_of_others_are_left_alone(case, double):
    case.target.create(case.request("one"))
    double.algorithms["theirs"] = type(double.algorithms["one"])({**double.algorithms["one"].content})
    double.algorithms["theirs"].content["details"] = {"label": "theirs", "tagline": "windlass"}
    for kept in ("windlass_theirs", "windlass_2"):
        (double._data / "ada" / kept).mkdir()
        (double._data / "ada" / kept / "notes.txt").write_text("mine")
    assert [one.name for one in case.target.list()] == ["one"]
    with pytest.raises(NotFound) as caught:
        case.target.get("theirs")
    assert "not made by Windlass" in caught.value.hint
    with pytest.raises(AlreadyExists):
        case.target.create(case.request("theirs"))
    for name in ("theirs", "one"):
        case.target.delete(name)
    assert case.left() == [
        "theirs", "windlass_2", "windlass_2/notes.txt", "windlass_theirs", "windlass_theirs/notes.txt",
    ]  # fmt: skip


def test_former_models_go_and_the_versions_are_counted(case):
    case.target.create(case.request("one"))
    updated = case.target.update(case.request("one", case.second))
    assert updated.details["version"] == "0.2.0"
    assert len(case.left()) == 3


def test_the_tenth_version_is_later_than_the_ninth():
    ninth, tenth = (Published(version=one, variant="", record=None) for one in ("0.9.0", "0.10.0"))
    assert ninth.order < tenth.order


@pytest.mark.parametrize("number", [0, UPLOAD, PUSH, COMPILE, TRY, PUBLISH])
def test_a_creation_whose_answers_are_lost_leaves_nothing(case, double, number):
    fault = Fault(when=change(number), cut=True, after=True)
    double.faults.append(fault)
    try:
        case.target.create(case.request("one"))
    except WindlassError:
        assert case.left() == []
    else:
        # The answer of the last step may be lost: the version is there.
        assert number == PUBLISH
        assert case.target.predict("one", case.payload) == case.first_answer
    assert fault.times == 0
    case.target.delete("one")
    assert case.left() == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (UPLOAD - 2, {"status": 403}),
        (PUSH - 2, {"cut": True, "after": True}),
        (COMPILE - 2, {"status": 500}),
        (PUBLISH - 2, {"status": 403}),
        (PUBLISH - 2, {"cut": True, "after": True}),
    ],
)
def test_an_update_that_breaks_off_leaves_what_was_there(case, double, number, kind):
    made = case.target.create(case.request("one"))
    fault, before = Fault(when=change(number), **kind), case.left()
    double.faults.append(fault)
    try:
        done = case.target.update(case.request("one", case.second))
    except WindlassError:
        assert case.target.get("one") == made
        assert case.target.predict("one", case.payload) == case.first_answer
        assert case.left() == before
    else:
        assert fault.after
        assert case.target.get("one") == done
        assert case.target.predict("one", case.payload) == case.second_answer
    assert fault.times == 0


def test_who_may_not_in_is_told_and_no_key_is_shown(case, double):
    with pytest.raises(Unauthenticated) as caught:
        opened(double, key="wrong-key").list()
    assert "ALGORITHMIA_API_KEY" in caught.value.hint
    with pytest.raises(PermissionDenied) as refused:
        opened(double, target="algorithmia:/others").create(case.request("one"))
    assert "manage algorithms" in refused.value.hint
    source = Repositories(url=f"{double.url}/git/ada", username="ada", key="wrong-key")
    with pytest.raises(Unauthenticated, match=r"git at .* does not accept who asks"):
        source.push("one", case.first, {"resolved_uri": "x"}, timeout=20)
    assert "wrong-key" not in f"{caught.value} {source}"


def test_the_key_is_on_no_command_line(case, double, monkeypatch):
    words, run = [], __import__("subprocess").run

    def listen(command, **more):
        words.extend(command)
        return run(command, **more)

    monkeypatch.setattr("windlass_algorithmia.repository.subprocess.run", listen)
    case.target.create(case.request("one"))
    assert len(double.changes()) == STEPS
    assert "push" in words
    assert not [
        one for one in words if "sim-0123" in one or "extraHeader" in one or "@" in one.replace("=windlass@", "")
    ]


def test_a_cluster_that_is_not_there_is_said_to_be():
    settings = Settings(algorithmia_api="http://127.0.0.1:9", algorithmia_api_key="k", algorithmia_username="u")
    with pytest.raises(Unavailable, match="cannot be reached"):
        AlgorithmiaTarget.open("algorithmia", settings).list()


def test_git_that_is_not_there_is_said_to_be_and_nothing_is_left(case, double):
    settings = Settings(
        algorithmia_api=double.url,
        algorithmia_api_key="sim-0123",
        algorithmia_username="ada",
        algorithmia_git_endpoint="http://127.0.0.1:9",
        algorithmia_environment="env-311",
    )
    with pytest.raises(Unavailable, match=r"git at http://127\.0\.0\.1:9") as caught:
        AlgorithmiaTarget.open("algorithmia", settings).create(case.request("one"))
    assert "ALGORITHMIA_GIT_ENDPOINT" in caught.value.hint
    assert case.left() == []
