from __future__ import annotations

import pickle

import pytest

from windlass import errors
from windlass.errors import InvalidValue, WindlassError, shorten


def subclasses(kind: type) -> list[type]:
    """The class and those below it in core; plugins may derive errors of their own."""
    own = [direct for direct in kind.__subclasses__() if direct.__module__ == errors.__name__]
    return [kind, *(below for direct in own for below in subclasses(direct))]


def test_the_tree_in_the_docstring_names_every_error():
    assert errors.__doc__ is not None
    for kind in subclasses(WindlassError):
        assert kind.__name__ in errors.__doc__


def test_every_error_has_a_code_of_its_own():
    codes = [kind.code for kind in subclasses(WindlassError)]
    assert len(set(codes)) == len(codes)


def test_an_invalid_value_names_the_field_the_value_and_the_limit():
    error = InvalidValue("step", 2**63, "does not fit", limit="2^63-1", hint="use a smaller one")
    assert str(error) == "step: does not fit, got 9223372036854775808 (limit: 2^63-1)\nhint: use a smaller one"
    assert error.details == {"field": "step", "value": "9223372036854775808", "limit": "2^63-1"}


def test_long_values_are_cut_in_messages_with_their_length():
    assert shorten("x" * 500).endswith("… (500 characters)")


@pytest.mark.parametrize("error", [InvalidValue("a", 1, "is bad", hint="h"), errors.NotFound("gone", field="x")])
def test_errors_survive_pickling(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.details == error.details
