"""windlass ui: start the server and open the web interface in a browser."""

from __future__ import annotations

import socket
import threading
import time
import webbrowser
from typing import Any

import click

from windlass.errors import MissingDependency
from windlass.plugins import get_plugin_manager, load_object

_PATIENCE = 60.0


def _server_command() -> click.Command:
    """The command of the server plugin, whose options this one takes too."""
    commands = get_plugin_manager().commands()
    if "server" not in commands:
        raise MissingDependency("the web interface needs the server", hint="pip install windlass-server")
    command: click.Command = load_object(commands["server"].target)
    return command


def _open_when_ready(host: str, port: int) -> None:
    """Open the browser as soon as the server takes connections; give up silently when it does not come up."""
    address = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  a comparison, nothing is bound here
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        try:
            with socket.create_connection((address, port), timeout=1):
                break
        except OSError:
            time.sleep(0.1)
    else:
        return
    webbrowser.open(f"http://{address}:{port}/")


def _make() -> click.Command:
    server = _server_command()

    def start(*, browser: bool, **options: Any) -> Any:
        if browser:
            arguments = (options["host"], options["port"])
            threading.Thread(target=_open_when_ready, args=arguments, daemon=True).start()
        return click.get_current_context().invoke(server, **options)

    choice = click.Option(["--browser/--no-browser"], default=True, show_default=True, help="Open a browser.")
    return click.Command(
        "ui", callback=start, params=[*server.params, choice], help="Start the server and open the web interface."
    )


ui = _make()
