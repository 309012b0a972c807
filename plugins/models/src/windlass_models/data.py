"""`windlass.data`: describing the data that a run read, so that it can be found again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windlass.errors import InvalidValue
from windlass_models.inference import infer_schema

_DIGEST_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Source:
    """Where data came from: a kind, and what that kind needs to find it."""

    source_type: str
    place: dict[str, Any]

    def to_json(self) -> str:
        """The place as JSON."""
        return json.dumps(self.place)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A described table or array: `data` itself is kept for the caller and never stored.

    `digest` is 8 hex digits of its content, `schema` and `profile` are JSON texts.
    """

    name: str
    digest: str
    source: Source
    schema: str
    profile: str
    data: Any
    targets: str | None = None
    predictions: str | None = None

    def to_dict(self) -> dict[str, str]:
        """The description as it is logged."""
        return {
            "name": self.name,
            "digest": self.digest,
            "source_type": self.source.source_type,
            "source": self.source.to_json(),
            "schema": self.schema,
            "profile": self.profile,
        }


def from_pandas(
    df: Any,
    source: str | Source | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> DataSet:
    """Describe a pandas table; `targets` and `predictions` name columns of it."""
    for field, column in (("targets", targets), ("predictions", predictions)):
        if column is not None and column not in df.columns:
            known = ", ".join(map(str, df.columns))
            raise InvalidValue(field, column, "is no column", limit=known)
    return DataSet(
        name=name or "dataset",
        digest=digest or _digest_frame(df),
        source=_source(source),
        schema=json.dumps({"mlflow_colspec": infer_schema(df).to_dict()}),
        profile=json.dumps({"num_rows": len(df), "num_elements": int(df.size)}),
        data=df,
        targets=targets,
        predictions=predictions,
    )


def from_numpy(
    features: Any,
    source: str | Source | None = None,
    targets: Any = None,
    name: str | None = None,
    digest: str | None = None,
) -> DataSet:
    """Describe a numpy array of features, with the array of targets if there is one."""
    arrays = {"features": features, **({} if targets is None else {"targets": targets})}
    schema = {part: infer_schema(array).to_dict() for part, array in arrays.items()}
    profile = {f"{part}_{fact}": value for part, array in arrays.items() for fact, value in _facts(array).items()}
    return DataSet(
        name=name or "dataset",
        digest=digest or _digest_arrays(list(arrays.values())),
        source=_source(source),
        schema=json.dumps({"mlflow_tensorspec": schema}),
        profile=json.dumps(profile),
        data=features,
    )


def _source(source: str | Path | Source | None) -> Source:
    if isinstance(source, Source):
        return source
    if source is None:
        return Source("code", {"tags": {}})
    text = str(source)
    scheme = text.partition("://")[0] if "://" in text else "local"
    kind = {"https": "http", "file": "local"}.get(scheme, scheme)
    return Source(kind, {"url": text} if kind == "http" else {"uri": text})


def _facts(array: Any) -> dict[str, Any]:
    return {"shape": list(array.shape), "size": int(array.size), "nbytes": int(array.nbytes)}


def _digest_frame(frame: Any) -> str:
    from pandas.util import hash_pandas_object  # noqa: PLC0415  heavy

    digest = hashlib.sha256(repr([(str(name), str(kind)) for name, kind in frame.dtypes.items()]).encode())
    digest.update(hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _digest_arrays(arrays: list[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes() if array.dtype.hasobject is False else repr(array.tolist()).encode())
    return digest.hexdigest()[:_DIGEST_LENGTH]
