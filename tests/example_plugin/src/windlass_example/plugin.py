"""What this distribution plugs in."""

from __future__ import annotations

from windlass import Command, Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Tags every run with a greeting, and a store that cannot be imported."""
    return [
        Provider(Kind.RUN_CONTEXT, ("example",), "windlass_example.context:Greeting", "Greets."),
        Provider(
            Kind.TRACKING_STORE,
            ("example",),
            "windlass_example.missing:Store",
            "A store.",
            install="windlass-example[store]",
        ),
    ]


@hookimpl
def windlass_commands() -> list[Command]:
    """A command that says hello."""
    return [Command("hello", "windlass_example.commands:hello", "Says hello.")]
