"""The `python` of a pod: the real one, but for `-m windlass`, which a warm process is asked for."""

from __future__ import annotations

import os
import sys


def main():
    path = os.environ.get("DOUBLE_WARM_PYTHON")
    if sys.argv[1:3] != ["-m", "windlass"] or not path:
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
    import json
    import signal
    import socket

    told = {
        "arguments": sys.argv[3:],
        "directory": os.getcwd(),  # noqa: PTH109  pathlib takes its time to import
        "variables": dict(os.environ),
    }
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [json.dumps(told).encode()], [0, 1, 2])
        answers = connection.makefile()
        pid = int(answers.readline())
        signal.signal(signal.SIGTERM, lambda *_: os.kill(pid, signal.SIGTERM))
        code = int(answers.readline() or 137)
    os._exit(code if code >= 0 else 128 - code)


main()
