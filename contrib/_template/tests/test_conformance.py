"""The context passes the suite of its interface; the same class ships in the wheel."""

from __future__ import annotations

from windlass_template.conformance import TestMachineContext

__all__ = ["TestMachineContext"]
