"""windlass ui: start the server and open the web interface in a browser."""

from __future__ import annotations

import threading
import webbrowser
from typing import Any

import click

from windlass.errors import MissingDependency
from windlass.plugins import get_plugin_manager, load_object

_READY = "windlass.server_ready"


def _server_command() -> click.Command:
    """The command of the server plugin, whose options this one takes too."""
    commands = get_plugin_manager().commands()
    if "server" not in commands:
        raise MissingDependency("the web interface needs the server", hint="pip install windlass-server")
    command: click.Command = load_object(commands["server"].target)
    return command


def _open_aside(url: str) -> None:
    # It may take its time, and the server answers meanwhile.
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _make() -> click.Command:
    server = _server_command()

    def start(*, browser: bool, **options: Any) -> Any:
        context = click.get_current_context()
        if browser:
            context.meta[_READY] = lambda url: threading.Thread(
                target=webbrowser.open, args=(url,), daemon=True
            ).start()
        return context.invoke(server, **options)

    choice = click.Option(["--browser/--no-browser"], default=True, show_default=True, help="Open a browser.")
    return click.Command(
        "ui", callback=start, params=[*server.params, choice], help="Start the server and open the web interface."
    )


ui = _make()
