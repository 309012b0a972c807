from __future__ import annotations

import pytest

from windlass.errors import InvalidValue
from windlass_ray.serve.options import OPTIONS, ServeOptions

_BAD = {
    "num_replicas": "0",
    "max_replicas": "two",
    "num_cpus": "-1",
    "num_gpus": "nan",
    "memory": "1GB",
    "max_ongoing_requests": "0",
    "route_prefix": "fraud",
    "http_url": "localhost:8000",
    "timeout": "0",
    "request_timeout": "for ever",
    "environment": "conda",
    "storage": "models",
}


@pytest.mark.parametrize(("name", "value"), _BAD.items())
def test_a_bad_value_is_refused_with_the_option_and_the_value(name, value):
    with pytest.raises(InvalidValue) as caught:
        ServeOptions.parse({name: value})
    assert name in str(caught.value)
    assert value in str(caught.value)


def test_every_option_has_a_bad_value_above():
    assert {one.name for one in OPTIONS} == set(_BAD)


def test_without_options_one_copy_takes_one_processor():
    assert ServeOptions.parse({}).of_model() == {
        "num_replicas": 1,
        "max_ongoing_requests": 8,
        "ray_actor_options": {"num_cpus": 1.0, "num_gpus": 0.0},
    }


def test_a_range_of_copies_is_scaled_by_serve():
    told = ServeOptions.parse({"num_replicas": "2", "max_replicas": "5", "memory": "1000"}).of_model()
    assert told["autoscaling_config"] == {"min_replicas": 2, "max_replicas": 5}
    assert told["ray_actor_options"]["memory"] == 1000
    assert "num_replicas" not in told


def test_a_range_that_is_none_is_refused():
    with pytest.raises(InvalidValue, match="max_replicas"):
        ServeOptions.parse({"num_replicas": "5", "max_replicas": "2"})
