"""Path confusion: what is routed and authorised is what is forwarded. A protected tree stands among public ones; no spelling of
a path may bring a request without a key to an upstream that would read it as a path of the protected tree."""

import itertools
import posixpath
import re
from urllib.parse import unquote_to_bytes

import pytest

from gwkit.client import get
from gwkit.problem import assert_problem


@pytest.fixture(scope="module")
def gateway(start_gateway, upstream, tmp_path_factory, write_keys):
    folder = tmp_path_factory.mktemp("paths")
    write_keys(folder / "keys.yaml", alice=("secret", []))
    return start_gateway({
        "upstreams": {"app": {"endpoints": [upstream.endpoint]}},
        "authentication": {"partners": {"apiKey": {"header": "X-API-Key", "keys": "keys.yaml"}}},
        "routes": [
            {"name": "admin", "match": {"path": "/admin/**"}, "upstream": "app", "authentication": ["partners"]},
            {"name": "public", "match": {"path": "/public/**"}, "upstream": "app"},
            {"name": "stripped", "match": {"path": "/api/**"}, "upstream": "app", "request": {"stripPrefix": "/api"}},
            {"name": "one", "match": {"path": "/one/{id}"}, "upstream": "app"},
            {"name": "host", "match": {"path": "/**", "host": "all.test"}, "upstream": "app"},
        ],
    }, folder=folder)


def readings(target):
    """The paths that upstreams of all kinds might see in a target."""
    path = target.partition("?")[0].encode("latin-1")
    seen = {path}
    for _ in range(4):  # whatever order they decode, cut and clean in, a few rounds reach the end
        for one in list(seen):
            seen.add(unquote_to_bytes(one))
            seen.add(re.sub(rb"%u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)).encode("utf-8", "replace"), one))
            seen.add(one.replace(b"\\", b"/"))
            seen.add(re.sub(rb"/+", b"/", one))
            seen.add(re.sub(rb";[^/]*", b"", one))
            seen.add(one.partition(b"\0")[0])
            seen.add(one.replace(b"\xc0\xae", b".").replace(b"\xc0\xaf", b"/").replace(b"\xc1\x9c", b"/"))
            seen.add(one.replace(b"\xe0\x80\xae", b".").replace(b"\xe0\x80\xaf", b"/"))
            if one.startswith(b"/"):
                seen.add(posixpath.normpath(one))
    return {re.sub(rb"/+", b"/", s).lower() for s in seen}


def guarded(target):
    return any(r == b"/admin" or r.startswith(b"/admin/") for r in readings(target))


DOTS = ["..", "%2e%2e", "%2E%2E", ".%2e", "%2e.", "%2e%2E", "%252e%252e", "%25%32%65%25%32%65", "%u002e%u002e", "%c0%ae%c0%ae",
        "%e0%80%ae%e0%80%ae", "..;", "..;x=y", "%2e%2e;", "..%3b", "..%00", "..%20", "..%09", "...", "..%0d", "..%0a"]
SLASHES = ["/", "//", "%2f", "%2F", "%5c", "%5C", "\\", "%252f", "%255c", "%c0%af", "%e0%80%af", "%u2215", ";/", "/;/", "/./", "/%2e/",
           "%00/", "/%00/", "%0d%0a/"]

CLIMBS = [f"/public{a}{dots}{b}admin/x" for a, dots, b in itertools.product(SLASHES, DOTS, SLASHES)]
SPELLINGS = ["/%61dmin/x", "/%61%64%6d%69%6e/x", "/admi%6e/x", "/admin%2fx", "/admin%2Fx", "/admin%5cx", "/admin\\x", "//admin/x", "///admin/x",
             "/./admin/x", "/.//admin/x", "/%2e/admin/x", "/admin;/x", "/admin;a=b/x", "/;/admin/x", "/admin%3b/x", "/admin%00/x", "/admin%00",
             "/admin/x%00", "/admin%2500/x", "/%2561dmin/x", "/%%361dmin/x", "/ADMIN/x", "/Admin/x", "/admin./x", "/admin%20/x",
             "/admin%09/x", "/admin%0a/x", "/admin%0d%0a/x", "/%ef%bc%8fadmin/x", "/admin/../admin/x", "/x/../admin/x", "/x/%2e%2e/admin/x",
             "/public/../../admin/x", "/public/../../../admin/x", "/../admin/x", "/%2e%2e/admin/x", "/..%2fadmin/x", "/..;/admin/x",
             "/admin/.", "/admin/..", "/admin/../public/../admin", "/admin/%2e", "/public/..", "/public/.", "/admin%", "/admin%2", "/admin%zz/x",
             "/admin%c3%a9/x", "/admin%ff/x", "/admin%c3/x", "/admin%ed%a0%80/x", "/admin%f4%90%80%80/x", "/admin?/../public", "/admin/x?a=/public",
             "/public/x?/../admin", "/admin%3f/x", "/admin%23/x", "/admin/%2e%2e%2fpublic", "/api/../admin/x", "/api/%2e%2e/admin/x",
             "/api//admin/x", "/api/%2fadmin/x", "/api/..%2fadmin/x", "/api/;/admin/x", "/api/./admin/../../admin/x", "/api%2f..%2fadmin/x",
             "/one/..%2fadmin", "/one/%2e%2e", "/one/..", "/one/../admin", "/one/%2e%2e%2fadmin%2fx", "/one/admin%2fx", "/one//admin",
             "/one/.", "/one/%00", "/one/;x", "http://gw.test//admin/x", "http://gw.test/public/../admin/x", "http://gw.test/%61dmin/x",
             "http://gw.test\\admin\\x", "http://gw.test/public/%2e%2e/admin"]


def outcome(gateway, upstream, client, target, host="gw.test"):
    """The answer to a request without a key, and what was forwarded of it. Opens a new connection where the last one is closed."""
    before = len(upstream.requests)
    client = client or gateway.connect()
    client.send(get(target, host=host))
    answer = client.response()
    forwarded = [r.target for r in upstream.requests[before:]]
    assert len(forwarded) == (1 if answer.status == 200 else 0), (target, answer, forwarded)
    if answer.closes:
        client.assert_closed()
        client.close()
        client = None
    return answer, (forwarded[0] if forwarded else None), client


def judge(target, answer, forwarded, strip=""):
    if forwarded is None:
        assert_problem(answer, (400, 401, 404))
        return
    assert not guarded(strip + forwarded), f"{target} reached the upstream as {forwarded} without a key"
    path = forwarded.partition("?")[0]
    low = path.lower()
    assert re.fullmatch(r"/[!-~]*", path), forwarded
    for bad in ("//", "\\", "%2f", "%5c", "%00", "%2e", ";", "%3b", "/./", "/../", "%25"):
        assert bad not in low, f"{target} was forwarded as {forwarded}"
    assert not low.endswith(("/.", "/.."))


def run(gateway, upstream, targets):
    client, passed = None, []
    for target in targets:
        answer, forwarded, client = outcome(gateway, upstream, client, target)
        judge(target, answer, forwarded)
        if forwarded:
            passed.append((target, forwarded))
    if client:
        client.close()
    return passed


@pytest.mark.parametrize("slash", SLASHES)
def test_climbing_out_of_a_public_tree(gateway, upstream, slash):
    """Every separator before, every one after, every spelling of two dots between."""
    run(gateway, upstream, [c for c in CLIMBS if c.startswith(f"/public{slash}")])


@pytest.mark.parametrize("target", SPELLINGS)
def test_spellings_of_a_protected_path(gateway, upstream, target):
    passed = run(gateway, upstream, [target])
    for _, forwarded in passed:  # only routes that exist; case matters in paths
        assert forwarded.startswith(("/public", "/one/")) or target.startswith("/api/"), (target, forwarded)


@pytest.mark.parametrize("tail", ["%2f..%2fadmin", "%5c..%5cadmin", "/..\\admin", "%00", "%0d%0aX:%20y", "//x", ";x", "/%c0%ae%c0%ae/x",
                                  "/%252e%252e/x", "%", "%g1", "/%ff", "/\x80"])
def test_refused_spellings_are_malformed(gateway, upstream, tail):
    """These are 400 even where a route for everything would take them."""
    before = len(upstream.requests)
    assert_problem(gateway.ask(get("/x" + tail, host="all.test")), 400, "MSC3001")
    assert len(upstream.requests) == before


@pytest.mark.parametrize("target, forwarded", [
    ("/public/a", "/public/a"),
    ("/public/%61", "/public/a"),
    ("/public/%7Ea", "/public/~a"),
    ("/public/a%20b", "/public/a%20b"),
    ("/public/caf%c3%a9", "/public/caf%C3%A9"),
    ("/public/a/./b", "/public/a/b"),
    ("/public/a/../b", "/public/b"),
    ("/public/a/%2e%2e/b", "/public/b"),
    ("/public/x/..", "/public/"),
    ("/public/.", "/public/"),
    ("/public", "/public"),
    ("/public/", "/public/"),
    ("/public/...", "/public/..."),
    ("/public/.a", "/public/.a"),
    ("/public/..a", "/public/..a"),
    ("/public/a?x=%2f..&y=;", "/public/a?x=%2f..&y=;"),
    ("/public/a?", "/public/a?"),
    ("/public/a?b?c", "/public/a?b?c"),
    ("/x/../public/a", "/public/a"),
    ("/api/public", "/public"),
    ("/api", "/"),
    ("/api/", "/"),
    ("/api?x", "/?x"),
    ("/api/x/../y", "/y"),
    ("/one/a%20b", "/one/a%20b"),
])
def test_the_normal_form_is_forwarded(gateway, upstream, target, forwarded):
    answer, seen, client = outcome(gateway, upstream, None, target)
    assert answer.status == 200 and seen == forwarded
    if client:
        client.close()


@pytest.mark.parametrize("target, forwarded", [("/admin", "/admin"), ("/admin/", "/admin/"), ("/admin/x", "/admin/x"), ("/x/../admin/x", "/admin/x"),
                                               ("/%61dmin/x", "/admin/x"), ("/public/%2e%2e/admin/x", "/admin/x"), ("/admin/./x", "/admin/x")])
def test_the_same_spellings_pass_with_a_key(gateway, upstream, target, forwarded):
    """The protection is the route's, not a list of spellings: with the key they are forwarded in the one form."""
    before = len(upstream.requests)
    assert gateway.ask(get(target)).status == 401
    assert len(upstream.requests) == before
    assert gateway.ask(get(target, "X-API-Key: secret")).status == 200
    assert upstream.requests[-1].target == forwarded


def test_normalising_twice_changes_nothing(gateway, upstream):
    """The forwarded form sent again is forwarded as it is."""
    passed = run(gateway, upstream, ["/public/a%20b", "/public/%7e/%41/..", "/public/a/b/../../c", "/public/%3a%40%21", "/public/(a)[b]", "/public/a|b"])
    assert len(passed) >= 4
    for _, forwarded in passed:
        answer, again, client = outcome(gateway, upstream, None, forwarded)
        assert answer.status == 200 and again == forwarded
        if client:
            client.close()


def test_access_by_absolute_form_host(gateway):
    """The host that is in force is the target's: Host cannot open another host's routes, nor the other way round."""
    assert gateway.ask(get("http://all.test/anything", host="gw.test")).status == 200
    assert_problem(gateway.ask(get("http://gw.test/anything", host="all.test")), 404, "MSC3004")
    assert gateway.ask(get("http://all.test/admin/x", host="gw.test")).status in (200, 401)
