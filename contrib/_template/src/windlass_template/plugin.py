"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """One run context."""
    return [
        Provider(
            Kind.RUN_CONTEXT,
            ("machine",),
            "windlass_template.context:MachineContext",
            "The machine's name.",
            suite="windlass_template.conformance:TestMachineContext",
        )
    ]
