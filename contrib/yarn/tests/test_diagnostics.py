from __future__ import annotations

import pytest

from windlass_yarn.diagnostics import explained

_CONTAINER = (
    "[2026-11-21 18:41:26]Exception from container-launch.\nContainer id: container_1_2_01_000002\n"
    "Exit code: 127\n\n[2026-11-21 18:41:26]Container exited with a non-zero exit code 127. Error file: x.\n"
    "Last 4096 bytes of stderr :\n{}\n\n[2026-11-21 18:41:26]Container exited with a non-zero exit code 127. "
    "Error file: prelaunch.err.\nLast 4096 bytes of stderr :\n{}\n"
)
_CONTAINER_SAID = (
    "the application failed: Exception from container-launch.\nContainer id: container_1_2_01_000002\n"
    "Exit code: 127\nno space left"
)


@pytest.mark.parametrize(
    ("diagnostics", "said"),
    [
        ("", ""),
        ("Diagnostics., total=1, completed=1, allocated=1, failed=1", ""),
        (
            "Application Failure: desired = 1, completed = 1, allocated = 1, failed = 1, diagnostics = " + _CONTAINER,
            "the command ended with exit code 127",
        ),
        (
            "Application a failed 1 times due to AM Container exited with  exitCode: 1\n"
            + _CONTAINER.replace(
                "{}", "Error: Could not find or load main class org.x.distributedshell.ApplicationMaster"
            ),
            "the nodes do not find Hadoop's DistributedShell: the option `classpath` says where they have its classes",
        ),
        (
            _CONTAINER.replace("{}", "no space left"),
            _CONTAINER_SAID,
        ),
    ],
)
def test_people_read_why_an_application_failed_once(diagnostics, said):
    assert explained(diagnostics) == said


def test_a_command_that_took_too_much_memory_is_told_so():
    said = explained(
        "Application Failure: desired = 1, completed = 1, allocated = 1, failed = 1, diagnostics = "
        "[2026-11-21 18:41:26]Container [pid=1] is running 99B beyond the 'PHYSICAL' memory limit.\nExit code: 143\n"
    )
    assert "beyond the 'PHYSICAL' memory limit" in said
