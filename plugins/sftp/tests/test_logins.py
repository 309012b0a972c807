"""Who signs in, and which servers are trusted."""

from __future__ import annotations

import dataclasses
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from windlass.config import Settings
from windlass.errors import InvalidValue, PermissionDenied, Unavailable, Unsupported
from windlass.uri import Uri
from windlass_sftp import session
from windlass_sftp.login import Login
from windlass_sftp.repository import SftpArtifactRepository
from windlass_sftp.testing import server

QUICK = 10.0


def opened(url: str, settings: Settings) -> SftpArtifactRepository:
    return SftpArtifactRepository.open(Uri.parse(url), settings)


def refusal(url: str, settings: Settings, kind: type[Exception]) -> str:
    """The text of the error that a listing raises, soon."""
    begun = time.monotonic()
    with opened(url, settings) as repository, pytest.raises(kind) as caught:
        repository.list()
    assert time.monotonic() - begun < QUICK
    return str(caught.value)


def test_an_unknown_server_is_not_trusted(tmp_path):
    url, settings = server()
    (tmp_path / "known").write_text("")
    text = refusal(url, dataclasses.replace(settings, sftp_known_hosts=str(tmp_path / "known")), PermissionDenied)
    assert "is not known" in text
    assert "SHA256:" in text
    assert "WINDLASS_SFTP_KNOWN_HOSTS" in text


def test_a_server_with_another_key_than_the_known_one_is_not_trusted(tmp_path):
    url, settings = server()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    key = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{urlsplit(url).port} {key}\n")
    text = refusal(url, dataclasses.replace(settings, sftp_known_hosts=str(tmp_path / "known")), PermissionDenied)
    assert "another key" in text


def test_a_wrong_password_is_refused_and_not_told():
    url, settings = server()
    settings = dataclasses.replace(settings, sftp_key_file=None)
    wrong = url.replace("@", ":secret-word@", 1)
    text = refusal(wrong, settings, PermissionDenied)
    assert "does not let us in" in text
    assert "secret-word" not in text


def test_a_stranger_s_key_is_refused(tmp_path):
    url, settings = server()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "stranger"], check=True)
    settings = dataclasses.replace(settings, sftp_key_file=str(tmp_path / "stranger"))
    assert "does not let us in" in refusal(url, settings, PermissionDenied)


def test_a_locked_key_wants_its_passphrase(tmp_path):
    url, settings = server()
    key, locked = Path(settings.sftp_key_file or ""), tmp_path / "locked"
    locked.write_bytes(key.read_bytes())
    locked.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "sésame", "-f", locked], check=True)
    settings = dataclasses.replace(settings, sftp_key_file=str(locked))
    assert "WINDLASS_SFTP_KEY_PASSPHRASE" in refusal(url, settings, PermissionDenied)
    with opened(url, dataclasses.replace(settings, sftp_key_passphrase="sésame")) as repository:
        assert repository.stat("").is_dir


def test_a_dead_server_is_unavailable(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        text = refusal(f"sftp://127.0.0.1:{taken.getsockname()[1]}/x", Settings(sftp_config="/dev/null"), Unavailable)
    assert "does not answer: connection refused" in text


def test_a_server_that_says_nothing_is_unavailable(monkeypatch):
    monkeypatch.setattr(session, "_CONNECT_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        text = refusal(f"sftp://127.0.0.1:{port}/x", Settings(sftp_config="/dev/null"), Unavailable)
    assert "does not answer" in text


def test_openssh_s_configuration_is_followed(tmp_path):
    url, settings = server()
    parts = urlsplit(url)
    config = tmp_path / "config"
    config.write_text(
        f"Host warehouse\n  HostName 127.0.0.1\n  Port {parts.port}\n  User {parts.username}\n"
        f"  IdentityFile {settings.sftp_key_file}\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {settings.sftp_known_hosts}\n"
    )
    with opened(f"sftp://warehouse{parts.path}", Settings(sftp_config=str(config))) as repository:
        assert repository.stat("").is_dir
        assert repository.list("nothing like that") == []


def test_a_proxy_command_is_used(tmp_path):
    url, settings = server()
    parts = urlsplit(url)
    relay = tmp_path / "relay.sh"
    relay.write_text('#!/bin/bash\nexec 3<>"/dev/tcp/127.0.0.1/$1"\ncat <&3 &\ncat >&3\n')
    relay.chmod(0o755)
    (tmp_path / "config").write_text(f"Host 127.0.0.1\n  ProxyCommand {relay} %p\n")
    settings = dataclasses.replace(settings, sftp_config=str(tmp_path / "config"))
    with opened(parts.geturl(), settings) as repository:
        assert repository.stat("").is_dir


def test_a_jump_host_is_refused_with_what_to_write_instead(tmp_path):
    (tmp_path / "config").write_text("Host far\n  ProxyJump gate.example\n")
    with pytest.raises(Unsupported, match=r"ProxyCommand ssh -W %h:%p gate\.example"):
        Login.find(Uri.parse("sftp://far/x"), Settings(sftp_config=str(tmp_path / "config")))


@pytest.mark.parametrize("text", ["sftp:///nowhere", "sftp://host:99999/x", "sftp://host:port/x"])
def test_a_uri_without_a_server_or_with_an_impossible_port_is_refused(text):
    with pytest.raises(InvalidValue, match="uri"):
        Login.find(Uri.parse(text), Settings(sftp_config="/dev/null"))


@pytest.mark.parametrize("name", ["sftp_key_file", "sftp_known_hosts"])
def test_a_file_of_the_settings_that_is_missing_is_named(name):
    with pytest.raises(InvalidValue, match=f"WINDLASS_{name.upper()}"):
        Login.find(Uri.parse("sftp://host/x"), Settings(sftp_config="/dev/null", **{name: "/nothing/there"}))


def test_what_the_uri_says_comes_first():
    settings = Settings(sftp_config="/dev/null", sftp_password="other")
    login = Login.find(Uri.parse("sftp://us%40er:p%3Aw@host:2022/x"), settings)
    assert (login.user, login.password, login.host, login.port) == ("us@er", "p:w", "host", 2022)
    assert "p:w" not in str(login)
