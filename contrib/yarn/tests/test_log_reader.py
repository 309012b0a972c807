from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from windlass.config import Settings
from windlass.errors import NotFound, Unavailable
from windlass_yarn.container import Container
from windlass_yarn.log_reader import LogReader

_HEAD = "Container: c on node\nLogAggregationType: LOCAL\n=====\nLogType:stdout\nLogLength:{}\nLogContents:\n"


@pytest.fixture
def reader(answering):
    """A reader of a log that the test writes to, with what it passed on."""

    class Log:
        content, asked, passed = b"", [], b""

    def answer(_method, path, _body):
        size = int(parse_qs(urlsplit(path).query).get("size", ["0"])[0])
        Log.asked.append(size)
        part = Log.content[size:] if size else Log.content
        return 200, _HEAD.format(len(Log.content)).encode() + part + b"\nEnd of LogType:stdout\n"

    def write(data):
        Log.passed += data

    Log.asked = []
    Log.reader = LogReader(Container("c", answering(answer)), Settings(), user="me", write=write)
    return Log


def test_each_byte_is_passed_on_once(reader):
    for more in (b"", b"one\n", b"", "zwölf\nLogContents:\n".encode(), b"End of LogType:stdout\n"):
        reader.content += more
        reader.reader.look()
        assert reader.passed == reader.content


def test_what_came_faster_than_it_was_read_is_read_whole(reader):
    reader.content = b"first\n"
    reader.reader.look()
    reader.content += b"x" * 200_000 + b"\n"
    reader.reader.look()
    assert reader.passed == reader.content
    assert reader.asked == [-65536, -65536, 0]


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (200, Unavailable)])
def test_a_log_that_is_not_there_is_an_error_of_ours(answering, status, error):
    url = answering(lambda *_request: (status, b"Unable to locate 'stdout' log"))
    with pytest.raises(error):
        LogReader(Container("c", url), Settings(), user="me", write=lambda _data: None).look()
