"""SQL Server: there is none to test with, so at least every table and statement can be written in its language."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.schema import CreateIndex, CreateTable

from windlass.search import LOGGED_MODELS, RUNS
from windlass.testing.samples import query
from windlass_sql.filters import compile_filter
from windlass_sql.logged_model_search import LOGGED_MODEL_ENTITY
from windlass_sql.run_search import RUN_ENTITY
from windlass_sql.tables import metadata
from windlass_sql.tables.types import ExactText


class Connection:
    """As much of a connection as compiling looks at."""

    dialect = mssql.dialect()


def sql(clause):
    return str(clause.compile(dialect=Connection.dialect))


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_can_be_created(table):
    text = sql(CreateTable(table))
    assert f"CREATE TABLE {table.name}" in text
    assert text.count("UTF8") == sum(isinstance(column.type, ExactText) for column in table.columns)
    for index in table.indexes:
        # Those of other databases are made there only.
        if index._ddl_if is None:
            assert "CREATE" in sql(CreateIndex(index))


@pytest.mark.parametrize(
    ("schema", "entity", "text"),
    [
        (RUNS, RUN_ENTITY, "params.x = 'y' AND (metrics.m < 1 OR NOT tags.t LIKE 'a%') AND status IN ('FINISHED')"),
        (RUNS, RUN_ENTITY, "tags.t ILIKE '%A' AND start_time > 5 AND dataset.name = 'iris'"),
        (LOGGED_MODELS, LOGGED_MODEL_ENTITY, "metrics.m >= 0.5 AND params.p != 'x'"),
    ],
)
def test_a_filter_can_be_written(schema, entity, text):
    condition = compile_filter(Connection(), query(schema, text), entity)
    statement = sa.select(*entity.columns).select_from(entity.source).where(condition).limit(10)
    assert "TOP" in sql(statement)
