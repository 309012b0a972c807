"""RecordStoreSuite: what every record store must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore
from windlass.interfaces.record_store import MAX_COLLECTION, MAX_KEY
from windlass.testing.samples import new_name

_VALUE: dict[str, Any] = {
    "text": "Grüße 🌊 \" \\ '",
    "numbers": [0, -1, 2**53, 0.5, -1e-300],
    "flags": {"yes": True, "no": False, "nothing": None},
    "empty": [{}, [], ""],
}


class RecordStoreSuite:
    """Override the fixture `records`: an open store; all tests may share one."""

    @pytest.fixture
    def records(self) -> RecordStore:
        """The store under test."""
        raise NotImplementedError("override the fixture `records`")

    @pytest.fixture
    def collection(self) -> str:
        """A collection that nothing is in."""
        return new_name("collection")

    def test_the_store_is_a_record_store(self, records: RecordStore) -> None:
        assert isinstance(records, RecordStore)

    def test_a_value_comes_back_as_it_was(self, records: RecordStore, collection: str) -> None:
        kept = records.put(collection, "one", _VALUE)
        assert (kept.collection, kept.key, kept.value, kept.revision) == (collection, "one", _VALUE, 1)
        assert records.get(collection, "one") == kept

    def test_what_is_missing_is_not_found(self, records: RecordStore, collection: str) -> None:
        records.put(collection, "one", {})
        for place, key in ((collection, "two"), (f"{collection}x", "one")):
            with pytest.raises(NotFound):
                records.get(place, key)

    def test_names_may_be_as_long_as_promised_and_hold_any_character(self, records: RecordStore) -> None:
        collection = new_name("").ljust(MAX_COLLECTION, "ü")[:MAX_COLLECTION]
        keys = ["ü" * MAX_KEY, "🌊" * (MAX_KEY // 2), "a/b:c*%_\\'\"", " ", "a ", "A"]
        for number, key in enumerate(keys):
            records.put(collection, key, {"n": number})
        assert [records.get(collection, key).value["n"] for key in keys] == list(range(len(keys)))

    def test_a_large_value_is_kept_whole(self, records: RecordStore, collection: str) -> None:
        value = {"text": "x" * 900_000}
        records.put(collection, "large", value)
        assert records.get(collection, "large").value == value

    def test_the_revision_counts_changes(self, records: RecordStore, collection: str) -> None:
        assert [records.put(collection, "one", {"n": number}).revision for number in range(3)] == [1, 2, 3]
        assert records.put(collection, "one", {"n": 3}, expected=3).revision == 4
        assert records.get(collection, "one").value == {"n": 3}

    def test_a_record_that_must_be_new_is_refused_when_it_is_not(self, records: RecordStore, collection: str) -> None:
        records.put(collection, "one", {"n": 1}, expected=0)
        with pytest.raises(AlreadyExists):
            records.put(collection, "one", {"n": 2}, expected=0)
        assert records.get(collection, "one").value == {"n": 1}

    def test_who_has_seen_an_older_revision_changes_nothing(self, records: RecordStore, collection: str) -> None:
        records.put(collection, "one", {"n": 1})
        records.put(collection, "one", {"n": 2})
        for expected in (1, 3):
            with pytest.raises(Conflict):
                records.put(collection, "one", {"n": 3}, expected=expected)
            with pytest.raises(Conflict):
                records.delete(collection, "one", expected=expected)
        with pytest.raises(Conflict):
            records.put(collection, "two", {}, expected=1)
        with pytest.raises(Conflict):
            records.delete(collection, "two", expected=1)
        assert records.get(collection, "one").value == {"n": 2}

    def test_a_deleted_record_is_gone_and_may_come_again(self, records: RecordStore, collection: str) -> None:
        records.put(collection, "one", {"n": 1})
        records.delete(collection, "one", expected=1)
        records.delete(collection, "one")
        with pytest.raises(NotFound):
            records.get(collection, "one")
        assert records.put(collection, "one", {"n": 2}, expected=0).value == {"n": 2}

    def test_lists_are_in_the_order_of_code_points(self, records: RecordStore, collection: str) -> None:
        keys = ["Z", "a", "b/1", "b/10", "b/2", "ä", "€", "🌊", "~"]
        for key in keys:
            records.put(collection, key, {"key": key})
        assert [one.key for one in records.list(collection)] == sorted(keys)
        assert [one.key for one in records.list(collection, descending=True)] == sorted(keys, reverse=True)
        assert [one.value["key"] for one in records.list(collection, prefix="b/")] == ["b/1", "b/10", "b/2"]
        assert records.list(f"{collection}x") == []

    def test_a_prefix_is_meant_literally(self, records: RecordStore, collection: str) -> None:
        for key in ("a%b", "aXb", "a_b", "a\\b", "A%b", "a%"):
            records.put(collection, key, {})
        assert [one.key for one in records.list(collection, prefix="a%")] == ["a%", "a%b"]
        assert [one.key for one in records.list(collection, prefix="a_")] == ["a_b"]
        assert [one.key for one in records.list(collection, prefix="a\\")] == ["a\\b"]

    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_give_every_record_once(self, records: RecordStore, collection: str, *, descending: bool) -> None:
        keys = sorted((f"k{number:02}" for number in range(7)), reverse=descending)
        for key in keys:
            records.put(collection, key, {})
        records.put(collection, "other", {})
        seen: list[str] = []
        while page := records.list(
            collection, prefix="k", after=seen[-1] if seen else "", max_results=3, descending=descending
        ):
            seen += [one.key for one in page]
        assert seen == keys

    def test_of_many_who_claim_one_key_one_wins(self, records: RecordStore, collection: str) -> None:
        def claim(number: int) -> bool:
            try:
                records.put(collection, "lease", {"owner": number}, expected=0)
            except (AlreadyExists, Conflict):
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(claim, range(24))) == 1

    def test_counting_together_loses_nothing(self, records: RecordStore, collection: str) -> None:
        records.put(collection, "count", {"n": 0})

        def count(_: int) -> None:
            while True:
                seen = records.get(collection, "count")
                try:
                    records.put(collection, "count", {"n": seen.value["n"] + 1}, expected=seen.revision)
                except Conflict:
                    continue
                return

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(count, range(20)))
        assert records.get(collection, "count").value == {"n": 20}

    def test_collections_are_told_while_they_hold_a_record(self, records: RecordStore, collection: str) -> None:
        names = [f"{collection}-{mark}" for mark in ("B", "a", "ä", "🌊")]
        for name in (names[1], names[0], names[3], names[2]):
            for key in ("one", "two"):
                records.put(name, key, {})
        assert [one for one in records.collections() if one.startswith(collection)] == names
        records.delete(names[0], "one")
        for key in ("one", "two"):
            records.delete(names[2], key)
        assert [one for one in records.collections() if one.startswith(collection)] == [names[0], names[1], names[3]]

    def test_closing_twice_is_fine(self, records: RecordStore) -> None:
        records.close()
        records.close()
