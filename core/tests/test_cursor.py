from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windlass.errors import InvalidQuery
from windlass.search import RUNS, Query, decode_cursor, encode_cursor, parse_filter

KEY = b"k" * 32
QUERY = Query(filter=parse_filter("metrics.a > 1", RUNS), experiment_ids=("0",))

values = st.lists(st.one_of(st.none(), st.text(), st.integers(), st.floats(allow_nan=False)), max_size=4)


@given(values)
def test_a_token_gives_back_what_it_holds(row):
    token = encode_cursor(row, QUERY, KEY)
    assert decode_cursor(replace(QUERY, page_token=token), KEY) == row


@pytest.mark.parametrize("token", ["", None])
def test_no_token_is_the_first_page(token):
    assert decode_cursor(replace(QUERY, page_token=token), KEY) is None


@pytest.mark.parametrize(
    "other",
    [
        Query(),
        replace(QUERY, experiment_ids=("1",)),
        replace(QUERY, filter=parse_filter("metrics.a > 2", RUNS)),
    ],
)
def test_a_token_belongs_to_its_query(other):
    token = encode_cursor([1], QUERY, KEY)
    with pytest.raises(InvalidQuery, match="does not belong"):
        decode_cursor(replace(other, page_token=token), KEY)


@pytest.mark.parametrize("token", ["x", "é", "AAAA", "eyJvZmZzZXQiOiAwfQ==", "A" * 300])
def test_a_forged_token_is_refused(token):
    with pytest.raises(InvalidQuery):
        decode_cursor(replace(QUERY, page_token=token), KEY)


def test_a_token_of_another_store_is_refused():
    token = encode_cursor([1], QUERY, b"other")
    with pytest.raises(InvalidQuery):
        decode_cursor(replace(QUERY, page_token=token), KEY)
