"""Files stored once: the suite of repositories, what is saved, and that nothing is ever lost."""

from __future__ import annotations

import random
import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from windlass.builtin.local_artifacts import LocalArtifactRepository
from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import Corrupted, InvalidValue, NotFound
from windlass.plugins import Kind, get_plugin_manager
from windlass.services.dedup import blob_collector, blobs
from windlass.services.dedup import repository as dedup_repository
from windlass.services.dedup.blob_collector import BlobCollector
from windlass.services.dedup.blobs import Blobs
from windlass.services.dedup.file_pointer import LENGTH, FilePointer
from windlass.services.dedup.repository import LEAST, DedupRepository
from windlass.testing.artifact_repository import ArtifactRepositorySuite
from windlass.uri import Uri

BIG = b"weights " * 1000


def memory():
    """A repository in memory; a plugin brings it."""
    manager = get_plugin_manager()
    if "memory" not in manager.names(Kind.ARTIFACT_REPOSITORY):
        pytest.skip("windlass-fsspec is not installed")
    kind = manager.load(Kind.ARTIFACT_REPOSITORY, "memory")
    return kind.open(Uri.parse(f"memory://{uuid.uuid4().hex}/files"), Settings())


def local(tmp_path):
    return LocalArtifactRepository(tmp_path / "store")


class TestOverLocalFiles(ArtifactRepositorySuite):
    """Equal files in a local directory."""

    @pytest.fixture(params=[LEAST, 2], ids=["large files shared", "most files shared"])
    def repository(self, tmp_path, monkeypatch, request):
        monkeypatch.setattr(dedup_repository, "LEAST", request.param)
        return DedupRepository(local(tmp_path), "0/run")


class TestOverMemory(ArtifactRepositorySuite):
    """Equal files in memory, in the root itself."""

    @pytest.fixture
    def repository(self, monkeypatch):
        monkeypatch.setattr(dedup_repository, "LEAST", 2)
        return DedupRepository(memory())


@pytest.fixture(params=["local", "memory"])
def store(request, tmp_path):
    """The plain repository below."""
    return local(tmp_path) if request.param == "local" else memory()


@pytest.fixture
def put(tmp_path):
    """Stores bytes as a path."""

    def do(repository, path, content=BIG):
        source = tmp_path / uuid.uuid4().hex
        source.write_bytes(content)
        repository.put_file(source, path)

    return do


def content(repository, path):
    with repository.read(path) as stream:
        return stream.read()


def blobs_of(store):
    return [info.file_size for info in Blobs(store).all()]


def test_equal_files_are_kept_once_and_look_like_files(store, put, tmp_path):
    runs = [DedupRepository(store, f"0/{number}") for number in range(3)]
    for run in runs:
        put(run, "model/weights")
        put(run, "small", b"s")
    assert blobs_of(store) == [len(BIG)]
    assert store.stat("0/1/model/weights").file_size == LENGTH
    for run in runs:
        assert content(run, "model/weights") == BIG
        assert run.list("model") == [FileInfo("model/weights", file_size=len(BIG))]
        assert [one.file_size for one in run.tree()] == [len(BIG), 1]
        assert run.stat("model/weights").file_size == len(BIG)
        assert run.read_range("model/weights", 8, 16) == BIG[8:16]
        run.get_file("model/weights", tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == BIG


def test_nobody_is_shown_the_contents_of_others(store, put):
    root = DedupRepository(store)
    put(root, "a")
    (blob,) = Blobs(store).all()
    assert [one.path for one in root.list()] == ["a"]
    assert [one.path for one in root.tree()] == ["a"]
    assert root.list(blobs.DIRECTORY) == []
    for ask in (root.stat, root.read, lambda path: root.read_range(path, 0, 9)):
        with pytest.raises(NotFound):
            ask(blob.path)
    with pytest.raises(InvalidValue):
        put(root, blob.path)
    root.delete(blob.path)
    root.delete("")
    assert blobs_of(store) == [len(BIG)]
    assert root.list() == []


def test_what_was_stored_before_and_what_only_looks_so_stays_readable(store, put):
    put(store, "old", BIG)
    put(store, "as long as a pointer", b"x" * LENGTH)
    forged = FilePointer("0" * 64, 1).encode()
    for sharing in (True, False):
        repository = DedupRepository(store, sharing=sharing)
        put(repository, "forged", forged)
        assert content(repository, "forged") == forged
        assert content(repository, "old") == BIG
        assert content(repository, "as long as a pointer") == b"x" * LENGTH
        assert repository.stat("forged").file_size == LENGTH


def test_turned_off_it_reads_and_shares_no_more(store, put):
    put(DedupRepository(store), "a")
    off = DedupRepository(store, sharing=False)
    put(off, "b")
    assert (content(off, "a"), content(off, "b")) == (BIG, BIG)
    assert store.stat("b").file_size == len(BIG)


def test_contents_are_collected_when_no_file_leads_to_them(store, put):
    repository, collector = DedupRepository(store), BlobCollector(store)
    put(repository, "x/a")
    put(repository, "y/b")
    put(repository, "c", BIG + b"!")
    repository.delete("x")
    assert collector.unused() == []
    repository.delete("y/b")
    put(repository, "c", BIG + b"?")
    unused = collector.unused()
    assert sorted(one.file_size for one in unused) == [len(BIG), len(BIG) + 1]
    freed = collector.collect(unused)
    assert (freed.files, freed.size) == (2, 2 * len(BIG) + 1)
    assert content(repository, "c") == BIG + b"?"
    assert collector.collect(collector.unused()).files == 0
    assert store.list(f"{blobs.DIRECTORY}/marks") == []


def test_a_content_that_is_used_again_in_the_last_moment_stays(store, put):
    repository, collector = DedupRepository(store), BlobCollector(store)
    put(repository, "a")
    repository.delete("a")
    unused = collector.unused()
    put(repository, "b")
    assert collector.collect(unused).files == 0
    assert content(repository, "b") == BIG


def test_a_content_that_somebody_is_about_to_use_stays(store, put):
    repository, collector = DedupRepository(store), BlobCollector(store)
    put(repository, "a")
    repository.delete("a")
    (unused,) = collector.unused()
    with Blobs(store).intent(unused.path.rpartition("/")[2]):
        assert collector.collect([unused]).files == 0
    assert collector.collect([unused]).files == 1


def test_while_a_content_may_go_a_writer_keeps_its_own(store, put):
    repository = DedupRepository(store)
    put(repository, "a")
    (blob,) = Blobs(store).all()
    with Blobs(store).mark([blob.path.rpartition("/")[2]]):
        put(repository, "b")
    assert store.stat("b").file_size == len(BIG)
    assert content(repository, "b") == BIG


def test_intents_and_marks_of_the_dead_do_not_last(store, put, monkeypatch):
    repository, collector = DedupRepository(store), BlobCollector(store)
    put(repository, "a")
    repository.delete("a")
    (unused,) = collector.unused()
    digest, old = unused.path.rpartition("/")[2], int(time.time() * 1000) - 8 * 86_400_000
    put(store, f"{blobs.DIRECTORY}/intents/{digest}-{old}-dead", b"")
    put(store, f"{blobs.DIRECTORY}/marks/{digest}/{old}-dead", b"")
    assert Blobs(store).is_marked(digest)
    assert collector.collect([unused]).files == 1
    assert store.list(blobs.DIRECTORY) == []


def test_a_collector_that_took_too_long_removes_nothing(store, put, monkeypatch):
    repository, collector = DedupRepository(store), BlobCollector(store)
    put(repository, "a")
    repository.delete("a")
    monkeypatch.setattr(blob_collector, "_PATIENCE", -1)
    assert collector.collect(collector.unused()).files == 0
    assert blobs_of(store) == [len(BIG)]


def test_a_content_that_was_damaged_is_not_given_out(tmp_path, put):
    store = local(tmp_path)
    repository = DedupRepository(store)
    put(repository, "a")
    (blob,) = Blobs(store).all()
    (tmp_path / "store" / blob.path).write_bytes(BIG[:-1] + b"!")
    with pytest.raises(Corrupted):
        repository.get_file("a", tmp_path / "back")
    assert not (tmp_path / "back").exists()


class Storm:
    """Few contents and many paths, so that what is deleted here is stored again there in the same moment."""

    def __init__(self, store, directory, seconds):
        self.repository, self.collector = DedupRepository(store), BlobCollector(store)
        self.deadline = time.monotonic() + seconds
        self.sources = [directory / f"content-{number}" for number in range(16)]
        for number, source in enumerate(self.sources):
            source.write_bytes(bytes([number]) * (LEAST + number))
        self.wrong, self.stored, self.collected = [], 0, 0

    def goes_on(self):
        return time.monotonic() < self.deadline and not self.wrong

    def write(self, seed):
        chance = random.Random(seed)
        while self.goes_on():
            path = f"{seed}/{chance.randrange(3)}"
            self.store_and_read(chance.choice(self.sources), path, chance.randrange(3))
            if chance.random() < 0.7:
                self.repository.delete(path)

    def store_and_read(self, source, path, times):
        try:
            self.repository.put_file(source, path)
            self.stored += 1
            for _ in range(times):
                if content(self.repository, path) != source.read_bytes():
                    self.wrong.append(f"{path} has another content")
        except Exception:  # noqa: BLE001  whatever it is, it is wrong
            self.wrong.append(traceback.format_exc())

    def collect(self):
        while self.goes_on():
            try:
                self.collected += self.collector.collect(self.collector.unused()).files
            except Exception:  # noqa: BLE001  whatever it is, it is wrong
                self.wrong.append(traceback.format_exc())


def test_threads_that_store_delete_and_collect_at_once_lose_nothing(store, tmp_path):
    storm = Storm(store, tmp_path, seconds=2)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(storm.write, seed) for seed in range(6)] + [pool.submit(storm.collect) for _ in range(2)]
    for job in jobs:
        job.result()
    assert storm.wrong == []
    assert storm.stored > 20
    assert storm.collected > 0
    contents = [one.read_bytes() for one in storm.sources]
    assert all(content(storm.repository, info.path) in contents for info in storm.repository.tree())
    storm.repository.delete("")
    storm.collector.collect(storm.collector.unused())
    assert blobs_of(store) == []


def test_many_files_go_at_once(store, tmp_path, put):
    repository = DedupRepository(store, "run")
    for number in range(20):
        (tmp_path / f"{number}").write_bytes(BIG if number % 2 else bytes([number]))
    repository.put_files([(tmp_path / f"{number}", f"d/{number:02}") for number in range(20)])
    assert [one.file_size for one in repository.list("d")] == [1, len(BIG)] * 10
    assert len(blobs_of(store)) == 1


@pytest.fixture
def shared(monkeypatch, workspace):
    """The workspace with equal files kept once."""
    from windlass.fluent import state

    monkeypatch.setenv("WINDLASS_ARTIFACTS_DEDUP", "true")
    return state.current_workspace()


def test_equal_files_of_all_runs_and_models_are_kept_once(shared, tmp_path):
    (tmp_path / "weights").write_bytes(BIG)
    runs = [shared.runs.create("0") for _ in range(3)]
    model = shared.logged_models.create("0", name="m")
    roots = [*(run.info.artifact_uri for run in runs), model.artifact_location]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda root: shared.artifacts.upload(root, tmp_path / "weights"), roots))
    root = tmp_path / "artifacts"
    assert sum(one.stat().st_size for one in root.rglob("*") if one.is_file()) == len(BIG) + 4 * LENGTH
    assert shared.artifacts.list(runs[0].info.artifact_uri) == [FileInfo("weights", file_size=len(BIG))]
    fetched = shared.artifacts.download(f"runs:/{runs[1].info.run_id}/weights")
    assert fetched.read_bytes() == BIG
    with shared.artifacts.fetched(model.model_uri) as directory:
        assert (directory / "weights").read_bytes() == BIG


def test_who_has_it_turned_off_reads_shared_files_all_the_same(shared, workspace, tmp_path):
    (tmp_path / "weights").write_bytes(BIG)
    run = shared.runs.create("0")
    shared.artifacts.upload(run.info.artifact_uri, tmp_path / "weights")
    assert not workspace.settings.artifacts_dedup
    assert workspace.artifacts.download(f"runs:/{run.info.run_id}/weights").read_bytes() == BIG


def test_gc_frees_contents_with_the_last_file_that_uses_them(shared, tmp_path, capsys):
    from windlass.cli import main

    (tmp_path / "weights").write_bytes(BIG)
    runs = [shared.runs.create("0") for _ in range(2)]
    for run in runs:
        shared.artifacts.upload(run.info.artifact_uri, tmp_path / "weights")

    def gc():
        with pytest.raises(SystemExit):
            main(["gc"])
        return capsys.readouterr().out

    shared.runs.delete(runs[0].info.run_id)
    assert gc() == "removed 0 experiments, 1 runs, 0 logged models (1 files with 8.0 kB)\n"
    assert shared.artifacts.download(f"runs:/{runs[1].info.run_id}/weights").read_bytes() == BIG
    shared.runs.delete(runs[1].info.run_id)
    assert "no file uses these any more: 1 files with 8.0 kB\n" in gc()
    assert gc() == "nothing to remove\n"
    assert [one for one in (tmp_path / "artifacts").rglob("*") if one.is_file()] == []
