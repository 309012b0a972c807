"""The column types, as each database wants them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

_CHARSET = "utf8mb4"
# Code points, and spaces at the end count; the two servers have no such collation in common.
_MARIADB, _MYSQL = "utf8mb4_nopad_bin", "utf8mb4_0900_bin"
_SQL_SERVER = "Latin1_General_100_BIN2_UTF8"


class SignedReal(UserDefinedType[float]):
    """A double that keeps the sign of zero: SQLite loses it in every column that is declared as a number."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The declared type in SQLite, which leaves values as they are."""
        return "BLOB"


class ExactText(TypeDecorator[str]):
    """A text that minds case, accents and spaces at the end, and is ordered by code point; any length without one."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        """The type that the database has for it."""
        length = self.length
        match dialect.name:
            case "mysql" | "mariadb":
                from sqlalchemy.dialects import mysql  # noqa: PLC0415  only where there is one, as below

                exact = {"charset": _CHARSET, "collation": _MARIADB if getattr(dialect, "is_mariadb", True) else _MYSQL}
                return mysql.VARCHAR(length, **exact) if length else mysql.LONGTEXT(**exact)
            case "postgresql":
                return sa.String(length, collation="C") if length else sa.Text(collation="C")
            case "mssql":
                from sqlalchemy.dialects import mssql  # noqa: PLC0415

                # UTF-8 needs up to four bytes a character.
                return mssql.VARCHAR(4 * length if length else None, collation=_SQL_SERVER)
            case _:
                return sa.String(length) if length else sa.Text()


def name(length: int) -> TypeEngine[str]:
    """A text of at most so many characters, compared exactly."""
    return ExactText(length)


def text() -> TypeEngine[str]:
    """A text without a limit that matters, compared exactly."""
    return ExactText()


def real() -> TypeEngine[float]:
    """A 64-bit floating point number; NaN and the infinities are told by the column `kind` beside it."""
    return sa.Double().with_variant(SignedReal(), "sqlite")
