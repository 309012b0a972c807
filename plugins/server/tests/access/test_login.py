"""Signing in with the page, and the cookie that it gives."""

from __future__ import annotations

import re

import pytest

PASSWORD = "correct horse battery"


@pytest.fixture
def visit(company, browse):
    """Opens a browser."""
    return lambda: browse(company)


def fill_in(client, username, password, target="/", **changes):
    page = client.get("/login", params={"next": target})
    mark = re.search(r'name="mark" value="([^"]+)"', page.text)[1]
    form = {"mark": mark, "next": target, "username": username, "password": password, **changes}
    return client.post("/login", data=form)


def test_an_account_signs_in_and_goes_where_it_wanted(company, visit):
    alice, client = company.hire(), visit()
    answer = fill_in(client, alice.username, PASSWORD, "/experiments/0?filter=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/experiments/0?filter=x")
    assert client.get("/version").status_code == 200
    assert client.get("/api/2.0/mlflow/users/current").json()["user"]["username"] == alice.username


def test_a_wrong_password_shows_the_form_again(company, visit):
    alice, client = company.hire(), visit()
    answer = fill_in(client, alice.username, "not the password")
    assert (answer.status_code, "is wrong" in answer.text) == (401, True)
    assert "windlass_session" not in client.cookies


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", ""])
def test_nobody_is_led_away(company, visit, target):
    alice = company.hire()
    assert fill_in(visit(), alice.username, PASSWORD, target).headers["location"] == "/"


def test_a_form_that_this_browser_was_not_given_is_refused(company, visit):
    alice, mallory = company.hire(), visit()
    mark = re.search(r'name="mark" value="([^"]+)"', mallory.get("/login").text)[1]
    form = {"mark": mark, "username": alice.username, "password": PASSWORD}
    assert visit().post("/login", data=form).status_code == 400
    assert fill_in(visit(), alice.username, PASSWORD, mark="invented").status_code == 400


def test_what_is_written_on_the_page_is_no_code(visit):
    page = visit().get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_another_site_cannot_use_the_cookie(company, visit):
    alice, client = company.hire(), visit()
    fill_in(client, alice.username, PASSWORD)
    path, values = "/api/2.0/mlflow/experiments/create", {"name": f"by-cookie-{alice.username}"}
    assert client.post(path, json=values, headers={"origin": "https://evil.example"}).status_code == 403
    own = f"http://127.0.0.1:{company.port}"
    assert client.post(path, json=values, headers={"origin": own}).status_code == 200


def test_a_changed_password_ends_sessions(company, visit):
    alice, client = company.hire(), visit()
    fill_in(client, alice.username, PASSWORD)
    assert client.get("/version").status_code == 200
    company.admin.do(
        "PATCH", "/users/update-password", {"username": alice.username, "password": "another long password"}
    )
    assert client.get("/version").status_code == 303


def test_an_altered_cookie_is_none(company, visit):
    alice, client = company.hire(), visit()
    fill_in(client, alice.username, PASSWORD)
    value = client.cookies["windlass_session"]
    other = visit()
    other.cookies.set("windlass_session", value[:-3] + "abc")
    assert other.get("/version").status_code == 303
