"""Doubles of services for the tests of deployment targets: servers that refuse what the real ones refuse."""

from __future__ import annotations

import pytest

# Without it a failed assert in the suite says nothing.
pytest.register_assert_rewrite("windlass_rest.testing.cases")
