"""Which route takes a request, and what it changes: every route of the table answers with its own name."""

import pytest

from gwkit.client import get
from gwkit.problem import assert_problem
from gwkit.upstream import simple_answer

ROUTES = {
    # paths
    "root": {"path": "/"},
    "exact": {"path": "/a"},
    "exact-deep": {"path": "/a/b/c"},
    "prefix": {"path": "/a/**"},
    "prefix-longer": {"path": "/a/b/**"},
    "parameter": {"path": "/p/{id}"},
    "parameter-fixed": {"path": "/p/fixed"},
    "parameter-prefix": {"path": "/p/**"},
    "parameter-middle": {"path": "/p/{id}/items"},
    "parameter-two": {"path": "/p/{id}/{item}"},
    "parameter-below": {"path": "/q/{id}/**"},
    "trailing": {"path": "/s/"},
    # methods
    "methods-get": {"path": "/m", "methods": ["GET"]},
    "methods-post": {"path": "/m", "methods": ["POST", "PUT"]},
    "methods-loose": {"path": "/m/**"},
    "methods-mixed-any": {"path": "/mm"},
    "methods-mixed-post": {"path": "/mm", "methods": ["POST"]},
    "strict": {"path": "/strict/x", "methods": ["GET"]},
    "strict-loose": {"path": "/strict/**"},
    "strict-parameter": {"path": "/strict/{id}", "methods": ["POST"]},
    # fields and parameters of the query
    "fields-two": {"path": "/f", "headers": {"X-A": "1", "X-B": "2"}},
    "fields-one": {"path": "/f", "headers": {"X-A": "1"}},
    "fields-none": {"path": "/f"},
    "query-two": {"path": "/v", "query": {"v": "2", "w": "3"}},
    "query-one": {"path": "/v", "query": {"v": "2"}},
    "query-none": {"path": "/v"},
    "fields-before-query": {"path": "/fq", "headers": {"X-A": "1"}},
    "query-after-fields": {"path": "/fq", "query": {"v": "2"}},
    "only-with-field": {"path": "/w", "headers": {"X-A": "1"}, "methods": ["GET"]},
    "below-w": {"path": "/w/**"},
    # hosts
    "host-exact": {"path": "/**", "host": "a.shop.example"},
    "host-wildcard": {"path": "/**", "host": "*.shop.example"},
    "host-wildcard-longer": {"path": "/**", "host": "*.eu.shop.example"},
    "host-wildcard-exact-path": {"path": "/a", "host": "*.shop.example"},
}


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream):
    routes = [{"name": name, "match": match, "respond": {"status": 200, "body": name, "headers": {"X-Route": name}}} for name, match in ROUTES.items()]
    change = lambda name, path, **more: {"name": name, "match": {"path": path}, "upstream": "app", **more}
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "routes": routes + [
            {"name": "teapot", "match": {"path": "/teapot"}, "respond": {"status": 418, "body": "short and stout", "headers": {"Content-Type": "text/tea", "X-A": "b"}}},
            {"name": "empty", "match": {"path": "/empty"}, "respond": {"status": 204}},
            {"name": "forbidden", "match": {"path": "/forbidden/**"}, "respond": {"status": 403}},
            change("strip", "/strip/**", request={"stripPrefix": "/strip"}),
            change("replace", "/replace/**", request={"stripPrefix": "/replace", "replacePrefix": "/v2"}),
            change("front", "/front/**", request={"replacePrefix": "/v3"}),
            change("edit", "/edit/{id}", request={"headers": {
                "set": {"X-Set": "new", "X-Path": "id={path.id}", "X-Who": "{client.address} {request.id}", "User-Agent": "gateway"},
                "add": {"X-Add": "more"},
                "remove": ["Cookie", "x-gone"],
                "rename": {"X-Old": "X-New"},
            }}, response={"headers": {
                "set": {"X-Served-By": "{upstream.replica}", "Server": "gw", "X-Request": "{request.id}"},
                "add": {"X-Add": "more"},
                "remove": ["X-Inner"],
                "rename": {"X-Old": "X-New"},
            }}),
        ],
    })


TABLE = [
    ("GET", "/", {}, "root"),
    ("GET", "/a", {}, "exact"),
    ("GET", "/a?x=y", {}, "exact"),
    ("GET", "/a/", {}, "prefix"),
    ("GET", "/a/x", {}, "prefix"),
    ("GET", "/a/b", {}, "prefix-longer"),
    ("GET", "/a/b/", {}, "prefix-longer"),
    ("GET", "/a/b/c", {}, "exact-deep"),
    ("GET", "/a/b/c/d", {}, "prefix-longer"),
    ("GET", "/a/bc", {}, "prefix"),
    ("GET", "/ab", {}, None),
    ("GET", "/A", {}, None),
    ("GET", "/p/1", {}, "parameter"),
    ("GET", "/p/fixed", {}, "parameter-fixed"),
    ("GET", "/p/fixed2", {}, "parameter"),
    ("GET", "/p", {}, "parameter-prefix"),
    ("GET", "/p/", {}, "parameter-prefix"),
    ("GET", "/p/1/items", {}, "parameter-middle"),
    ("GET", "/p/fixed/items", {}, "parameter-middle"),
    ("GET", "/p/1/other", {}, "parameter-two"),
    ("GET", "/p/1/items/2", {}, "parameter-prefix"),
    ("GET", "/p/a%20b", {}, "parameter"),
    ("GET", "/q", {}, None),
    ("GET", "/q/1", {}, "parameter-below"),
    ("GET", "/q/1/x/y", {}, "parameter-below"),
    ("GET", "/s/", {}, "trailing"),
    ("GET", "/s", {}, None),
    ("GET", "/m", {}, "methods-get"),
    ("POST", "/m", {}, "methods-post"),
    ("PUT", "/m", {}, "methods-post"),
    ("GET", "/m/x", {}, "methods-loose"),
    ("DELETE", "/m/x", {}, "methods-loose"),
    ("POST", "/mm", {}, "methods-mixed-post"),
    ("GET", "/mm", {}, "methods-mixed-any"),
    ("DELETE", "/mm", {}, "methods-mixed-any"),
    ("GET", "/strict/x", {}, "strict"),
    ("POST", "/strict/y", {}, "strict-parameter"),
    ("GET", "/strict/y/z", {}, "strict-loose"),
    ("GET", "/f", {"X-A": "1", "X-B": "2"}, "fields-two"),
    ("GET", "/f", {"X-A": "1"}, "fields-one"),
    ("GET", "/f", {"x-a": "1"}, "fields-one"),
    ("GET", "/f", {"X-A": "1", "X-B": "3"}, "fields-one"),
    ("GET", "/f", {"X-A": "2"}, "fields-none"),
    ("GET", "/f", {}, "fields-none"),
    ("GET", "/v?v=2&w=3", {}, "query-two"),
    ("GET", "/v?w=3&v=2", {}, "query-two"),
    ("GET", "/v?v=2", {}, "query-one"),
    ("GET", "/v?x=y&v=2&z", {}, "query-one"),
    ("GET", "/v?v=22", {}, "query-none"),
    ("GET", "/v?vv=2", {}, "query-none"),
    ("GET", "/v", {}, "query-none"),
    ("GET", "/fq?v=2", {"X-A": "1"}, "fields-before-query"),
    ("GET", "/fq?v=2", {}, "query-after-fields"),
    ("GET", "/fq", {}, None),
    ("GET", "/w", {"X-A": "1"}, "only-with-field"),
    ("GET", "/w", {}, "below-w"),
    ("POST", "/w", {}, "below-w"),
    ("GET", "/anything", {"Host": "a.shop.example"}, "host-exact"),
    ("GET", "/anything", {"Host": "A.Shop.Example"}, "host-exact"),
    ("GET", "/anything", {"Host": "a.shop.example:8080"}, "host-exact"),
    ("GET", "/anything", {"Host": "a.shop.example."}, "host-exact"),
    ("GET", "/a", {"Host": "a.shop.example"}, "host-exact"),  # the host comes before the path
    ("GET", "/a", {"Host": "b.shop.example"}, "host-wildcard-exact-path"),
    ("GET", "/a/b", {"Host": "b.shop.example"}, "host-wildcard"),
    ("GET", "/x", {"Host": "c.b.shop.example"}, "host-wildcard"),
    ("GET", "/x", {"Host": "c.eu.shop.example"}, "host-wildcard-longer"),
    ("GET", "/x", {"Host": "shop.example"}, None),
    ("GET", "/x", {"Host": "xshop.example"}, None),
    ("GET", "/a", {"Host": "shop.example"}, "exact"),
]


def ask(gateway, method, target, fields):
    fields = dict(fields)
    return gateway.ask(get(target, *[f"{n}: {v}" for n, v in fields.items() if n != "Host"], host=fields.get("Host", "gw.test"), method=method))


@pytest.mark.parametrize("method, target, fields, route", TABLE, ids=[f"{m}-{t}-{'-'.join(map(str, f.items()))}" for m, t, f, _ in TABLE])
def test_the_most_specific_route_takes_it(gateway, method, target, fields, route):
    answer = ask(gateway, method, target, fields)
    if route is None:
        assert_problem(answer, 404, "MSC3004")
    else:
        assert (answer.status, answer.body.decode()) == (200, route)
        assert answer.fields.one("X-Route") == route


@pytest.mark.parametrize("method, target, fields, allowed", [
    ("DELETE", "/m", {}, {"GET", "POST", "PUT"}),
    ("PATCH", "/m", {}, {"GET", "POST", "PUT"}),
    ("POST", "/strict/x", {}, {"GET"}),         # neither /strict/{id}, which takes POST, nor /strict/** is tried
    ("DELETE", "/strict/x", {}, {"GET"}),
    ("GET", "/strict/y", {}, {"POST"}),
    ("POST", "/w", {"X-A": "1"}, {"GET"}),
    ("get", "/m", {}, {"GET", "POST", "PUT"}),  # methods are case-sensitive (RFC 9110 §9.1)
    ("PROPFIND", "/strict/x", {}, {"GET"}),
])
def test_another_method_is_405_with_allow(gateway, method, target, fields, allowed):
    answer = ask(gateway, method, target, fields)
    assert_problem(answer, 405, "MSC3005")
    found = {m.strip() for v in answer.fields.all("Allow") for m in v.split(",")}
    assert found - {"HEAD", "OPTIONS"} == allowed


def test_405_leaves_the_connection_open(gateway):
    with gateway.connect() as client:
        assert client.ask(get("/strict/x", method="POST", body=b"hello")).status == 405
        assert client.ask(get("/a")).body == b"exact"
        assert client.ask(get("/nothing", method="POST", body=b"hello")).status == 404
        assert client.ask(get("/a")).body == b"exact"


def test_404_in_the_middle_of_pipelined_requests(gateway):
    with gateway.connect() as client:
        client.send(get("/a") + get("/nothing", method="POST", body=b"GET /a HTTP/1.1\r\n\r\n") + get("/p/1"))
        assert client.response().body == b"exact"
        assert_problem(client.response(), 404, "MSC3004")
        assert client.response().body == b"parameter"


def test_refusal_of_a_large_body_is_bounded(gateway):
    """An answer without an upstream either drains the body or closes; what follows is never taken for a request."""
    with gateway.connect() as client:
        client.try_send(get("/nothing", "Content-Length: 1000000", method="POST") + b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
        answer = client.response()
        assert answer.status == 404
        if answer.closes:
            client.assert_closed()
        else:
            assert client.silent()


# -------------------------------------------------------------------------------------------------------------- respond

def test_respond(gateway):
    answer = gateway.ask(get("/teapot"))
    assert (answer.status, answer.body) == (418, b"short and stout")
    assert answer.fields.one("Content-Type") == "text/tea" and answer.fields.one("X-A") == "b"


def test_respond_to_head(gateway):
    with gateway.connect() as client:
        answer = client.ask(get("/teapot", method="HEAD"))
        assert answer.status == 418 and answer.fields.get("Content-Length", "15") == "15"
        assert client.ask(get("/teapot")).body == b"short and stout"


def test_respond_without_a_body(gateway):
    with gateway.connect() as client:
        assert client.ask(get("/empty")).status == 204
        answer = client.ask(get("/forbidden/x"))
        assert (answer.status, answer.body) == (403, b"")
        assert client.ask(get("/empty", method="POST", body=b"hello")).status == 204


def test_problem_to_head_has_no_body(gateway):
    with gateway.connect() as client:
        assert client.ask(get("/nothing", method="HEAD")).status == 404
        assert client.ask(get("/a")).body == b"exact"


def test_respond_on_a_kept_connection_after_bodies(gateway):
    with gateway.connect() as client:
        for _ in range(5):
            assert client.ask(get("/a", method="POST", body=b"x" * 1000)).body == b"exact"
        answer = client.ask(get("/a", "Transfer-Encoding: chunked", method="POST") + b"5\r\nhello\r\n0\r\n\r\n")
        assert answer.body == b"exact"
        if answer.closes:  # a body that nobody reads may end the connection, when the answer says so
            client.assert_closed()
        else:
            assert client.ask(get("/a")).body == b"exact"


# ------------------------------------------------------------------------------------------------------------ transformation

@pytest.mark.parametrize("target, forwarded", [
    ("/strip", "/"), ("/strip/", "/"), ("/strip/a", "/a"), ("/strip/a/b?c=d", "/a/b?c=d"), ("/strip?c=d", "/?c=d"), ("/strip/strip/a", "/strip/a"),
    ("/strip/%73trip", "/strip"),
    ("/replace/a", "/v2/a"), ("/replace/a?b", "/v2/a?b"), ("/front/a", "/v3/front/a"),
])
def test_prefixes(gateway, upstream, target, forwarded):
    assert gateway.ask(get(target)).json()["target"] == forwarded


def test_replacing_a_whole_path(gateway):
    assert gateway.ask(get("/replace")).json()["target"] in ("/v2", "/v2/")


def test_header_edits_of_the_request(gateway):
    answer = gateway.ask(get("/edit/a%20b", "X-Set: old", "x-set: older", "X-Add: one", "Cookie: a=b", "X-GONE: 1", "X-Old: kept", "User-Agent: curl"))
    fields = [(n.lower(), v) for n, v in answer.json()["fields"]]
    values = lambda name: [v for n, v in fields if n == name]
    assert values("x-set") == ["new"]
    assert values("x-add") == ["one", "more"] or values("x-add") == ["one, more"]
    assert values("cookie") == [] and values("x-gone") == []
    assert values("x-old") == [] and values("x-new") == ["kept"]
    assert values("user-agent") == ["gateway"]
    assert values("x-path") in (["id=a%20b"], ["id=a b"])
    assert values("x-who") == [f"127.0.0.1 {values('x-request-id')[0]}"]


def test_header_edits_of_the_answer(gateway, upstream):
    upstream.respond("/edit/answer", simple_answer(fields=["Server: inner", "X-Add: one", "X-Inner: secret", "X-Old: kept"]))
    answer = gateway.ask(get("/edit/answer"))
    assert answer.fields.all("Server") == ["gw"]
    assert ", ".join(answer.fields.all("X-Add")) == "one, more"
    assert "X-Inner" not in answer.fields and "X-Old" not in answer.fields
    assert answer.fields.one("X-New") == "kept"
    assert answer.fields.one("X-Served-By")
    assert answer.fields.one("X-Request") == upstream.wait_request("/edit/answer").fields.one("X-Request-Id")


@pytest.mark.parametrize("target", ["/edit/a%0d%0aX-Evil:%201", "/edit/%00", "/edit/a%0aX:y"])
def test_variables_carry_no_line_breaks(gateway, upstream, target):
    before = len(upstream.requests)
    assert_problem(gateway.ask(get(target)), 400)
    assert len(upstream.requests) == before
