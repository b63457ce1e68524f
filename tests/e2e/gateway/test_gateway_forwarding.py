"""What the upstream is told: identity, forwarded and hop-by-hop fields, request id and trace (rows 11 and 13)."""

import re

import pytest

from gwkit.client import get
from gwkit.upstream import simple_answer

TRUSTED = "127.0.0.2"   # a trusted proxy, by configuration
OTHER = "127.0.0.3"     # any other client


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream, tmp_path_factory, write_keys):
    folder = tmp_path_factory.mktemp("forwarding")
    write_keys(folder / "keys.yaml", alice=("secret", ["gold", "eu"]))
    return start_gateway({
        "trustedProxies": [f"{TRUSTED}/32", "10.0.0.0/8"],
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "authentication": {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}},
        "routes": [
            {"name": "public", "match": {"path": "/t/**"}, "upstream": "app",
             "request": {"headers": {"set": {"X-Seen-Client": "{client.address}", "X-Seen-Id": "{request.id}"}}}},
            {"name": "known", "match": {"path": "/known/**"}, "upstream": "app", "authentication": ["partners"]},
        ],
    }, folder=folder)


def seen(gateway, upstream, path, *fields, source=OTHER, **options):
    """What the upstream got for a request with these fields."""
    count = len(upstream.of(path))
    answer = gateway.ask(get(path, *fields, **options), source_address=source)
    assert answer.status == 200, answer
    return upstream.wait_request(path, count + 1).fields


# --------------------------------------------------------------------------------------------------------------------- identity

IDENTITY = ["X-Consumer-Name: root", "x-consumer-name: root", "X-CONSUMER-GROUPS: admin", "X-Consumer-Id: 1", "X-Consumer-: x", "X-Claim-sub: root",
            "x-claim-tenant: 1", "X-Claim-Role: admin"]


@pytest.mark.parametrize("field", IDENTITY)
@pytest.mark.parametrize("source", [TRUSTED, OTHER])
def test_identity_fields_of_clients_are_removed(gateway, upstream, path, field, source):
    fields = seen(gateway, upstream, path, field, field, source=source)
    assert not [n for n, _ in fields if n.lower().startswith(("x-consumer", "x-claim"))]


@pytest.mark.parametrize("field", ["X_Consumer_Name: root", "X-Consumer_Name: root", "x_claim_sub: root", "X_Forwarded_For: 1.2.3.4"])
def test_identity_fields_in_disguise_are_removed(gateway, upstream, path, field):
    """Servers after CGI's manner read '_' as '-' (RFC 3875 §4.1.18)."""
    names = [n.lower() for n, _ in seen(gateway, upstream, path, field)]
    assert field.partition(":")[0].lower() not in names


def test_identity_of_the_gateway_is_the_only_one(gateway, upstream):
    fields = seen(gateway, upstream, "/known/a", "X-API-Key: secret", "X-Consumer-Name: root", "X-Consumer-Groups: admin",
                  "x-consumer-name: root", "X-Claim-sub: root")
    assert fields.one("X-Consumer-Name") == "alice"
    assert fields.elements("X-Consumer-Groups") == ["gold", "eu"]
    assert "X-Claim-sub" not in fields


# ------------------------------------------------------------------------------------------------------------------- hop by hop

NAMED = ["X-Consumer-Name", "X-Consumer-Groups", "X-Request-Id", "traceparent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
         "Forwarded", "Host", "Content-Length", "Transfer-Encoding", "close", "keep-alive", "x-api-key", "authorization"]


@pytest.mark.parametrize("name", NAMED)
def test_connection_cannot_take_the_gateways_fields_away(gateway, upstream, name):
    """RFC 9110 §7.6.1 removes what Connection names; what the gateway itself says is not the client's to remove."""
    before = len(upstream.of("/known/hop"))
    answer = gateway.ask(get("/known/hop", f"Connection: {name}", "X-API-Key: secret", body=b"hello", method="POST"))
    if answer.status in (400, 401):  # a named Host or framing field may as well be refused; a named credential is then none
        assert len(upstream.of("/known/hop")) == before
        return
    assert answer.status == 200
    request = upstream.wait_request("/known/hop", before + 1, complete=True)
    assert request.body == b"hello"
    for field in ("X-Consumer-Name", "X-Consumer-Groups", "X-Request-Id", "traceparent", "X-Forwarded-For", "X-Forwarded-Proto",
                  "X-Forwarded-Host", "Forwarded", "Host"):
        assert len(request.fields.all(field)) == 1, (field, request.fields)
    assert name.lower() not in request.fields.elements("Connection") or name == "keep-alive"


def test_fields_named_by_connection_are_removed(gateway, upstream, path):
    fields = seen(gateway, upstream, path, "Connection: X-Secret, x-other", "Connection: X-Third", "X-Secret: a", "X-OTHER: b", "x-third: c", "X-Kept: d")
    for name in ("X-Secret", "X-Other", "X-Third"):
        assert name not in fields
    assert fields.one("X-Kept") == "d"


def test_hop_by_hop_fields_are_removed(gateway, upstream, path):
    fields = seen(gateway, upstream, path, "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: gzip", "Proxy-Authorization: Basic eDp5",
                  "Upgrade: websocket", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: HTTP2-Settings, TE, Keep-Alive")
    for name in ("Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Upgrade", "HTTP2-Settings"):
        assert name not in fields, name
    assert fields.elements("TE") in ([], ["trailers"])
    assert set(fields.elements("Connection")) <= {"keep-alive"}


def test_h2c_is_not_upgraded(gateway, upstream, path):
    """A tunnel would carry requests past every filter."""
    fields = seen(gateway, upstream, path, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
    assert "Upgrade" not in fields and "HTTP2-Settings" not in fields


def test_hop_by_hop_fields_of_the_answer_are_removed(gateway, upstream, path):
    upstream.respond(path, simple_answer(fields=["Connection: X-Inner", "X-Inner: a", "Keep-Alive: timeout=5", "Proxy-Authenticate: Basic",
                                                 "Proxy-Connection: keep-alive", "X-Kept: b"]))
    answer = gateway.ask(get(path))
    for name in ("X-Inner", "Keep-Alive", "Proxy-Connection"):
        assert name not in answer.fields, name
    assert answer.fields.one("X-Kept") == "b"


def test_all_other_fields_pass_in_their_order(gateway, upstream, path):
    sent = [("Accept", "text/html;q=0.9, */*"), ("Cookie", "a=b"), ("X-Many", "1"), ("x-MANY", "2"), ("Accept", "text/plain"), ("Cookie", "c=d"),
            ("Authorization", "Bearer abc"), ("User-Agent", "test"), ("Via", "1.0 fred"), ("X-Empty", "")]
    fields = seen(gateway, upstream, path, *[f"{n}: {v}" for n, v in sent])
    names = {n.lower() for n, _ in sent}
    assert [(n, v) for n, v in fields if n.lower() in names and n.lower() != "via"] == [s for s in sent if s[0] != "Via"]


# ------------------------------------------------------------------------------------------------------------ forwarded fields

def test_forwarded_fields_tell_of_the_client(gateway, upstream, path):
    fields = seen(gateway, upstream, path, host="shop.example:8080")
    assert fields.one("Host") == "shop.example:8080"
    assert fields.one("X-Forwarded-For") == OTHER
    assert fields.one("X-Forwarded-Proto") == "http"
    assert fields.one("X-Forwarded-Host") == "shop.example:8080"
    forwarded = dict(p.split("=", 1) for p in fields.one("Forwarded").split(";"))
    assert {k.lower(): v.strip('"') for k, v in forwarded.items()} == {"for": OTHER, "proto": "http", "host": "shop.example:8080"}
    assert re.search(r'host="shop.example:8080"', fields.one("Forwarded"), re.I), "RFC 7239 §4: ':' needs quotes"
    assert fields.one("X-Seen-Client") == OTHER


SPOOFED = ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test", "Forwarded: for=1.2.3.4;proto=https;host=evil.test",
           "X-Request-Id: chosen", "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /evil", "X-Real-IP: 1.2.3.4", "X-Forwarded-Server: evil"]


@pytest.mark.parametrize("field", SPOOFED)
def test_forwarded_fields_of_others_are_not_believed(gateway, upstream, path, field):
    fields = seen(gateway, upstream, path, field, field.lower())
    name, value = field.split(": ")
    assert not any(value in v or "1.2.3.4" in v or "evil" in v for v in fields.all(name)), fields
    assert fields.one("X-Forwarded-For") == OTHER
    assert fields.one("X-Forwarded-Proto") == "http"
    assert fields.one("X-Forwarded-Host") == "gw.test"
    assert "1.2.3.4" not in fields.one("Forwarded") and "evil" not in fields.one("Forwarded")
    assert fields.one("X-Seen-Client") == OTHER
    assert fields.one("X-Seen-Id") != "chosen"


def test_forwarded_fields_of_a_trusted_proxy_are_kept_and_added_to(gateway, upstream, path):
    fields = seen(gateway, upstream, path, "X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: public.example",
                  "Forwarded: for=192.0.2.7;proto=https;host=public.example", "X-Request-Id: abc-123", source=TRUSTED)
    assert ", ".join(fields.all("X-Forwarded-For")).replace(" ", "") == f"192.0.2.7,{TRUSTED}"
    assert fields.all("X-Forwarded-Proto")[0] == "https"
    assert fields.all("X-Forwarded-Host")[0] == "public.example"
    elements = [e.strip() for v in fields.all("Forwarded") for e in v.split(",")]
    assert elements[0] == "for=192.0.2.7;proto=https;host=public.example"
    assert TRUSTED in elements[-1] and len(elements) == 2
    assert fields.one("X-Request-Id") == "abc-123" == fields.one("X-Seen-Id")
    assert fields.one("X-Seen-Client") == "192.0.2.7"


@pytest.mark.parametrize("chain, client", [
    ("192.0.2.7", "192.0.2.7"),
    ("1.1.1.1, 192.0.2.7", "192.0.2.7"),                 # the first was said by nobody whom we trust
    ("192.0.2.7, 10.1.2.3", "192.0.2.7"),                # a chain of trusted proxies
    ("1.1.1.1, 192.0.2.7, 10.1.2.3, 10.0.0.1", "192.0.2.7"),
    ("1.1.1.1,192.0.2.7 ,10.1.2.3", "192.0.2.7"),
    ("2001:db8::1", "2001:db8::1"),
])
def test_the_client_is_the_last_one_not_trusted(gateway, upstream, path, chain, client):
    assert seen(gateway, upstream, path, f"X-Forwarded-For: {chain}", source=TRUSTED).one("X-Seen-Client") == client


def test_forwarded_for_over_several_lines(gateway, upstream, path):
    fields = seen(gateway, upstream, path, "X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 192.0.2.7, 10.1.2.3", source=TRUSTED)
    assert fields.one("X-Seen-Client") == "192.0.2.7"
    assert ",".join(fields.all("X-Forwarded-For")).replace(" ", "") == f"1.1.1.1,192.0.2.7,10.1.2.3,{TRUSTED}"


@pytest.mark.parametrize("chain", ["unknown", "garbage, 10.0.0.1", "1.2.3.4.5", "<script>", "", ",,,", "999.1.1.1", "a" * 3000])
def test_a_senseless_chain_does_no_harm(gateway, upstream, path, chain):
    """The client is then the last address that makes sense, at the least the proxy itself."""
    assert seen(gateway, upstream, path, f"X-Forwarded-For: {chain}", source=TRUSTED).one("X-Seen-Client") in (TRUSTED, "10.0.0.1")


# -------------------------------------------------------------------------------------------------------- request id and trace

TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-9a-f]\Z")


def test_every_request_has_an_id_and_a_trace_of_its_own(gateway, upstream, path):
    ids, traces = set(), set()
    for _ in range(50):
        fields = seen(gateway, upstream, path)
        ids.add(fields.one("X-Request-Id"))
        assert fields.one("X-Seen-Id") == fields.one("X-Request-Id")
        assert TRACEPARENT.match(fields.one("traceparent")), fields
        traces.add(fields.one("traceparent").split("-")[1])
    assert len(ids) == len(traces) == 50
    assert all(re.fullmatch(r"[0-9A-Za-z-]{16,64}", i) for i in ids), ids


def test_a_trace_is_continued(gateway, upstream, path):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    fields = seen(gateway, upstream, path, f"traceparent: 00-{trace}-00f067aa0ba902b7-01", "tracestate: a=b,c=d")
    assert TRACEPARENT.match(fields.one("traceparent"))
    _, trace_id, _, flags = fields.one("traceparent").split("-")
    assert (trace_id, flags) == (trace, "01")
    assert fields.one("tracestate") == "a=b,c=d"


def test_a_trace_that_is_not_sampled_stays_so(gateway, upstream, path):
    fields = seen(gateway, upstream, path, "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")
    assert fields.one("traceparent").split("-")[1::2] == ["4bf92f3577b34da6a3ce929d0e0e4736", "00"]


@pytest.mark.parametrize("value", [
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "garbage", "", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"])
def test_a_wrong_traceparent_is_replaced(gateway, upstream, path, value):
    """W3C Trace Context §3.2.2: what does not parse is ignored, and a new trace begins."""
    traceparent = seen(gateway, upstream, path, f"traceparent: {value}").one("traceparent")
    assert TRACEPARENT.match(traceparent)
    assert "4bf92f3577b34da6" not in traceparent.lower()


def test_two_traceparents_are_none(gateway, upstream, path):
    one = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert TRACEPARENT.match(seen(gateway, upstream, path, one, one.replace("4bf", "5bf")).one("traceparent"))


@pytest.mark.parametrize("value", ["", " ", "a" * 5000, "a b", 'a"b', "a\\b", "{request.id}", "caf\xe9"])
def test_a_senseless_request_id_of_a_trusted_proxy_does_no_harm(gateway, upstream, path, value):
    fields = seen(gateway, upstream, path, f"X-Request-Id: {value}", source=TRUSTED)
    assert len(fields.all("X-Request-Id")) == 1 and fields.one("X-Request-Id")
