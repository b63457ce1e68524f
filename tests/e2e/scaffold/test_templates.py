"""`new service --template`: templates of others, from folders and from git repositories, the honest and the hostile."""
import json
import os
import pty
import select
import signal
import socket
import subprocess
import time

import pytest

from test_scaffold import msctl, shop, tree  # noqa: F401  (shop is a fixture)

DESCRIPTION = """title: Payments
description: A service that takes payments
language: none
name: sample-service
variables:
  currency: {sentinel: SAMPLE_CURRENCY, description: The currency, default: EUR, pattern: "[A-Z]{3}"}
  port: {type: integer, sentinel: "18081", description: Its port, minimum: 1, maximum: 65535}
  debug: {type: boolean, sentinel: sample_debug, description: Whether it tells more, default: false}
  region: {type: choice, sentinel: sample-region, description: Where it runs, choices: [eu-west, us-east], default: eu-west}
"""
SERVICE = """service: sample-service
language: none
run: [./sample_service.sh]
routes:
  - match: {path: /sample-service/**}
"""
FILES = {
    "template.yaml": DESCRIPTION,
    "service.yaml": SERVICE,
    "sample_service.sh": "#!/bin/sh\n# SampleService in SAMPLE_CURRENCY, not XSAMPLE_CURRENCY or SAMPLE_CURRENCY_2; port 18081, not 118081; sample_debug sample-region SAMPLE_SERVICE_URL\n",
    "deep/sample-region.txt": "sampleService\n",
    "logo.bin": "\0sample-service",
}
PLAIN = {"template.yaml": "title: Plain\nlanguage: none\nname: sample-service\n", "service.yaml": SERVICE}
QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example"}


def git(folder, *arguments, stdin=None):
    return subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=True, env={**os.environ, **QUIET}).stdout.decode().strip()


def write(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    for script in folder.rglob("*.sh"):
        script.chmod(0o755)
    return folder


def commit(repository, message):
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", message)
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "template", FILES)


@pytest.fixture
def repository(tmp_path):
    """Branch main with the templates `full` and `plain`, of which the title at tag v1 was another; branch feature/x."""
    path = tmp_path / "repository"
    write(path / "full", FILES)
    write(path / "plain", PLAIN)
    git(path, "init", "-q", "-b", "main")
    first = commit(path, "first")
    git(path, "tag", "-a", "v1", "-m", "v1")
    write(path, {"plain/template.yaml": PLAIN["template.yaml"].replace("Plain", "Newer")})
    commit(path, "second")
    git(path, "checkout", "-q", "-b", "feature/x")
    write(path, {"plain/template.yaml": PLAIN["template.yaml"].replace("Plain", "Feature")})
    commit(path, "third")
    git(path, "checkout", "-q", "main")
    return path, first


def make(program, shop, source, *arguments, **options):
    return msctl(program, shop, "new", "service", "price-list", "--template", str(source), *arguments, **options)


def refused(program, shop, source, code, *arguments, status=1, **options):
    """The status and the code are these, and everything is as before. Gives the errors."""
    before = tree(shop)
    failed = make(program, shop, source, *arguments, "-o", "json", code=status, **options)
    errors = json.loads(failed.stdout)["errors"]
    assert errors[0]["code"] == code, errors
    assert tree(shop) == before
    return errors


# --- what is made ----------------------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_service(msctl_program, shop, folder):
    made = json.loads(make(msctl_program, shop, folder, "--set", "port=99", "--set", "currency=USD", "--set", "debug=true", "-o", "json").stdout)
    service = shop / "services/price-list"
    script = (service / "price_list.sh").read_text()
    assert script == "#!/bin/sh\n# PriceList in USD, not XSAMPLE_CURRENCY or SAMPLE_CURRENCY_2; port 99, not 118081; true eu-west PRICE_LIST_URL\n"
    assert os.access(service / "price_list.sh", os.X_OK)
    assert (service / "deep/eu-west.txt").read_text() == "priceList\n"
    assert (service / "logo.bin").read_text() == "\0sample-service"
    assert not (service / "template.yaml").exists()
    assert made["template"]["title"] == "Payments" and made["template"]["commit"] == ""
    msctl(msctl_program, shop, "check")


def test_a_dry_run_lists_variables_and_files(msctl_program, shop, folder):
    before = tree(shop)
    listed = json.loads(make(msctl_program, shop, folder, "--dry-run", "--set", "currency=USD", "-o", "json").stdout)
    assert tree(shop) == before
    assert [{key: variable[key] for key in ("name", "type", "default", "value", "description")} for variable in listed["variables"]] == [
        {"name": "currency", "type": "text", "default": "EUR", "value": "USD", "description": "The currency"},
        {"name": "port", "type": "integer", "default": None, "value": None, "description": "Its port"},
        {"name": "debug", "type": "boolean", "default": False, "value": False, "description": "Whether it tells more"},
        {"name": "region", "type": "choice", "default": "eu-west", "value": "eu-west", "description": "Where it runs"},
    ]
    assert listed["files"] == [f"services/price-list/{name}" for name in ("deep/eu-west.txt", "logo.bin", "price_list.sh", "service.yaml")]
    assert "currency" in make(msctl_program, shop, folder, "--dry-run").stdout


@pytest.mark.parametrize(("ref", "title"), [("", "Newer"), ("@v1", "Plain"), ("@main", "Newer"), ("@feature/x", "Feature"), ("@COMMIT", "Plain"), ("@SHORT", "Plain")])
def test_a_repository_at_a_tag_a_branch_or_a_commit(msctl_program, shop, repository, tmp_path, ref, title):
    path, first = repository
    ref = ref.replace("COMMIT", first).replace("SHORT", first[:9])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    made = json.loads(make(msctl_program, shop, f"file://{path}//plain{ref}", "-o", "json", env={**os.environ, "TMPDIR": str(temporary)}).stdout)
    assert made["template"]["title"] == title
    assert made["template"]["commit"] == git(path, "rev-parse", (ref[1:] or "main") + "^{commit}")
    assert list(temporary.iterdir()) == []
    msctl(msctl_program, shop, "check")


def test_a_repository_and_its_folder_give_the_same(msctl_program, shop, repository):
    path, _ = repository
    make(msctl_program, shop, f"file://{path}//full", "--set", "port=99")
    made = tree(shop / "services/price-list")
    assert os.access(shop / "services/price-list/price_list.sh", os.X_OK)
    (shop / "services/price-list").rename(shop / "first")
    make(msctl_program, shop, f"{path}//full", "--set", "port=99")
    assert tree(shop / "services/price-list") == made


def test_the_templates_of_a_source_are_listed(msctl_program, shop, repository):
    path, _ = repository
    for source in (f"file://{path}@v1", str(path)):
        errors = refused(msctl_program, shop, source, "MSC4022", status=64)
        assert errors[0]["expected"] == "full or plain" and "//full" in errors[0]["suggestion"]
    refused(msctl_program, shop, f"file://{path}//nothing", "MSC4022", status=64)
    refused(msctl_program, shop, f"{path}//nothing", "MSC4022", status=64)


def test_without_a_service_yaml_it_has_that_of_the_language(msctl_program, shop, tmp_path):
    source = write(tmp_path / "bare", {"template.yaml": "title: Bare\nlanguage: go\nname: sample-service\n", "main.go": "package main\n"})
    make(msctl_program, shop, source, "--needs", "redis")
    text = (shop / "services/price-list/service.yaml").read_text()
    assert "service: price-list\n" in text and "needs: [redis]\n" in text and "/price-list/**" in text
    assert (shop / "services/redis/service.yaml").exists()
    msctl(msctl_program, shop, "new", "service", "second", "--template", str(source))
    assert "redis" not in (shop / "services/second/service.yaml").read_text()
    msctl(msctl_program, shop, "check")
    write(source, {"template.yaml": PLAIN["template.yaml"]})
    msctl(msctl_program, shop, "new", "service", "third", "--template", str(source), code=1)


# --- variables -------------------------------------------------------------------------------------------------------------


def test_wrong_values_are_told(msctl_program, shop, folder):
    errors = refused(msctl_program, shop, folder, "MSC4029", status=64)
    assert "port" in errors[0]["message"] and "--set port=" in errors[0]["suggestion"]
    for setting, expected in (("port=0", "from 1 to 65535"), ("port=x", "whole number"), ("debug=yes", "true or false"), ("currency=euro", "[A-Z]{3}"), ("region=eu-wes", "eu-west or us-east")):
        errors = refused(msctl_program, shop, folder, "MSC4029", "--set", "port=1", "--set", setting, status=64)
        assert expected in errors[0]["expected"]
    errors = refused(msctl_program, shop, folder, "MSC1002", "--set", "curency=USD", status=64)
    assert errors[0]["suggestion"] == "did you mean 'currency'?"
    refused(msctl_program, shop, folder, "MSC1001", "--set", "port", status=64)
    msctl(msctl_program, shop, "new", "service", "x", "--language", "go", "--set", "a=b", code=64)


def test_a_wrong_description_is_shown_with_its_place(msctl_program, shop, folder):
    for right, wrong, code, line, said in (
        ("language: none", "language: non", "MSC1016", 3, "none"),
        ("variables:", "variable:", "MSC1012", 5, "variables"),
        ("default: EUR", "default: euro", "MSC1016", 6, "[A-Z]{3}"),
        ("[A-Z]{3}", "[A-Z", "MSC1016", 6, "RE2"),
        ("minimum: 1,", "minimum: 70000,", "MSC1016", 7, ""),
        ("sample_debug", "SAMPLE_SERVICE", "MSC1016", 8, ""),
        ("choices: [eu-west, us-east], default: eu-west", "default: eu-west", "MSC1015", 9, "choices"),
        ("type: integer", "type: intger", "MSC1016", 7, "integer"),
    ):
        (folder / "template.yaml").write_text(DESCRIPTION.replace(right, wrong))
        errors = refused(msctl_program, shop, folder, code, status=65)
        assert errors[0]["line"] == line and errors[0]["column"] > 0 and errors[0]["file"].endswith("template.yaml")
        assert said in errors[0]["expected"] + errors[0]["suggestion"]


def on_terminal(program, shop, *arguments):
    """Starts msctl on a terminal; gives the process and the terminal's other end."""
    own, theirs = pty.openpty()
    process = subprocess.Popen([program, "new", "service", "price-list", "--template", *map(str, arguments)], cwd=shop, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    return process, own


def read_until(terminal, text, patience=60):
    seen = b""
    deadline = time.monotonic() + patience
    while text not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 4096)
            except OSError:
                break
    assert text in seen, seen
    return seen


def test_what_is_missing_is_asked_for_on_a_terminal(msctl_program, shop, folder):
    process, terminal = on_terminal(msctl_program, shop, folder)
    read_until(terminal, b"Its port (a whole number from 1 to 65535): ")
    os.write(terminal, b"many\n")
    read_until(terminal, b"Its port (a whole number from 1 to 65535): ")
    os.write(terminal, b"99\n")
    read_until(terminal, b"made services/price-list")
    assert process.wait(timeout=60) == 0
    os.close(terminal)
    assert "port 99" in (shop / "services/price-list/price_list.sh").read_text()


def test_ctrl_c_ends_the_question(msctl_program, shop, folder):
    before = tree(shop)
    process, terminal = on_terminal(msctl_program, shop, folder)
    read_until(terminal, b"): ")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    os.close(terminal)
    assert tree(shop) == before


# --- what cannot be reached ------------------------------------------------------------------------------------------------


def test_a_source_that_is_not_there(msctl_program, shop, repository, tmp_path):
    path, _ = repository
    refused(msctl_program, shop, tmp_path / "nothing", "MSC4021", status=69)
    refused(msctl_program, shop, f"file://{tmp_path}/nothing", "MSC4021", status=69)
    refused(msctl_program, shop, "https://user:secret@127.0.0.1:1/x.git", "MSC4021", status=69)
    assert "secret" not in make(msctl_program, shop, "https://user:secret@127.0.0.1:1/x.git", code=69).stderr
    assert "did you mean 'feature/x'" in refused(msctl_program, shop, f"file://{path}//plain@feature/y", "MSC1002", status=64)[0]["suggestion"]
    refused(msctl_program, shop, f"file://{path}//plain@{'ab' * 20}", "MSC1002", status=64)
    refused(msctl_program, shop, "http://example.invalid/x.git", "MSC1001", status=64)
    refused(msctl_program, shop, f"file://{path}//../x", "MSC1001", status=64)
    assert "file://" in refused(msctl_program, shop, f"{path}@v1", "MSC4021", status=69)[0]["suggestion"]
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    refused(msctl_program, shop, f"file://{empty}", "MSC4022", status=64)


def test_ctrl_c_ends_the_wait_for_a_silent_server(msctl_program, shop, tmp_path):
    before = tree(shop)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = subprocess.Popen([msctl_program, "new", "service", "x", "--template", f"https://127.0.0.1:{silent.getsockname()[1]}/x.git"], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(temporary)})
        silent.settimeout(60)
        silent.accept()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert list(temporary.iterdir()) == [] and tree(shop) == before


# --- what is refused: in folders -------------------------------------------------------------------------------------------


@pytest.fixture
def plain(tmp_path):
    return write(tmp_path / "hostile", PLAIN)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "service.yaml", "/etc", "nowhere"])
def test_a_link_in_a_folder(msctl_program, shop, plain, target):
    (plain / "link").symlink_to(target)
    assert "symbolic link" in refused(msctl_program, shop, plain, "MSC4024")[0]["message"]


def test_a_description_that_is_a_link(msctl_program, shop, plain, tmp_path):
    (plain / "template.yaml").rename(tmp_path / "elsewhere.yaml")
    (plain / "template.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    refused(msctl_program, shop, plain, "MSC4024")


def test_a_linked_folder_inside_is_not_followed(msctl_program, shop, plain, tmp_path):
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer/inner").symlink_to(plain)
    refused(msctl_program, shop, f"{tmp_path}/outer//inner", "MSC4022", status=64)


def test_what_is_no_file_in_a_folder(msctl_program, shop, plain):
    os.mkfifo(plain / "pipe")
    refused(msctl_program, shop, plain, "MSC4024")
    (plain / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(plain / "socket"))
        refused(msctl_program, shop, plain, "MSC4024")


@pytest.mark.parametrize("name", [".git", ".GIT", "deep/.Git", "git~1", ".git.", ".g\u200cit"])
def test_a_git_in_a_folder(msctl_program, shop, plain, name):
    (plain / name).mkdir(parents=True)
    write(plain, {name + "/hooks/post-checkout": "#!/bin/sh\n"})
    refused(msctl_program, shop, plain, "MSC4025")
    (plain / name / "hooks/post-checkout").unlink()
    (plain / name / "hooks").rmdir()
    (plain / name).rmdir()
    write(plain, {name: "gitdir: /elsewhere\n"})
    refused(msctl_program, shop, plain, "MSC4025")


@pytest.mark.parametrize(("name", "code"), [(b"a\nb", "MSC4027"), (b"a\x1b[2Jb", "MSC4027"), (b"a\\b", "MSC4027"), (b"..\\..\\x", "MSC4027"), (b"\xff", "MSC4027"), ("a\u202eb".encode(), "MSC4027"), (b"C:x", "MSC4023"), (b"c:/x", "MSC4023")])
def test_a_wrong_name_in_a_folder(msctl_program, shop, plain, name, code):
    path = os.path.join(os.fsencode(plain), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb"):
        pass
    message = refused(msctl_program, shop, plain, code)[0]["message"]
    assert message.isprintable()


def test_a_clash_in_case(msctl_program, shop, plain):
    write(plain, {"a/README.md": "", "A/other.md": ""})
    assert "clash" in refused(msctl_program, shop, plain, "MSC4028")[0]["message"]


def test_a_clash_after_renaming(msctl_program, shop, plain):
    write(plain, {"price-list.txt": "", "sample-service.txt": ""})
    refused(msctl_program, shop, plain, "MSC4028")
    (plain / "price-list.txt").unlink()
    write(plain, {"PRICE-LIST.txt": ""})
    refused(msctl_program, shop, plain, "MSC4028")


def test_a_value_that_would_lead_outside(msctl_program, shop, plain):
    write(plain, {"template.yaml": PLAIN["template.yaml"] + "variables: {place: {sentinel: sample-place, description: Where}}\n", "sample-place": ""})
    for value, code in (("../../../x", "MSC4023"), ("..", "MSC4023"), ("/etc/x", "MSC4023"), (".git", "MSC4025"), ("a\\b", "MSC4027"), ("service.yaml", "MSC4028")):
        refused(msctl_program, shop, plain, code, "--set", f"place={value}")
    refused(msctl_program, shop, plain, "MSC4029", "--set", "place=a\nb", status=64)


def test_a_gigabyte_is_not_read(msctl_program, shop, plain):
    with open(plain / "huge", "wb") as huge:
        huge.truncate(1 << 30)
    begun = time.monotonic()
    refused(msctl_program, shop, plain, "MSC4026")
    assert time.monotonic() - begun < 20


def test_too_many_files(msctl_program, shop, plain):
    (plain / "many").mkdir()
    for number in range(9_999):
        (plain / "many" / str(number)).touch()
    assert "more than 10000 files" in refused(msctl_program, shop, plain, "MSC4026")[0]["message"]


def test_values_that_would_make_it_huge(msctl_program, shop, plain):
    write(plain, {"template.yaml": PLAIN["template.yaml"] + f"variables: {{bomb: {{sentinel: aaa, description: It, default: {'x' * 1000}}}}}\n", "text": "aaa " * 1_000_000})
    refused(msctl_program, shop, plain, "MSC4026")


def test_nothing_is_overwritten_by_a_template(msctl_program, shop, plain):
    write(shop / "services/price-list", {"mine": "mine"})
    refused(msctl_program, shop, plain, "MSC1040")


def test_a_service_yaml_that_would_break_the_workspace(msctl_program, shop, plain):
    (plain / "service.yaml").write_text(SERVICE + "nedes: [x]\n")
    assert refused(msctl_program, shop, plain, "MSC1012", status=65)[0]["line"] == 6
    (plain / "service.yaml").write_text(SERVICE + "needs: [ledger]\n")
    refused(msctl_program, shop, plain, "MSC1020", status=65)
    (plain / "service.yaml").write_text(SERVICE.replace("sample-service", "another", 1))
    refused(msctl_program, shop, plain, "MSC4002")


# --- what is refused: in repositories --------------------------------------------------------------------------------------


def blob(repository, content):
    return git(repository, "hash-object", "-w", "--stdin", stdin=content)


def raw_tree(repository, entries):
    """A tree object with any names and modes: git's own commands refuse to make some of them."""
    body = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id) for mode, name, id in sorted(entries, key=lambda entry: entry[1]))
    return git(repository, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=body)


@pytest.fixture
def hostile(tmp_path):
    """Makes a repository whose one commit holds a plain template and these entries beside it."""

    def build(extra):
        repository = tmp_path / "crafted.git"
        git(tmp_path, "init", "-q", "--bare", "-b", "main", str(repository))
        entries = [("100644", name.encode(), blob(repository, text.encode())) for name, text in PLAIN.items()]
        made = raw_tree(repository, entries + extra(repository))
        git(repository, "update-ref", "refs/heads/main", git(repository, "commit-tree", made, "-m", "crafted"))
        return f"file://{repository}"

    return build


def below(name, file=b"x"):
    return lambda repository: [("40000", name, raw_tree(repository, [("100644", file, blob(repository, b"hostile"))]))]


def entry(mode, name, content=b"hostile"):
    return lambda repository: [(mode, name, blob(repository, content))]


@pytest.mark.parametrize(("extra", "code"), [
    (below(b".."), "MSC4023"),
    (below(b"."), "MSC4023"),
    (entry("100644", b".."), "MSC4023"),
    (entry("100644", b"../../../outside"), "MSC4023"),
    (entry("100644", b"/etc/outside"), "MSC4023"),
    (entry("100644", b"a//b"), "MSC4023"),
    (below(b"C:"), "MSC4023"),
    (entry("120000", b"link", b"/etc/passwd"), "MSC4024"),
    (entry("120000", b"link", b"../../.."), "MSC4024"),
    (entry("10644", b"pipe"), "MSC4024"),
    (lambda repository: [("160000", b"module", "ab" * 20)], "MSC4024"),
    (below(b".git", b"config"), "MSC4025"),
    (below(b".GIT", b"config"), "MSC4025"),
    (entry("100644", b".git"), "MSC4025"),
    (entry("100644", b"a\nb"), "MSC4027"),
    (entry("100644", b"a\\b"), "MSC4027"),
    (entry("100644", b"\xff\xfe"), "MSC4027"),
    (lambda repository: entry("100644", b"README")(repository) + entry("100644", b"readme")(repository), "MSC4028"),
    (lambda repository: entry("100644", b"same")(repository) * 2, "MSC4028"),
    (entry("100644", b"huge", bytes(101_000_000)), "MSC4026"),
    (lambda repository: entry("100644", b"one")(repository) and [("100644", f"{number}".encode(), blob_of_all) for blob_of_all in [blob(repository, b"")] for number in range(9_999)], "MSC4026"),
], ids=["dots", "dot", "dots-file", "dots-path", "absolute", "empty-name", "drive", "link", "link-up", "pipe", "submodule", "git", "git-case", "git-file", "newline", "backslash", "bytes", "case", "twice", "large", "many"])
def test_a_hostile_repository(msctl_program, shop, hostile, tmp_path, extra, code):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    refused(msctl_program, shop, hostile(extra), code, env={**os.environ, "TMPDIR": str(temporary)})
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_trees_that_hold_themselves_a_thousandfold(msctl_program, shop, hostile):
    def bomb(repository):
        inner = raw_tree(repository, [])
        for _ in range(12):
            inner = raw_tree(repository, [("40000", f"{number}".encode(), inner) for number in range(10)])
        return [("40000", b"bomb", inner)]

    refused(msctl_program, shop, hostile(bomb), "MSC4026")


def test_hooks_and_filters_are_not_run(msctl_program, shop, repository, tmp_path):
    path, _ = repository
    ran = tmp_path / "ran"
    for hook in ("post-checkout", "post-merge", "reference-transaction", "pre-auto-gc"):
        write(path, {f".git/hooks/{hook}": f"#!/bin/sh\ntouch {ran}\n"})
        (path / f".git/hooks/{hook}").chmod(0o755)
    git(path, "config", "filter.evil.smudge", f"touch {ran}")
    git(path, "config", "core.fsmonitor", f"touch {ran}")
    git(path, "config", "uploadpack.packObjectsHook", f"touch {ran}")
    write(path, {"plain/.gitattributes": "* filter=evil\n"})
    commit(path, "filtered")
    ran.unlink(missing_ok=True)  # git itself may have run some
    make(msctl_program, shop, f"file://{path}//plain")
    assert not ran.exists()
    assert not (shop / "services/price-list/.git").exists()
