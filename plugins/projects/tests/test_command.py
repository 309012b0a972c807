"""What becomes of values: each is one piece of one argument, whatever is in it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from windlass.errors import InvalidValue
from windlass_projects.command import Command
from windlass_projects.entry_point import EntryPoint, Parameter

VALUES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
SHOW = "import json, sys; print(json.dumps(sys.argv[1:]))"


def entry(template, *names, **fields):
    return EntryPoint("main", template, (), {name: Parameter(name) for name in names}, **fields)


def build(template, **values):
    return Command.build(entry(template, *values), values)


def printed(command):
    """The arguments that a program is given by the command, as the system starts it."""
    done = subprocess.run(
        list(command.arguments), env={**os.environ, **command.variables}, capture_output=True, text=True, timeout=20,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("template", "arguments"),
    [
        ("python train.py --rate {a}", ("python", "train.py", "--rate", "x y")),
        ("python train.py --rate={a} '{a}' \"{a}\"", ("python", "train.py", "--rate=x y", "x y", "x y")),
        ("python train.py \\\n  {a}\n", ("python", "train.py", "x y")),
        ("python 'a b' '' c\\ d \"\\\"e\\n\"", ("python", "a b", "", "c d", '"e\\n')),
        ("python {{x}}", None),
        ("python -c 'print({{1}})'", ("python", "-c", "print({1})")),
    ],
)
def test_a_plain_template_becomes_a_list_of_arguments(template, arguments):
    command = build(template, a="x y")
    if arguments is None:
        assert command.arguments[:2] == ("bash", "-c")
    else:
        assert (command.arguments, command.variables) == (arguments, {})


@pytest.mark.parametrize(
    "template",
    [
        "a | b",
        "a && b",
        "a; b",
        "a > b",
        "a $HOME",
        'a "$HOME"',
        "a `b`",
        "a *.csv",
        "cd x",
        "X=1 a",
        "a\nb",
        "~/a",
        "a &",
    ],
)
def test_what_only_a_shell_understands_asks_for_one(template):
    assert build(template).arguments == ("bash", "-c", template)


@pytest.mark.parametrize("template", ["a 'b$c|d'", 'a "b|c;d"', "a b=c", "a x#y", "a ''"])
def test_what_is_quoted_does_not(template):
    assert build(template).arguments == tuple(shlex.split(template))


@given(VALUES, VALUES)
@example("; rm -rf /", "$(touch x)")
@example("'", '"')
@example("", "--flag")
def test_no_value_is_ever_more_than_its_piece(first, second):
    command = build("python train.py {a} --b={b} '{a}' \"{b}{a}\"", a=first, b=second)
    assert command.arguments == ("python", "train.py", first, f"--b={second}", first, second + first)


@pytest.mark.parametrize(
    "hard",
    [
        "; echo no",
        "$(echo no) `echo no`",
        "'\"'\"",
        "",
        "a\nb",
        "*",
        "\\",
        "${HOME}",
        "-n",
        "ünï 日本",
        "'; echo no; '",
    ],
)
def test_a_shell_that_is_asked_for_gives_every_value_to_the_program_as_it_is(hard):
    python = shlex.quote(sys.executable)
    template = f"true && {python} -c {shlex.quote(SHOW)} {{a}} x{{a}} '{{a}}' \"y{{a}}\" | cat"
    assert printed(build(template.replace("sys.argv[1:]", "sys.argv[1:]"), a=hard)) == [
        hard,
        f"x{hard}",
        hard,
        f"y{hard}",
    ]


@pytest.mark.parametrize("inside", ['echo "$(echo {a})"', "cat <<E\n{a}\nE", "echo `echo {a}`"])
def test_a_value_is_no_code_inside_of_other_constructs_of_the_shell(tmp_path, inside):
    trap = f"$(touch {tmp_path}/trap); touch {tmp_path}/trap"
    command = build(inside, a=trap)
    subprocess.run(list(command.arguments), env={**os.environ, **command.variables}, check=True, capture_output=True)
    assert not (tmp_path / "trap").exists()


@given(VALUES)
def test_values_that_no_parameter_declares_follow_as_options(value):
    assert Command.build(entry("python a.py"), {"n": value}).arguments == ("python", "a.py", "--n", value)


def test_they_follow_a_shell_that_is_asked_for_too():
    template = f"true && {shlex.quote(sys.executable)} -c {shlex.quote(SHOW)}"
    assert printed(Command.build(entry(template), {"n; x": "; $(y)"})) == ["--n; x", "; $(y)"]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("a {b}", "names {b}, which is no parameter \\(known: a\\)"),
        ("a {a!r}", "must be just the name"),
        ("a {a:>9}", "must be just the name"),
        ("a {a.real}", "names {a.real}"),
        ("a {", "cannot be read"),
        ("a 'b", "open quote"),
        ("a \\{a}", "backslash before a parameter"),
        ("  ", "is empty"),
    ],
)
def test_a_template_that_means_nothing_is_refused(template, problem):
    with pytest.raises(InvalidValue, match=problem):
        build(template, a="1")
