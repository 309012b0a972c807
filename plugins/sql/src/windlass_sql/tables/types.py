"""The column types, as each database wants them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import UserDefinedType

_CASE_SENSITIVE = {"charset": "utf8mb4", "collation": "utf8mb4_bin"}


class SignedReal(UserDefinedType[float]):
    """A double that keeps the sign of zero: SQLite loses it in every column that is declared as a number."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The declared type in SQLite, which leaves values as they are."""
        return "BLOB"


def name(length: int) -> sa.types.TypeEngine[str]:
    """A text that minds the case and is ordered by code point."""
    return (
        sa.String(length)
        .with_variant(mysql.VARCHAR(length, **_CASE_SENSITIVE), "mysql", "mariadb")
        .with_variant(sa.String(length, collation="C"), "postgresql")
    )


def text() -> sa.types.TypeEngine[str]:
    """A text without a limit that matters, otherwise like `name`."""
    return (
        sa.Text()
        .with_variant(mysql.LONGTEXT(**_CASE_SENSITIVE), "mysql", "mariadb")
        .with_variant(sa.Text(collation="C"), "postgresql")
    )


def real() -> sa.types.TypeEngine[float]:
    """A 64-bit floating point number; NaN and the infinities are told by the column `kind` beside it."""
    return sa.Double().with_variant(SignedReal(), "sqlite")
