"""Signing in with a real OpenID Connect provider."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from windlass.testing.services import service_url

SETTINGS = {
    "oidc_client_id": "windlass",
    "oidc_client_secret": "a-secret-for-tests",
    "oidc_admin_group": "admins",
    "default_permission": "no_permissions",
}


@pytest.fixture(scope="module")
def issuer():
    return service_url("oidc")


@pytest.fixture(scope="module")
def sso(found, issuer):
    return found(oidc_issuer=issuer, **SETTINGS)


@pytest.fixture
def browser(browse):
    """Opens a browser at a company."""
    return browse


@pytest.fixture
def sign_in(browse):
    """Signs somebody in by way of the provider; gives the browser and the last answer."""

    def sign_in_at(company, login, target="/"):
        client = browse(company)
        start = client.get("/login/start", params={"next": target})
        assert start.status_code == 303
        return client, client.get(at_the_provider(client, start.headers["location"], login))

    return sign_in_at


def at_the_provider(client, url, login):
    """Signs in and agrees; returns the URL that the provider sends the browser back to."""
    for _ in range(12):
        answer = client.get(url)
        if "/interaction/" in url:
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            answer = client.post(url, data={"prompt": prompt, "login": login, "password": "x"})
        url = urljoin(url, answer.headers["location"])
        if "/login/callback" in url:
            return url
    raise AssertionError(url)


def id_token(client, issuer, login, client_id="windlass", secret="a-secret-for-tests"):
    """A token as a program gets one from the provider by itself."""
    import base64
    import hashlib

    verifier = "v" * 60
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    redirect = "http://127.0.0.1:1/login/callback"
    query = {
        "response_type": "code", "client_id": client_id, "redirect_uri": redirect, "scope": "openid profile",
        "state": "s", "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    back = at_the_provider(client, f"{issuer}/auth?{httpx.QueryParams(query)}", login)
    form = {
        "grant_type": "authorization_code", "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": redirect, "code_verifier": verifier,
    }  # fmt: skip
    return client.post(f"{issuer}/token", data=form, auth=(client_id, secret)).json()["id_token"]


def test_a_browser_signs_in_and_gets_an_account_with_its_groups(sso, sign_in):
    sso.admin.ours("POST", "/groups/create", {"name": "ds"})
    experiment = sso.admin.do("POST", "/experiments/create", {"name": "for ds"})["experiment_id"]
    values = {"group": "ds", "resource_type": "experiment", "resource": experiment, "permission": "READ"}
    sso.admin.ours("POST", "/grants/create", values)
    target = f"/api/2.0/mlflow/experiments/get?experiment_id={experiment}"
    client, back = sign_in(sso, "alice:ds", target=target)
    assert (back.status_code, back.headers["location"]) == (303, target)
    cookie = next(one for one in back.headers.get_list("set-cookie") if one.startswith("windlass_session="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {one.strip() for one in cookie.split(";")}
    assert client.get(back.headers["location"]).status_code == 200
    alice = sso.admin.do("GET", "/users/get", {"username": "alice"})["user"]
    assert (alice["groups"], alice["is_admin"], alice["origin"].startswith("oidc ")) == (["ds"], False, True)


def test_a_group_of_the_provider_makes_administrators_and_unmakes_them(sso, sign_in):
    sign_in(sso, "boss:admins")
    assert sso.admin.do("GET", "/users/get", {"username": "boss"})["user"]["is_admin"]


def test_signing_out_ends_the_session(sso, sign_in, browser):
    client, _ = sign_in(sso, "carol:ds")
    assert client.get("/version").status_code == 200
    kept = client.cookies["windlass_session"]
    assert client.post("/logout").headers["location"] == "/login"
    again = browser(sso)
    again.cookies.set("windlass_session", kept)
    assert again.get("/version").status_code == 303


def test_a_page_sends_people_to_sign_in_and_programs_get_401(sso, browser):
    answer = browser(sso).get("/version?filter=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fversion%3Ffilter%3Dx")
    assert sso.nobody.send("GET", "/version").status == 401


def test_a_callback_that_nobody_asked_for_is_refused(sso, browser):
    client = browser(sso)
    assert client.get("/login/callback?code=x&state=y").status_code == 400
    start = client.get("/login/start")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    assert client.get("/login/callback?code=x&state=other").status_code == 401
    assert client.get(f"/login/callback?code=invented&state={state}").status_code == 401
    assert client.get("/version").status_code == 303


def test_the_answer_of_another_sign_in_is_refused(sso, browser):
    mallory, alice = browser(sso), browser(sso)
    back = at_the_provider(mallory, mallory.get("/login/start").headers["location"], "mallory")
    alice.get("/login/start")
    assert alice.get(back).status_code == 401


def test_a_program_signs_in_with_a_token_of_the_provider(sso, issuer, browse):
    token = id_token(browse(), issuer, "robot:ds")
    client = type(sso.nobody)(sso.port, {"authorization": f"Bearer {token}"})
    current = client.do("GET", "/users/current")["user"]
    assert (current["username"], current["groups"]) == ("robot", ["ds"])
    head, body, signature = token.split(".")
    forged = type(sso.nobody)(sso.port, {"authorization": f"Bearer {head}.{body}.{signature[:-4]}AAAA"})
    assert forged.status("GET", "/users/current") == 401


def test_a_token_for_another_application_is_refused(sso, issuer, browse):
    token = id_token(browse(), issuer, "robot:ds", "another", "another-secret")
    client = type(sso.nobody)(sso.port, {"authorization": f"Bearer {token}"})
    assert client.status("GET", "/users/current") == 401


def test_an_account_of_the_same_name_is_not_taken_over(sso, sign_in):
    sso.hire("dave")
    _, back = sign_in(sso, "dave:admins")
    assert back.status_code == 401
    assert "signs in another way" in back.text


def test_nobody_gets_an_account_where_none_are_made(found, issuer, sign_in):
    company = found(oidc_issuer=issuer, create_users=False, **SETTINGS)
    _, back = sign_in(company, "erin")
    assert (back.status_code, "there is no account" in back.text) == (401, True)
