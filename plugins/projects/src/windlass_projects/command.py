"""Command: what the system is to start for an entry point, with every value as one piece of one argument.

A template without anything that only a shell understands becomes a list of arguments, and no shell is near. One that
uses a pipe, a variable or another command's output asks for a shell and gets bash. Then the values go through variables
of the environment and only their names into the text, so that no value can ever be read as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from windlass.errors import InvalidValue
from windlass_projects.entry_point import EntryPoint

_OPERATORS = frozenset("|&;<>()$`*?[]{}\n")
_AT_WORD_START = frozenset("~#!")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_SHELL_WORDS = frozenset(
    """
    alias case cd declare eval exec export for function if local read select set shift source time trap ulimit umask
    unset until wait while .
    """.split()  # noqa: SIM905  a list of one word a line would hide the code
)
_ESCAPABLE = frozenset('$`"\\\n')


@dataclass(frozen=True, slots=True)
class Command:
    """A list of arguments, and the variables of the environment that belong to it."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, entry: EntryPoint, values: Mapping[str, str]) -> Command:
        """The command of an entry point; values that its template does not name follow as `--name value`."""
        extra = [word for name, value in _undeclared(entry, values) for word in (f"--{name}", value)]
        if entry.words:
            return cls((*entry.words, *extra))
        reader = _Template(entry, values)
        return reader.command(extra)


def _undeclared(entry: EntryPoint, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in values.items() if name not in entry.parameters)


class _Template:
    """Reads a template once, as words and, beside them, as a script in which values are variables."""

    def __init__(self, entry: EntryPoint, values: Mapping[str, str]) -> None:
        self._entry = entry
        self._quote = ""
        self._escaping = False
        self._word: str | None = None
        self._words: list[str] = []
        self._script: list[str] = []
        self._variables: dict[str, str] = {}
        self._shell = False
        for text, name in _pieces(entry):
            self._literal(text)
            if name is not None:
                self._value(self._look_up(name, values))
        self._end_word()

    def command(self, extra: list[str]) -> Command:
        """The command, with more arguments after it."""
        first = self._words[0] if self._words else ""
        if self._shell or first in _SHELL_WORDS or _ASSIGNMENT.match(first):
            more = [f'"{self._variable(word)}"' for word in extra]
            return Command(("bash", "-c", " ".join(["".join(self._script), *more])), self._variables)
        if self._quote or self._escaping or not first:
            raise self._problem("has an open quote" if first else "is empty")
        return Command((*self._words, *extra))

    def _literal(self, text: str) -> None:
        self._script.append(text)
        for char in text:
            if self._escaping:
                self._escaped(char)
            elif char == "\\" and self._quote != "'":
                self._escaping = True
            elif self._quote:
                self._quoted(char)
            else:
                self._plain(char)

    def _escaped(self, char: str) -> None:
        self._escaping = False
        if char == "\n":
            return
        kept = "\\" if self._quote and char not in _ESCAPABLE else ""
        self._add(kept + char)

    def _quoted(self, char: str) -> None:
        if char == self._quote:
            self._quote = ""
            return
        self._shell |= self._quote == '"' and char in "$`"
        self._add(char)

    def _plain(self, char: str) -> None:
        if char in " \t":
            self._end_word()
        elif char in "'\"":
            self._quote = char
            self._add("")
        else:
            self._shell |= char in _OPERATORS or (char in _AT_WORD_START and self._word is None)
            self._add(char)

    def _value(self, value: str) -> None:
        if self._escaping:
            raise self._problem("has a backslash before a parameter")
        variable = self._variable(value)
        self._script.append({"'": f"'\"{variable}\"'", '"': variable}.get(self._quote, f'"{variable}"'))
        self._add(value)

    def _variable(self, value: str) -> str:
        name = f"WINDLASS_VALUE_{len(self._variables)}"
        self._variables[name] = value
        return f"${{{name}}}"

    def _add(self, text: str) -> None:
        self._word = (self._word or "") + text

    def _end_word(self) -> None:
        if self._word is not None:
            self._words.append(self._word)
        self._word = None

    def _look_up(self, name: str, values: Mapping[str, str]) -> str:
        if name not in values:
            known = ", ".join(sorted(values)) or "none"
            raise self._problem(f"names {{{name}}}, which is no parameter (known: {known})")
        return values[name]

    def _problem(self, problem: str) -> InvalidValue:
        hint = "write {{ and }} for braces that are not about a parameter"
        return InvalidValue(f"command of entry point {self._entry.name}", self._entry.template, problem, hint=hint)


def _pieces(entry: EntryPoint) -> Iterator[tuple[str, str | None]]:
    """Each text with the name of the parameter after it; None at the end."""
    where = f"command of entry point {entry.name}"
    try:
        for text, name, form, conversion in Formatter().parse(entry.template.strip()):
            if form or conversion:
                raise InvalidValue(where, f"{{{name}…}}", "must be just the name of a parameter")
            yield text, name
    except ValueError as error:
        hint = "write {{ and }} for braces that are not about a parameter"
        raise InvalidValue(where, entry.template, f"cannot be read ({error})", hint=hint) from None
