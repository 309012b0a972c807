"""Moving files: side by side, in pieces, and again where something breaks."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.entities import FileInfo
from windlass.errors import Corrupted, InvalidValue, NotFound, Unavailable
from windlass.services import transfers


class FarAway(LocalArtifactRepository):
    """Files of this machine that behave as if they were far away; each call breaks the first time."""

    is_local = False
    held = most_held = 0

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lock = threading.Lock()
        self.calls = set()

    def breaks(self, *call):
        with self.lock:
            if call not in self.calls:
                self.calls.add(call)
                raise Unavailable("the connection broke")

    def put_part(self, path, upload_id, number, data):
        self.breaks("put", number)
        return super().put_part(path, upload_id, number, data)

    def read_range(self, path, start, end):
        self.breaks("get", start)
        with self.lock:
            self.held += 1
            self.most_held = max(self.most_held, self.held)
        try:
            return super().read_range(path, start, end)
        finally:
            with self.lock:
                self.held -= 1

    def put_file(self, source, path):
        self.breaks("put file", path)
        super().put_file(source, path)


@pytest.fixture(autouse=True)
def small_and_quick(monkeypatch):
    monkeypatch.setattr(transfers, "LARGE", 100_000)
    monkeypatch.setattr(transfers, "PIECE", 10_000)
    monkeypatch.setattr(transfers, "_FIRST_PAUSE", 0.001)


@pytest.fixture
def repository(tmp_path):
    return FarAway(tmp_path / "there")


@pytest.fixture
def large(tmp_path):
    source = tmp_path / "large"
    source.write_bytes(os.urandom(1_234_567))
    return source


def test_large_files_move_in_pieces_whatever_breaks(repository, large, tmp_path):
    seen = []
    transfers.upload(repository, [(large, "model/weights")], progress=lambda done, total: seen.append((done, total)))
    assert len(repository.calls) > 100
    assert seen[-1] == (1_234_567, 1_234_567)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    back = tmp_path / "back"
    transfers.download(repository, [(repository.stat("model/weights"), back)])
    assert back.read_bytes() == large.read_bytes()
    assert repository.most_held <= 8
    assert sorted(one.name for one in tmp_path.iterdir()) == ["back", "large", "there"]
    assert [one.name for one in (tmp_path / "there").rglob("*")] == ["model", "weights"]


class GoesWhole(FarAway):
    """Takes large files whole; the first `breaks_off` times it breaks after 1,000 bytes."""

    breaks_off = 0
    wants_parts = False

    def put_whole(self, source, path, moved):
        if self.wants_parts:
            return False
        if self.breaks_off:
            self.breaks_off -= 1
            moved(1000)
            moved(-1000)
            raise Unavailable("the connection broke")
        LocalArtifactRepository.put_file(self, source, path)
        moved(source.stat().st_size)
        return True

    def get_whole(self, path, destination, moved):
        self.get_file(path, destination)
        moved(destination.stat().st_size)


@pytest.mark.parametrize(
    ("breaks_off", "wants_parts", "in_parts"), [(0, False, False), (1, False, True), (0, True, True)]
)
def test_a_large_file_goes_whole_where_it_may_and_in_parts_after_a_break(
    large, tmp_path, breaks_off, wants_parts, in_parts
):
    repository = GoesWhole(tmp_path / "there")
    repository.breaks_off, repository.wants_parts = breaks_off, wants_parts
    seen = []
    transfers.upload(repository, [(large, "weights")], progress=lambda done, _: seen.append(done))
    assert any(call[0] == "put" for call in repository.calls) is in_parts
    assert seen[-1] == 1_234_567
    back = tmp_path / "back"
    LocalArtifactRepository(tmp_path / "there").get_file("weights", back)
    assert back.read_bytes() == large.read_bytes()


def test_what_stays_broken_is_told_and_leaves_nothing(repository, large, tmp_path, monkeypatch):
    def fail(*_):
        raise Unavailable("the storage is away")

    monkeypatch.setattr(FarAway, "put_part", fail)
    with pytest.raises(Unavailable, match="away"):
        transfers.upload(repository, [(large, "weights")])
    assert list((tmp_path / "there").iterdir()) == []
    LocalArtifactRepository(tmp_path / "there").put_file(large, "weights")
    monkeypatch.setattr(FarAway, "read_range", fail)
    with pytest.raises(Unavailable):
        transfers.download(repository, [(repository.stat("weights"), tmp_path / "back")])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["large", "there"]


def test_a_file_that_is_not_what_was_stored_is_refused(repository, large, tmp_path, monkeypatch):
    transfers.upload(repository, [(large, "weights")])
    monkeypatch.setattr(FarAway, "sha256", lambda *_: "0" * 64)
    with pytest.raises(Corrupted, match="not what was stored"):
        transfers.download(repository, [(repository.stat("weights"), tmp_path / "back")])
    assert not (tmp_path / "back").exists()


def test_a_file_that_shrinks_while_it_is_fetched_is_refused(repository, large, tmp_path):
    transfers.upload(repository, [(large, "weights")])
    with pytest.raises(Corrupted, match="shorter"):
        transfers.download(repository, [(FileInfo("weights", file_size=2_000_000), tmp_path / "back")])


def test_many_small_files_arrive_all(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for number in range(1_100):
        (source / str(number)).write_bytes(b"%d" % number)
    local = LocalArtifactRepository(tmp_path / "local")
    transfers.upload(local, [(one, f"many/{one.name}") for one in source.iterdir()])
    assert {one.path: one.file_size for one in local.list("many")} == {
        f"many/{number}": len(str(number)) for number in range(1_100)
    }


def test_one_of_many_that_is_missing_stops_them_all(tmp_path):
    (tmp_path / "there").write_bytes(b"1")
    local = LocalArtifactRepository(tmp_path / "local")
    with pytest.raises(NotFound):
        local.put_files([(tmp_path / "there", "a"), (tmp_path / "gone", "b")])
    assert local.list() == []


def test_an_upload_is_complete_only_with_all_its_parts(tmp_path):
    local = LocalArtifactRepository(tmp_path / "local")
    upload = local.begin_upload("file", 3)
    third = local.put_part("file", upload, 3, b"cc")
    first = local.put_part("file", upload, 1, b"aaaa")
    with pytest.raises(InvalidValue, match="missing"):
        local.complete_upload("file", upload, {1: first, 2: first, 3: third})
    with pytest.raises(InvalidValue, match="out of range"):
        local.put_part("file", upload, 4, b"x")
    with pytest.raises(InvalidValue, match="one size"):
        local.put_part("file", upload, 2, b"bbb")
    second = local.put_part("file", upload, 2, b"bbbb")
    assert local.list() == []
    local.complete_upload("file", upload, {1: first, 2: second, 3: third})
    with local.read("file") as stream:
        assert stream.read() == b"aaaabbbbcc"
    for unknown in (upload, "../../etc-1", "0" * 32 + "-1"):
        with pytest.raises(NotFound, match="no upload"):
            local.put_part("file", unknown, 1, b"x")
    assert [one.name for one in (tmp_path / "local").iterdir()] == ["file"]
