"""The stores pass the suites of their interfaces; the same classes ship in the wheel."""

from __future__ import annotations

from windlass_sql.conformance import TestSqlModelRegistry, TestSqlRecordStore, TestSqlTrackingStore

__all__ = ["TestSqlModelRegistry", "TestSqlRecordStore", "TestSqlTrackingStore"]
