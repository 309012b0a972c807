"""The suite of the interface, on a real Spark and with a program in its place."""

from __future__ import annotations

import pytest

from windlass_spark.conformance import TestSparkProjectBackend

__all__ = ["TestSparkProjectBackend"]


class TestWithoutSpark(TestSparkProjectBackend):
    """The same where spark-submit only runs the script."""

    @pytest.fixture
    def spark(self, spark):
        return {"spark_home": str(spark), "master": "local[2]"}
