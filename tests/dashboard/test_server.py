"""The page is told where its server is, and nothing else that is served is touched."""

import asyncio

from tracker.dashboard.server import ADDRESS, KnownAddress


def answer(path, content_type, body):
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

    scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", b"gzip"), (b"if-none-match", b"x")]}
    asyncio.run(KnownAddress(inner)(scope, None, send))
    return dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:]), dict(asked["headers"])


def test_the_html_file_gets_the_address_in_its_head():
    """Length and body agree, and the tag of the unchanged file is gone."""
    headers, body, asked = answer("/loops", b"text/html; charset=utf-8", b"<html><head><title>x</title></head></html>")
    assert body == b"<html><head>" + ADDRESS + b"<title>x</title></head></html>"
    assert headers[b"content-length"] == str(len(body)).encode()
    assert (b"etag" in headers, asked) == (False, {})


def test_a_script_passes_through_untouched():
    """Also its compression and its tag."""
    headers, body, asked = answer("/static/js/index.js", b"text/javascript", b"'<head>'; go(); go()")
    assert (body, headers[b"etag"]) == (b"'<head>'; go(); go()", b"x")
    assert set(asked) == {b"accept-encoding", b"if-none-match"}
