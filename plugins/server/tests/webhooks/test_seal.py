from __future__ import annotations

import pytest

from windlass.errors import InvalidValue, Unavailable
from windlass_server.webhooks.seal import Seal

fernet = pytest.importorskip("cryptography.fernet")


def test_a_secret_is_unreadable_where_it_is_kept():
    seal = Seal(fernet.Fernet.generate_key().decode())
    kept = seal.close("s3cret")
    assert "s3cret" not in kept
    assert seal.open(kept) == "s3cret"
    for other in (Seal(None), Seal(fernet.Fernet.generate_key().decode())):
        with pytest.raises(Unavailable, match="another key"):
            other.open(kept)


def test_secrets_from_before_there_was_a_key_stay_readable():
    assert Seal(fernet.Fernet.generate_key().decode()).open(Seal(None).close("old")) == "old"


def test_a_key_that_is_none_is_refused():
    with pytest.raises(InvalidValue, match="WINDLASS_WEBHOOK_SECRET_KEY"):
        Seal("short")
