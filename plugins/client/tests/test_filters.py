from __future__ import annotations

import pytest

from windlass.search import LOGGED_MODELS, MODEL_VERSIONS, RUNS, parse_filter, parse_order_by
from windlass_client.filters import VERSION_NAMES, write_filter, write_order


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (RUNS, "status = 'FINISHED' AND metrics.loss < 0.5"),
        (RUNS, "params.`a b` LIKE 'x%' AND (tags.t = 'it''s' OR NOT run_name IS NULL)"),
        (RUNS, "NOT (metrics.a > 1 OR start_time >= 5) AND run_id NOT IN ('a', 'b')"),
        (LOGGED_MODELS, 'name = "it\'s" AND metrics.`acc/val` > 0.1'),
        (RUNS, ""),
    ],
)
def test_what_is_written_means_what_was_read(schema, text):
    expression = parse_filter(text, schema)
    assert parse_filter(write_filter(expression), schema) == expression


def test_attributes_stand_without_a_prefix_as_every_server_reads_them():
    expression = parse_filter("attributes.status = 'FINISHED' and metrics.m > 1", RUNS)
    assert write_filter(expression) == "status = 'FINISHED' AND metrics.m > 1"
    assert write_order([parse_order_by("attributes.start_time DESC", RUNS)]) == ("start_time DESC",)


def test_versions_go_by_the_names_that_mlflow_knows():
    expression = parse_filter("version = 3", MODEL_VERSIONS)
    assert write_filter(expression, VERSION_NAMES) == "version_number = 3"
    assert parse_filter("version_number = 3", MODEL_VERSIONS) == expression
