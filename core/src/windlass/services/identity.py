"""Ids, times and names for new things."""

from __future__ import annotations

import secrets
import time

_ADJECTIVES = """
    able amber bold brave bright brisk calm clever cosy crisp deft eager fair fleet fond frank gentle glad grand
    hardy keen kind lively loyal lucid merry mild neat nimble noble patient plucky polite proud quick quiet rapid
    ready salty sharp sleek smart snug solid spry steady sturdy sunny swift tidy trim trusty vivid warm wise witty
""".split()  # noqa: SIM905  a list of one word a line would hide the code
_NOUNS = """
    albatross anchor bear beaver bosun capstan crane cutter dolphin eel falcon ferry finch fox galleon gannet gull
    halyard harbour hare heron jib keel ketch kite lynx marlin mast mole otter owl petrel pike plover puffin raven
    reef rudder salmon seal skiff sloop sparrow squid stork swan tern tide trout turtle walrus whale winch wren yawl
""".split()  # noqa: SIM905  a list of one word a line would hide the code


def now_ms() -> int:
    """The present, in epoch milliseconds UTC."""
    return time.time_ns() // 1_000_000


def new_run_id() -> str:
    """32 hex digits that sort by time: 12 of milliseconds, 20 of chance."""
    return f"{now_ms():012x}{secrets.token_hex(10)}"


def new_model_id() -> str:
    """The id of a logged model."""
    return f"m-{new_run_id()}"


def new_name() -> str:
    """A name that people can say, for what was given none."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}-{secrets.randbelow(1000)}"
