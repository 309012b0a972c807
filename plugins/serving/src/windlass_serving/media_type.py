"""What a request says about its body."""

from __future__ import annotations

from dataclasses import dataclass

from windlass.errors import Unsupported

JSON, CSV = "application/json", "text/csv"
_OLD_FORMATS = {"pandas-split": "dataframe_split", "pandas-records": "dataframe_records"}


@dataclass(frozen=True, slots=True)
class MediaType:
    """The media type of a request; `wrapped_as` names the form of input that a client of MLflow 1 sends bare."""

    name: str = JSON
    wrapped_as: str | None = None

    @classmethod
    def parse(cls, header: str | None) -> MediaType:
        """Read a Content-Type header; JSON without one, Unsupported for what the scoring server does not read."""
        name, *rest = (part.strip() for part in (header or JSON).split(";"))
        name = name.lower() or JSON
        if name not in {JSON, CSV}:
            raise Unsupported(f"the media type {name!r} is not known", hint=f"send {JSON} or {CSV}")
        wrapped_as = None
        for parameter in filter(None, rest):
            key, _, value = parameter.partition("=")
            value = value.strip().strip('"').lower()
            if key.strip().lower() == "format" and name == JSON and value in _OLD_FORMATS:
                wrapped_as = _OLD_FORMATS[value]
            elif key.strip().lower() != "charset" or value not in {"utf-8", "utf8"}:
                hint = "leave it out; the text must be UTF-8"
                raise Unsupported(f"the Content-Type parameter {parameter!r} is not known", hint=hint)
        return cls(name, wrapped_as)
