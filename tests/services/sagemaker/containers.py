"""Containers: what SageMaker starts for a model, here a scoring server as a process."""

import contextlib
import http.client
import io
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from urllib.parse import urlsplit

from moto.s3.models import s3_backends

python = ""
_PATIENCE = 300.0
_ANSWER = 60.0


class Container:
    """A scoring server on the unpacked archive of a model, asked as SageMaker asks a container."""

    def __init__(self, backend, model):
        self._directory = tempfile.mkdtemp(prefix="container-")
        described = model.primary_container
        with tarfile.open(fileobj=io.BytesIO(stored(backend, described["ModelDataUrl"]))) as archive:
            archive.extractall(self._directory, filter="data")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = [python, "-m", "windlass", "models", "serve", "-m", self._directory, "-p", str(self._port)]
        environment = {**os.environ, **described.get("Environment", {})}
        self._process = subprocess.Popen(command, env=environment, cwd=self._directory, stdin=subprocess.DEVNULL)

    def ready(self):
        """Whether it answers /ping before it ends, or the patience with it does."""
        deadline = time.monotonic() + _PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self._ask("GET", "/ping")[0] == 200:
                    return True
            time.sleep(0.05)
        return False

    def invoke(self, body, content_type):
        """Status and body of the answer to a request."""
        return self._ask("POST", "/invocations", body, {"Content-Type": content_type or "application/json"})

    def stop(self):
        """End it, and remove its files."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _ask(self, *request):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_ANSWER)
        try:
            connection.request(*request)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def stored(backend, url):
    """The content of s3://…; KeyError if there is none."""
    return bucket_of(backend, url).get_object(*parts(url)).value if exists(backend, url) else _missing(url)


def exists(backend, url):
    """Whether there is such an object."""
    bucket, key = parts(url)
    store = bucket_of(backend, url)
    return bucket in store.buckets and store.get_object(bucket, key) is not None


def parts(url):
    """Bucket and key."""
    split = urlsplit(url)
    return split.netloc, split.path.lstrip("/")


def bucket_of(backend, url):
    """moto's S3 with the bucket: names of buckets are known in all accounts."""
    accounts = [s3_backends[account][backend.partition] for account in list(s3_backends)]
    holding = [one for one in accounts if parts(url)[0] in one.buckets]
    return holding[0] if holding else s3_backends[backend.account_id][backend.partition]


def _missing(url):
    raise KeyError(url)
