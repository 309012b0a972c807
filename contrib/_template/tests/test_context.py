from __future__ import annotations

import windlass
from windlass.plugins import Kind, PluginManager


def test_the_manifest_provides_the_context():
    context = PluginManager().load(Kind.RUN_CONTEXT, "machine")
    assert set(context().tags()) <= {"machine.name", "machine.architecture"}


def test_every_run_is_tagged_with_its_machine(monkeypatch):
    monkeypatch.setattr("platform.node", lambda: "harbour-7")
    windlass.set_tracking_uri("memory://template")
    with windlass.start_run() as run:
        pass
    assert windlass.get_run(run.info.run_id).data.tags["machine.name"] == "harbour-7"
