"""The stores pass the suites of their interfaces; the same classes ship in the wheel."""

from __future__ import annotations

from windlass_elasticsearch.conformance import (
    TestElasticsearchModelRegistry,
    TestElasticsearchRecordStore,
    TestElasticsearchTrackingStore,
    prefix,
)

__all__ = [
    "TestElasticsearchModelRegistry",
    "TestElasticsearchRecordStore",
    "TestElasticsearchTrackingStore",
    "prefix",
]
