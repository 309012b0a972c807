"""RedisDouble: a server that speaks Redis' protocol and takes RedisAI's commands, with onnxruntime as its backend."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Self

_TYPES = {
    "FLOAT": "<f4", "DOUBLE": "<f8", "INT8": "<i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "UINT8": "<u1",
    "UINT16": "<u2", "BOOL": "?",
}  # fmt: skip


class Refusal(Exception):
    """An error of Redis."""


@dataclass(slots=True)
class _Model:
    backend: str
    device: str
    tag: bytes
    batch: tuple[int, int]
    session: Any


class RedisDouble(ThreadingTCPServer):
    """`password` is asked for if there is one; `refusals` are errors by the command that they answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models: dict[str, _Model] = {}
        self.tensors: dict[str, Any] = {}
        self.password = ""
        self.refusals: dict[str, str] = {}
        self.without_module = False
        self.port = self.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, words: list[bytes]) -> Any:
        """What a command is answered."""
        name = words[0].decode().upper()
        if name in self.refusals:
            raise Refusal(self.refusals[name])
        command = None if self.without_module and name.startswith("AI.") else _COMMANDS.get(name)
        if command is None:
            raise Refusal(f"ERR unknown command '{name}'")
        return command(self, [one.decode("latin-1") for one in words[1:]], words[1:])

    def select(self, texts: list[str], _: list[bytes]) -> Any:
        if not texts[0].isdigit():
            raise Refusal("ERR invalid DB index")
        return "OK"

    def store(self, texts: list[str], raw: list[bytes]) -> Any:
        key, backend, device, *rest = texts
        if backend not in {"ONNX", "TORCH", "TF", "TFLITE"}:
            raise Refusal("ERR unsupported backend")
        options = {"TAG": "", "BATCHSIZE": "0", "MINBATCHSIZE": "0"}
        while rest and rest[0] in options:
            options[rest[0]], rest = rest[1], rest[2:]
        if not rest or rest[0] != "BLOB" or len(rest) < 2:
            raise Refusal("ERR wrong number of arguments for 'AI.MODELSTORE' command")
        if int(options["MINBATCHSIZE"]) and not int(options["BATCHSIZE"]):
            raise Refusal("ERR MINBATCHSIZE without BATCHSIZE")
        blob = b"".join(raw[len(raw) - len(rest) + 1 :])
        batch = (int(options["BATCHSIZE"]), int(options["MINBATCHSIZE"]))
        tag = options["TAG"].encode("latin-1")
        self.models[key] = _Model(backend, device, tag, batch, _session(backend, blob))
        return "OK"

    def describe(self, texts: list[str], _: list[bytes]) -> Any:
        model = self._model(texts[0])
        if texts[1:] != ["META"]:
            raise Refusal("ERR only META here")
        return [
            b"backend", model.backend.encode(), b"device", model.device.encode(), b"tag", model.tag,
            b"batchsize", model.batch[0], b"minbatchsize", model.batch[1], b"inputs", [], b"outputs", [],
        ]  # fmt: skip

    def scan(self, texts: list[str], _: list[bytes]) -> Any:
        if texts:
            raise Refusal("ERR wrong number of arguments for 'AI._MODELSCAN' command")
        return [[key.encode(), one.tag] for key, one in self.models.items()]

    def drop(self, texts: list[str], _: list[bytes]) -> Any:
        self._model(texts[0])
        del self.models[texts[0]]
        return "OK"

    def put(self, texts: list[str], raw: list[bytes]) -> Any:
        numpy = importlib.import_module("numpy")
        key, dtype, at = texts[0], texts[1], texts.index("BLOB")
        shape = tuple(int(one) for one in texts[2:at])
        if dtype not in _TYPES or len(raw) != at + 2:
            raise Refusal("ERR invalid data type, or arguments after the blob")
        if len(raw[-1]) != math.prod(shape) * numpy.dtype(_TYPES[dtype]).itemsize:
            raise Refusal("ERR data length does not match tensor shape and type")
        self.tensors[key] = numpy.frombuffer(raw[-1], _TYPES[dtype]).reshape(shape)
        return "OK"

    def execute(self, texts: list[str], _: list[bytes]) -> Any:
        session = self._model(texts[0]).session
        if texts[1] != "INPUTS":
            raise Refusal("ERR INPUTS are wanted")
        count = int(texts[2])
        given, rest = texts[3 : 3 + count], texts[3 + count :]
        if rest[0] != "OUTPUTS" or len(rest) != int(rest[1]) + 2:
            raise Refusal("ERR OUTPUTS are wanted")
        if len(session.get_inputs()) != count or len(session.get_outputs()) != int(rest[1]):
            raise Refusal("ERR Number of keys given does not match model definition")
        names = [one.name for one in session.get_inputs()]
        try:
            found = session.run(None, {name: self.tensors[key] for name, key in zip(names, given, strict=True)})
        except Exception as error:
            raise Refusal(f"ERR {' '.join(str(error).split())}") from error
        self.tensors |= dict(zip(rest[2:], found, strict=True))
        return "OK"

    def take(self, texts: list[str], _: list[bytes]) -> Any:
        if texts[0] not in self.tensors or texts[1:] != ["META", "BLOB"]:
            raise Refusal("ERR tensor key is empty")
        found = self.tensors[texts[0]]
        dtype = next(name for name, code in _TYPES.items() if found.dtype == code)
        return [b"dtype", dtype.encode(), b"shape", list(found.shape), b"blob", found.tobytes()]

    def expire(self, texts: list[str], _: list[bytes]) -> Any:
        return int(texts[0] in self.tensors and int(texts[1]) > 0)

    def forget(self, texts: list[str], _: list[bytes]) -> Any:
        return sum(self.tensors.pop(key, None) is not None for key in texts)

    def _model(self, key: str) -> _Model:
        if key not in self.models:
            raise Refusal("ERR model key is empty")
        return self.models[key]


_COMMANDS: dict[str, Callable[[RedisDouble, list[str], list[bytes]], Any]] = {
    "SELECT": RedisDouble.select,
    "CLIENT": lambda _, __, ___: "OK",
    "EXPIRE": RedisDouble.expire,
    "DEL": RedisDouble.forget,
    "AI.MODELSTORE": RedisDouble.store,
    "AI.MODELGET": RedisDouble.describe,
    "AI._MODELSCAN": RedisDouble.scan,
    "AI.MODELDEL": RedisDouble.drop,
    "AI.TENSORSET": RedisDouble.put,
    "AI.MODELEXECUTE": RedisDouble.execute,
    "AI.TENSORGET": RedisDouble.take,
}


def _session(backend: str, blob: bytes) -> Any:
    if backend != "ONNX":
        raise Refusal("ERR error loading backend: only ONNX is here")
    try:
        return importlib.import_module("onnxruntime").InferenceSession(blob, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Refusal("ERR Failed to load model: Protobuf parsing failed") from error


class _Handler(StreamRequestHandler):
    def handle(self) -> None:
        server: RedisDouble = self.server  # type: ignore[assignment]  # the server above
        inside = not server.password
        while words := self._read():
            name = words[0].decode().upper()
            if name == "AUTH":
                inside = words[-1].decode() == server.password
                error = b"-WRONGPASS invalid username-password pair\r\n"
                self.wfile.write(b"+OK\r\n" if inside else error)
                continue
            if not inside:
                self.wfile.write(b"-NOAUTH Authentication required.\r\n")
                continue
            try:
                self.wfile.write(_encoded(server.answer(words)))
            except Refusal as error:
                self.wfile.write(f"-{error}\r\n".encode())

    def _read(self) -> list[bytes]:
        line = self.rfile.readline()
        if not line.startswith(b"*"):
            return []
        words = []
        for _ in range(int(line[1:])):
            length = int(self.rfile.readline()[1:])
            words.append(self.rfile.read(length + 2)[:-2])
        return words


def _encoded(found: Any) -> bytes:
    match found:
        case str():
            return f"+{found}\r\n".encode()
        case int():
            return f":{found}\r\n".encode()
        case bytes():
            return b"$%d\r\n%s\r\n" % (len(found), found)
        case _:
            return b"*%d\r\n" % len(found) + b"".join(_encoded(one) for one in found)
