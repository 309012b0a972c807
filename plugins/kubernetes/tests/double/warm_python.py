"""A process that has imported the scoring server, and forks for every `python -m windlass` of a pod.

Started as `warm_python.py SOCKET`. A pod starts many servers; one that imports everything anew takes seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import runpy
import selectors
import signal
import socket
import sys

_END_WITH_PARENT = 1


def main(path):
    __import__("numpy")
    __import__("pandas")
    __import__("uvicorn")

    import windlass.cli  # noqa: F401
    import windlass_serving.server

    windlass_serving.server.public_module("windlass.pyfunc")
    __import__("windlass.models")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    selector, running = selectors.DefaultSelector(), {}
    selector.register(listener, selectors.EVENT_READ)
    parent = os.getppid()
    while os.getppid() == parent:
        for key, _ in selector.select(0.02 if running else 0.2):
            if key.fileobj is listener:
                connection, _ = listener.accept()
                if pid := _start(listener, connection):
                    running[pid] = connection
                    selector.register(connection, selectors.EVENT_READ, pid)
            elif _has_left(key.fileobj):
                # Who asked for it has been killed, and so it goes, too.
                selector.unregister(key.fileobj)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(key.data, signal.SIGKILL)
        for pid, connection in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del running[pid]
                with contextlib.suppress(KeyError):
                    selector.unregister(connection)
                with contextlib.suppress(OSError):
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
                connection.close()


def _has_left(connection):
    try:
        return not connection.recv(1)
    except OSError:
        return True


def _start(listener, connection):
    """The process that does what somebody asks for; None if they were killed before they had asked."""
    try:
        told, descriptors, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        content = json.loads(told)
    except (OSError, ValueError):
        connection.close()
        return None
    pid = os.fork()
    if pid:
        for one in descriptors:
            os.close(one)
        with contextlib.suppress(OSError):
            connection.sendall(f"{pid}\n".encode())
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
        listener.close()
        connection.close()
        for number, one in enumerate(descriptors):
            os.dup2(one, number)
        os.chdir(content["directory"])
        os.environ.clear()
        os.environ.update(content["variables"])
        sys.argv = ["windlass", *content["arguments"]]
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        runpy.run_module("windlass", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception:  # noqa: BLE001  whatever it is, the pod prints it
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
