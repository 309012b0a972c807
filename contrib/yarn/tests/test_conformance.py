"""The backend passes the suite of its interface; the same class ships in the wheel."""

from __future__ import annotations

from windlass_yarn.conformance import TestYarnProjectBackend

__all__ = ["TestYarnProjectBackend"]
