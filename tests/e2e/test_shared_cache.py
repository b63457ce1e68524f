"""Results shared over HTTP: one machine's results spare another the work, and nothing wrong is taken from there."""
import shutil
import ssl
import subprocess

import pytest

from helpers.cache_server import TOKEN, Server
from test_cache import BOTH, NONE, commit, msctl, results, shop, times  # noqa: F401

@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


def share(folder, url):
    (folder / "msctl.yaml").write_text(f"workspace: shop\nservices: [services/*]\npipelines: {{cache: {{url: '{url}'}}}}\n")


def forget(folder):
    """As on another machine."""
    shutil.rmtree(folder.parent.parent / "cache")


@pytest.fixture
def shared(shop, server):  # noqa: F811
    share(shop, server.url())
    return shop


def test_another_machine_has_the_results(msctl_program, shared, server):
    assert results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN) == NONE
    assert server.counted("PUT") == 2
    forget(shared)
    done = msctl(msctl_program, shared, "test", "-v", MSCTL_CACHE_TOKEN=TOKEN)
    assert done.stdout.count("passed (cached)") == 2 and "testing\nof orders\n" in done.stderr
    assert (times(shared, "orders"), server.counted("PUT")) == (1, 2)
    before = server.counted("GET")
    assert results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN) == BOTH
    assert server.counted("GET") == before  # from there it was kept here


@pytest.mark.parametrize("fault", ["cut", "changed"])
def test_what_is_spoilt_there_is_not_taken(msctl_program, shared, server, fault):
    results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN)
    forget(shared)
    server.fault = fault
    assert results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN) == NONE
    assert times(shared, "orders") == 2


def test_an_entry_under_another_key_is_not_taken(msctl_program, shared, server):
    results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN)
    forget(shared)
    one, other = server.entries
    server.entries[one], server.entries[other] = server.entries[other], server.entries[one]
    done = msctl(msctl_program, shared, "test", "--explain", MSCTL_CACHE_TOKEN=TOKEN)
    assert done.stderr.count("it is the result of something else") == 2


def test_with_a_signing_key_only_signed_entries_are_taken(msctl_program, shared):
    results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN)
    forget(shared)
    signed = {"MSCTL_CACHE_TOKEN": TOKEN, "MSCTL_CACHE_KEY": "ours"}
    done = msctl(msctl_program, shared, "test", "--explain", **signed)
    assert done.stderr.count("it is not signed with the key of this cache") == 2
    forget(shared)
    assert results(msctl_program, shared, **signed) == BOTH


@pytest.mark.parametrize("trouble", ["error", "no token", "gone"])
def test_trouble_is_told_once_and_costs_only_the_results(msctl_program, shared, server, trouble):
    server.fault = trouble
    token = "" if trouble == "no token" else TOKEN
    if trouble == "gone":
        share(shared, "http://127.0.0.1:1/x")
    done = msctl(msctl_program, shared, "test", MSCTL_CACHE_TOKEN=token)
    assert done.stderr.count("results are not shared") == 1
    assert server.counted("GET") <= 2 and server.counted("PUT") == 0
    assert results(msctl_program, shared, MSCTL_CACHE_TOKEN=token) == BOTH


def test_who_may_only_read_reads(msctl_program, shared, server):
    results(msctl_program, shared, MSCTL_CACHE_TOKEN=TOKEN)
    (shared / "services/orders/data").write_text("other\n")
    server.may_write = False
    forget(shared)
    done = msctl(msctl_program, shared, "test", MSCTL_CACHE_TOKEN=TOKEN)
    assert "passed (cached)" in done.stdout and "not shared" not in done.stderr


def test_over_tls_with_an_authority_that_the_machine_trusts(msctl_program, shop, server, tmp_path):  # noqa: F811
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
         "-subj", "/CN=cache", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=tmp_path, check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    share(shop, server.url("https"))
    done = msctl(msctl_program, shop, "test", MSCTL_CACHE_TOKEN=TOKEN)
    assert "results are not shared" in done.stderr and not server.asked  # nobody vouches for it
    forget(shop)
    trusted = {"MSCTL_CACHE_TOKEN": TOKEN, "SSL_CERT_FILE": str(tmp_path / "cert.pem")}
    assert results(msctl_program, shop, **trusted) == NONE
    assert server.counted("PUT") == 2


@pytest.mark.parametrize("url", ["ftp://x/y", "http://", "https://user@host/x", "https://host/x?a=b", "cache"])
def test_a_wrong_address_is_told(msctl_program, shop, url):  # noqa: F811
    share(shop, url)
    assert "msctl.yaml:3:" in msctl(msctl_program, shop, "test", code=65).stderr
