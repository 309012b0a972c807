"""Endpoints with several deployments, whose requests are shared out by hand."""

from __future__ import annotations

import pytest

from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable, WindlassError
from windlass_azureml.conformance import case, double
from windlass_rest.testing.double import Fault

__all__ = ["case", "double"]


def put(end):
    return lambda asked: asked.method == "PUT" and asked.path.endswith(end)


@pytest.fixture
def inside(case):
    case.target.create_endpoint("shared", {"tags": '{"team": "fraud"}', "auth_mode": "AMLToken"})
    return case.target.within("shared")


def test_two_deployments_share_the_requests(case, double, inside):
    inside.create(case.request("blue"))
    inside.create(case.request("green", case.second))
    assert case.target.get_endpoint("shared").traffic == {"blue": 100}
    assert inside.predict("", case.payload) == case.first_answer
    assert inside.predict("green", case.payload) == case.second_answer
    found = case.target.update_endpoint("shared", {"traffic": '{"blue": 50, "green": 50}'})
    assert found.traffic == {"blue": 50, "green": 50}
    answers = [inside.predict("", case.payload) for _ in range(30)]
    assert case.first_answer in answers
    assert case.second_answer in answers
    assert double.endpoints["shared"].content["tags"]["team"] == "fraud"
    inside.delete("blue")
    assert case.target.get_endpoint("shared").traffic == {"green": 100}
    assert [one.name for one in case.target.list_endpoints()] == ["shared"]
    assert case.target.list() == []
    case.target.delete_endpoint("shared")
    assert case.left() == []


def test_requests_are_mirrored(case, double, inside):
    inside.create(case.request("blue"))
    inside.create(case.request("green", case.second))
    found = case.target.update_endpoint("shared", {"mirror_traffic": '{"green": 10}'})
    assert (found.traffic, found.details) == ({"blue": 100}, {"mirror of green": "10%"})
    assert double.endpoints["shared"].content["properties"]["mirrorTraffic"] == {"green": 10}


def test_a_deployment_is_updated_in_its_place(case, inside):
    made = inside.create(case.request("blue"))
    before = len(case.left())
    updated = inside.update(case.request("blue", case.second))
    assert (updated.url, updated.creation_timestamp) == (made.url, made.creation_timestamp)
    assert inside.predict("blue", case.payload) == case.second_answer
    assert len(case.left()) == before
    with pytest.raises(Unavailable, match="did not start"):
        inside.update(case.request("blue", case.broken))
    assert inside.get("blue") == updated
    assert inside.predict("blue", case.payload) == case.second_answer
    assert len(case.left()) == before
    assert list(inside.logs("blue")) == ["the model is loaded"]


def test_what_fails_half_way_leaves_nothing(case, double, inside):
    for end in ("/MLmodel", "/blue", "/shared"):
        double.faults[:] = [
            Fault(when=lambda asked, end=end: asked.method == "PUT" and asked.path.endswith(end), status=500)
        ]
        with pytest.raises(WindlassError):
            inside.create(case.request("blue"))
        assert case.left() == ["shared"]
    assert inside.create(case.request("blue")).status == "READY"
    with pytest.raises(AlreadyExists):
        inside.create(case.request("blue"))


def test_what_is_wrong_is_refused(case, inside):
    for config in ('{"blue": 50}', '{"blue": "x"}', "[]"):
        with pytest.raises(InvalidValue, match="config traffic"):
            case.target.update_endpoint("shared", {"traffic": config})
    with pytest.raises(InvalidValue, match="config mirror_traffic"):
        case.target.update_endpoint("shared", {"mirror_traffic": '{"blue": 60}'})
    with pytest.raises(InvalidValue, match="cannot get traffic"):
        case.target.update_endpoint("shared", {"traffic": '{"nobody": 100}'})
    with pytest.raises(InvalidValue, match="auth_mode"):
        inside.create(case.request("blue", auth_mode="Key"))
    with pytest.raises(NotFound, match="no deployment of the endpoint"):
        inside.predict("", case.payload)
    with pytest.raises(NotFound) as caught:
        case.target.within("missing").create(case.request("blue"))
    assert "create-endpoint" in caught.value.hint
    case.target.create(case.request("own"))
    with pytest.raises(NotFound):
        case.target.get_endpoint("own")
    case.target.delete_endpoint("own")
    assert case.target.within("own").list() == []
    with pytest.raises(NotFound, match="belongs to one deployment"):
        case.target.within("own").create(case.request("blue"))
    assert case.target.get("own").status == "READY"
