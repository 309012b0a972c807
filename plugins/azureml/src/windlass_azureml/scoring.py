"""Asking a model that Azure serves with MLflow, which has its own form of requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.errors import InvalidValue

_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


def to_azure(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A request in the scoring server's form as Azure takes it; InvalidValue if it is in none of them."""
    given = [name for name in _FORMS if name in payload]
    unknown = set(payload) - {*_FORMS, "params"}
    if len(given) != 1 or unknown:
        raise InvalidValue("payload", sorted(map(str, payload)), "is no request", limit=", ".join(_FORMS))
    data = payload[given[0]]
    asked = {"input_data": _table(data) if given[0] == "dataframe_records" else data}
    return asked | ({"params": payload["params"]} if "params" in payload else {})


def from_azure(answer: Any) -> Any:
    """The answer in the scoring server's form."""
    return answer if isinstance(answer, Mapping) and "predictions" in answer else {"predictions": answer}


def _table(records: Any) -> Any:
    """Rows with names as columns with rows."""
    if not isinstance(records, list) or not all(isinstance(one, Mapping) for one in records):
        raise InvalidValue("payload", type(records).__name__, "must be a list of objects")
    columns = list(dict.fromkeys(name for one in records for name in one))
    rows = [[one.get(name) for name in columns] for one in records]
    return {"columns": columns, "index": list(range(len(rows))), "data": rows}
