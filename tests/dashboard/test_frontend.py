"""The page is told where its server is, and nothing else that is served is touched."""

import asyncio
from pathlib import Path

import pytest
from streamlit import file_util

from tracker.dashboard.frontend import ADDRESS, AT_REST, STATIC, FromMemory, KnownAddress


def answer(path, content_type, body, middleware=KnownAddress):
    """Returns (headers, body) of an answer that went through the middleware in two pieces."""
    sent, asked = [], {}

    async def inner(scope, receive, send):
        asked.update(scope)
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:10], "more_body": True})
        await send({"type": "http.response.body", "body": body[10:]})

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"accept-encoding", b"gzip"), (b"if-none-match", b"x")],
    }
    asyncio.run(middleware(inner)(scope, None, send))
    return (
        dict(sent[0]["headers"]),
        b"".join(message.get("body", b"") for message in sent[1:]),
        dict(asked.get("headers", [])),
    )


def test_the_html_file_gets_the_address_in_its_head():
    """Length and body agree, and the tag of the unchanged file is gone."""
    headers, body, asked = answer("/loops", b"text/html; charset=utf-8", b"<html><head><title>x</title></head></html>")
    assert body == b"<html><head>" + ADDRESS + AT_REST + b"<title>x</title></head></html>"
    assert headers[b"content-length"] == str(len(body)).encode()
    assert (b"etag" in headers, asked) == (False, {})


def test_what_the_html_file_asks_for_is_asked_for_at_the_root():
    """Under whatever address the page was opened."""
    _, body, _ = answer(
        "/loops/none", b"text/html", b'<html><head><script src="./static/js/x.js"></script></head></html>'
    )
    assert body.endswith(b'<script src="/static/js/x.js"></script></head></html>')


def test_a_file_of_the_front_end_comes_whole_from_memory_and_is_never_asked_for_again():
    """What the folder holds, byte for byte, without asking Streamlit's own handler."""
    path = next((Path(file_util.get_static_dir()) / STATIC / "css").glob("*.css"))
    headers, body, passed_on = answer(f"/static/css/{path.name}", b"text/plain", b"not this one", FromMemory)
    assert body == path.read_bytes()
    assert headers[b"content-length"] == str(len(body)).encode()
    assert (headers[b"content-type"], b"immutable" in headers[b"cache-control"]) == (b"text/css", True)
    assert passed_on == {}


@pytest.mark.parametrize("path", ["/static/../secrets.toml", "/static/css/none.css", "/_stcore/health"])
def test_no_other_file_is_served_from_memory(path):
    """Only names that the folder had when the server began; the rest is Streamlit's to answer."""
    assert answer(path, b"text/plain", b"Streamlit's answer", FromMemory)[1] == b"Streamlit's answer"


def test_a_script_passes_through_untouched():
    """Also its compression and its tag."""
    headers, body, asked = answer("/static/js/index.js", b"text/javascript", b"'<head>'; go(); go()")
    assert (body, headers[b"etag"]) == (b"'<head>'; go(); go()", b"x")
    assert set(asked) == {b"accept-encoding", b"if-none-match"}
