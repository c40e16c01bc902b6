"""Foreign texts, Retry-After, and addresses: what comes in and goes out as strings."""

from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.clock import SystemClock
from bridge.vendor.address import check_base_url, run_path, status_path
from bridge.vendor.client import BrandKeys, VendorClient
from bridge.vendor.errortext import readable
from bridge.vendor.request import Origin, Request
from bridge.vendor.retry_after import retry_after_ms

NOW = 1_700_000_000_000


@given(st.text(max_size=20) | st.integers().map(str), st.integers(0, 2**42))
def test_a_wait_is_between_a_second_and_five_minutes_or_not_known(header: str, now: int) -> None:
    wait = retry_after_ms(header, now)
    assert wait is None or 1_000 <= wait <= 300_000


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 1_000),
        ("1", 1_000),
        (" 30 ", 30_000),
        ("1.2", 2_000),
        ("300", 300_000),
        ("86400", 300_000),
        ("9" * 5_000, 300_000),
        ("1, 2", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30_000),
        ("Tuesday, 14-Nov-23 22:13:50 GMT", 30_000),
        ("Tue Nov 14 22:13:50 2023", 30_000),
        ("Tue, 14 Nov 2023 21:00:00 GMT", 1_000),
        ("Tue, 14 Nov 2033 21:00:00 GMT", 300_000),
        ("Tue, 45 Nov 2023 21:00:00 GMT", None),
        ("Tue, 14 Nov 99999 21:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, wait: int | None) -> None:
    assert retry_after_ms(header, NOW) == wait


@given(st.integers(1, 300))
def test_a_date_and_seconds_mean_the_same(seconds: int) -> None:
    moment = datetime.fromtimestamp(NOW // 1000 + seconds, UTC)
    assert retry_after_ms(format_datetime(moment, usegmt=True), NOW) == retry_after_ms(str(seconds), NOW)


secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=20).filter(
    lambda key: key not in "[redacted]…"
)


@given(st.binary(max_size=600), secrets, st.binary(max_size=600))
def test_no_text_shows_a_secret(before: bytes, secret: str, after: bytes) -> None:
    for spelling in (secret, quote(secret, safe=""), secret.replace("\\", "\\\\").replace('"', '\\"')):
        text = readable(before + spelling.encode() + after, [secret])
        assert secret not in text
        assert len(text) <= 500


def test_a_secret_across_the_cut_does_not_show_half() -> None:
    assert "half" not in readable(b"x" * 490 + b"half-a-secret", ["half-a-secret"])


def test_what_is_not_utf_8_is_shown_as_such() -> None:
    assert readable(b"caf\xe9", []) == "caf\N{REPLACEMENT CHARACTER}"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_an_id_is_one_segment_of_the_path_and_can_be_read_back(identifier: str) -> None:
    _, executions, segment, status = status_path(identifier).split("/")
    assert (executions, unquote(segment), status) == ("executions", identifier, "status")
    assert segment not in (".", "..")
    assert segment.isascii()


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        run_path("")


@pytest.mark.parametrize(
    ("given_url", "used"),
    [
        ("https://opti-x.optimove.net/smart-campaigns/v1", "https://opti-x.optimove.net/smart-campaigns/v1"),
        ("https://example.com/v1/", "https://example.com/v1"),
        ("http://localhost:8090/v1", "http://localhost:8090/v1"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("http://[::1]:8090/v1", "http://[::1]:8090/v1"),
    ],
)
def test_a_base_url_is_https_or_this_machine(given_url: str, used: str) -> None:
    assert check_base_url(given_url) == used


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://example.com/v1", "in the clear"),
        ("http://127.0.0.1.example.com", "in the clear"),
        ("example.com/v1", "no URL"),
        ("ftp://example.com", "no URL"),
        ("https://", "no URL"),
        ("https://example.com:port", "no URL"),
        ("https://example.com/a b", "no URL"),
        ("https://example.com/v1\r\nx: y", "no URL"),
        ("https://[::1", "no URL"),
        ("https://user@example.com", "must have no user"),
        ("https://example.com/v1?key=1", "must have no user"),
        ("https://example.com/v1#top", "must have no user"),
        ("", "no URL"),
    ],
)
def test_any_other_base_url_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        VendorClient(url, 1000, {}, clock=SystemClock())


@pytest.mark.parametrize("key", ["", "two words", "line\n", "tab\t", "schlüssel", "nul\0"])
def test_a_key_that_no_header_carries_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="api_key must be") as caught:
        BrandKeys(key, "fine")
    assert not key or key not in str(caught.value)


def test_keys_are_not_shown() -> None:
    assert "hidden" not in repr(BrandKeys("hidden-1", "hidden-2"))


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("https://example.com", "GET /x HTTP/1.1", "example.com"),
        ("https://example.com:443/v1", "GET /v1/x HTTP/1.1", "example.com"),
        ("https://example.com:8443/v1", "GET /v1/x HTTP/1.1", "example.com:8443"),
        ("http://[::1]:8090/v1", "GET /v1/x HTTP/1.1", "[::1]:8090"),
        ("http://localhost/a%20b/{c}", "GET /a%20b/%7Bc%7D/x HTTP/1.1", "localhost"),
    ],
)
def test_a_request_says_where_it_goes(url: str, line: str, host: str) -> None:
    head = Origin(url).written(Request("GET", "/x", (), None)).decode().split("\r\n")
    assert head[:2] == [line, f"Host: {host}"]


@given(st.text(st.characters(codec="ascii")), st.text(st.characters(codec="ascii")))
def test_a_request_is_one_request_or_none(name: str, value: str) -> None:
    try:
        data = Origin("https://example.com/v1").written(Request("POST", "/x", ((name, value),), b"{}"))
    except ValueError:
        assert {"\r", "\n"} & {*name, *value}
    else:
        assert len(data.split(b"\r\n")) == 7
        assert data.count(b"\n") == data.count(b"\r") == 6
