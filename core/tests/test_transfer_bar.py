from __future__ import annotations

import io
import sys

from windlass.cli.transfer_bar import transfer_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_how_far_it_is(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with transfer_bar("fetching") as progress:
        progress(1, 4)
        progress(4, 4)
    shown = terminal.getvalue()
    assert "fetching" in shown
    assert "100%" in shown


def test_a_program_sees_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with transfer_bar("fetching") as progress:
        assert progress is None
    assert sys.stderr.getvalue() == ""
