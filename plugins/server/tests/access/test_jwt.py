"""Bearer tokens of a provider: which are believed."""

from __future__ import annotations

import base64
import hmac
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from windlass.errors import Unauthenticated
from windlass_server.access.jwt import JwtVerifier

ISSUER, AUDIENCE = "https://id.example", "windlass"
KEY, LATER = RSAKey.generate_key(2048, {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})


class Provider:
    """Says of itself what a provider says, and counts how often it is asked for its keys anew."""

    def __init__(self, *keys):
        self.current, self.asked = keys, 0

    def configuration(self):
        return {"issuer": ISSUER}

    def keys(self, *, anew=False):
        self.asked += anew
        return KeySet(list(self.current if anew else self.current[:1])).as_dict(private=False)


def claims(**changes):
    now = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, **changes}


def signed(content, key=KEY, algorithm="RS256", **header):
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, content, key, algorithms=[algorithm])


def encoded(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.fixture
def verifier():
    return JwtVerifier(Provider(KEY), AUDIENCE)


@pytest.mark.parametrize("audience", [AUDIENCE, ["another", AUDIENCE]])
def test_a_good_token_is_believed(verifier, audience):
    assert verifier.verify(signed(claims(aud=audience)))["sub"] == "alice"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_a_token_for_others_or_another_time_is_refused(verifier, changes):
    content = {name: value for name, value in claims(**changes).items() if value is not None}
    with pytest.raises(Unauthenticated):
        verifier.verify(signed(content))


def test_a_token_without_a_signature_is_refused(verifier):
    with pytest.raises(Unauthenticated):
        verifier.verify(f"{encoded({'alg': 'none', 'kid': 'one'})}.{encoded(claims())}.")


def test_the_public_key_is_no_shared_secret(verifier):
    content = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims())}"
    signature = hmac.digest(KEY.as_pem(private=False), content.encode(), "sha256")
    with pytest.raises(Unauthenticated):
        verifier.verify(f"{content}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}")


@pytest.mark.parametrize("token", ["", "a.b.c", "x", "é.é.é", "a" * 100_000])
def test_nonsense_is_refused(verifier, token):
    with pytest.raises(Unauthenticated):
        verifier.verify(token)


def test_a_key_that_is_new_is_asked_for_once():
    provider = Provider(KEY, LATER)
    assert JwtVerifier(provider, AUDIENCE).verify(signed(claims(), LATER, "ES256"))["sub"] == "alice"
    assert provider.asked == 1
