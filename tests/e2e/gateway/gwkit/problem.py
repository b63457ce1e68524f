"""Problem documents of the gateway (RFC 9457, with code and requestId)."""

import re


def assert_problem(response, status, code=None):
    """The answer is the gateway's own, with this status (or one of these) and code."""
    allowed = (status,) if isinstance(status, int) else tuple(status)
    assert response.status in allowed, f"{allowed} expected: {response}"
    assert response.fields.one("Content-Type").split(";")[0].strip() == "application/problem+json", response
    document = response.json()
    assert document["status"] == response.status, document
    for key in ("type", "title", "detail", "requestId"):
        assert isinstance(document[key], str) and document[key], (key, document)
    assert re.fullmatch(r"MSC3[0-9]{3}", document["code"]), document
    if code:
        codes = (code,) if isinstance(code, str) else tuple(code)
        assert document["code"] in codes, f"{codes} expected: {document}"
    return document


def refused(gateway, raw, status):
    """These bytes get this problem, and the connection ends behind it."""
    with gateway.connect() as client:
        client.try_send(raw)
        answer = client.response(to_head=raw.startswith(b"HEAD "))
        assert_problem(answer, status)
        client.assert_closed()
    return answer
