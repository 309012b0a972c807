"""A module whose driver nobody has."""

from __future__ import annotations

import a_driver_that_nobody_has  # type: ignore[import-not-found]  # noqa: F401  the test is about this failure
