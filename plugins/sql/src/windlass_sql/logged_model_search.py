"""What a filter or an ordering sees of a logged model."""

from __future__ import annotations

import sqlalchemy as sa

from windlass.search import FieldKind, OrderBy, Query
from windlass_sql.searchable import Condition, Metrics, Searchable, Texts
from windlass_sql.tables import logged_model_metrics, logged_model_params, logged_model_tags, logged_models

_ATTRIBUTES = (
    "model_id",
    "experiment_id",
    "name",
    "model_type",
    "status",
    "source_run_id",
    "artifact_location",
    "creation_timestamp",
    "last_updated_timestamp",
)


def _belongs(table: sa.FromClause) -> Condition:
    return table.c.model_id == logged_models.c.model_id


def _limit(table: sa.FromClause, query: Query) -> Condition:
    """The points measured on one of the query's data sets; without a digest any data set of the name will do."""
    if not query.datasets:
        return sa.true()
    return sa.or_(*(_measured_on(table, name, digest) for name, digest in query.datasets))


def _measured_on(table: sa.FromClause, name: str, digest: str | None) -> Condition:
    same = table.c.dataset_name == name
    if digest is not None:
        same = sa.and_(same, sa.func.coalesce(table.c.dataset_digest, "") == digest)
    return sa.and_(table.c.dataset_name.is_not(None), same)


def _newest(order: OrderBy, _query: Query) -> sa.FromClause:
    """The newest point of each model, on the ordering's data set if it names one."""
    table = logged_model_metrics
    rank = sa.func.row_number().over(
        partition_by=table.c.model_id,
        order_by=[table.c.step.desc(), table.c.timestamp.desc(), table.c.kind.desc(), table.c.value.desc()],
    )
    conditions = [table.c.key == order.field.key]
    if order.dataset_name is not None:
        conditions.append(_measured_on(table, order.dataset_name, order.dataset_digest))
    ranked = sa.select(table.c.model_id, table.c.kind, table.c.value, rank.label("place")).where(*conditions).subquery()
    return sa.select(ranked.c.model_id, ranked.c.kind, ranked.c.value).where(ranked.c.place == 1).subquery()


LOGGED_MODEL_ENTITY = Searchable(
    name="logged_models",
    source=logged_models,
    columns=tuple(logged_models.columns),
    attributes={name: logged_models.c[name] for name in _ATTRIBUTES},
    texts={
        FieldKind.PARAM: Texts(logged_model_params, _belongs),
        FieldKind.TAG: Texts(logged_model_tags, _belongs),
    },
    metrics=Metrics(logged_model_metrics, _belongs, _newest, _limit),
)
