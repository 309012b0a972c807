from __future__ import annotations

import pytest

from windlass.errors import InvalidValue
from windlass_ray.address import dashboard_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://ray.example:8265", "http://ray.example:8265"),
        ("https://ray.example/", "https://ray.example"),
        ("http://[::1]:8265/below/", "http://[::1]:8265/below"),
    ],
)
def test_an_address_has_one_form(text, url):
    assert dashboard_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "auto",
        "ray://head:10001",
        "127.0.0.1:6379",
        "http://",
        "http://h:x",
        "http://h:99999",
        "http://h/?a=1",
    ],
)
def test_what_is_no_dashboard_is_refused_with_what_one_looks_like(text):
    with pytest.raises(InvalidValue) as caught:
        dashboard_url(text)
    assert "8265" in str(caught.value.hint)


def test_a_password_is_refused_and_not_shown():
    with pytest.raises(InvalidValue) as caught:
        dashboard_url("http://me:secret@host:8265")
    assert "secret" not in str(caught.value)
