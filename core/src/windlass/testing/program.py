"""Starting the program in tests as a terminal starts it."""

from __future__ import annotations

import sys

_START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
runpy.run_module("windlass", run_name="__main__", alter_sys=True)
"""


def program_command(*arguments: object) -> list[str]:
    """The command that starts `windlass` with arguments, and heeds ctrl-C and a hang-up.

    What a shell starts in the background ignores ctrl-C, what `nohup` starts ignores a hang-up, and so does everything
    that is started from there, such as tests in a CI job.
    """
    return [sys.executable, "-c", _START, *map(str, arguments)]
