"""pipeline run: which jobs, in what order, in what copy, and what is told of them."""
import json
import os
import signal
import subprocess
import xml.etree.ElementTree as xml

from helpers.waiting import until


def verdicts(document):
    return {job["id"]: job["result"] for job in document["jobs"]}


def test_every_job_runs_its_steps_in_order(repository):
    document = repository.json("pipeline", "run")
    assert verdicts(document) == {"cart-test": "passed", "mail-test": "passed", "prices-test": "passed"}
    ran = repository.ran()
    for name in ("cart", "mail", "prices"):
        assert [line for line in ran if line.startswith(name)] == [f"{name} lint", f"{name} test"]
    assert document["criticalPath"] and set(document["criticalPath"]) <= set(verdicts(document))
    assert repository.copies() == []


def test_a_failing_test_fails_its_job_alone(repository):
    repository.write("services/mail/status", "3\n")
    done = repository.msctl("pipeline", "run", "-o", "json", code=1)
    document = json.loads(done.stdout)
    assert not document["ok"]
    assert document["errors"][0]["code"] == "MSC4201"
    assert verdicts(document) == {"cart-test": "passed", "mail-test": "failed", "prices-test": "passed"}
    assert next(job for job in document["jobs"] if job["id"] == "mail-test")["failed"] == "test"
    assert "testing mail" in done.stderr and "testing cart" not in done.stderr
    assert repository.copies() == []


def test_after_a_failing_linter_there_is_no_test(repository):
    repository.write("services/mail/service.yaml", repository.read("services/mail/service.yaml").replace("lint >> ", "lint >> /nowhere/"))
    document = repository.json("pipeline", "run", "mail", code=1)
    assert document["jobs"][0]["failed"] == "lint"
    assert repository.ran() == []


def test_a_job_sees_what_git_would_keep_and_nothing_else(repository):
    repository.write("services/mail/service.yaml", repository.read("services/mail/service.yaml").replace("echo testing mail", "find . -type f | sort; git status --porcelain; git rev-parse HEAD; echo CI=$CI"))
    repository.write("services/mail/left.log", "ignored")
    repository.write("services/mail/new file", "not committed")
    os.symlink("status", repository.root / "services/mail/link")
    repository.write("services/mail/tool.sh", "#!/bin/sh\n")
    (repository.root / "services/mail/tool.sh").chmod(0o755)
    (repository.root / "services/prices/status").unlink()
    done = repository.msctl("pipeline", "run", "mail", "--verbose")
    told = done.stderr
    for name in ("./new file", "./service.yaml", "./status", "./tool.sh"):
        assert name in told
    assert "left.log" not in told
    # The copy is a working tree with the same changes, at the same commit.
    assert repository.git("rev-parse", "HEAD") in told
    for line in (" M services/mail/service.yaml", " D services/prices/status", '?? "services/mail/new file"', "?? services/mail/link"):
        assert line in told, told
    assert repository.copies() == []


def test_only_what_a_change_affects(repository):
    assert "no service is affected" in repository.msctl("pipeline", "run", "--affected=HEAD").stdout
    assert repository.ran() == []
    repository.write("services/prices/data", "1")
    assert verdicts(repository.json("pipeline", "run", "--affected=HEAD")) == {"prices-test": "passed"}
    assert repository.ran() == ["prices lint", "prices test"]


def test_resume_leaves_out_what_passed_and_has_not_changed(repository):
    repository.write("services/mail/status", "1\n")
    repository.msctl("pipeline", "run", code=1)
    repository.ran()
    repository.write("services/mail/status", "0\n")
    repository.write("services/prices/data", "1")
    document = repository.json("pipeline", "run", "--resume")
    assert verdicts(document) == {"cart-test": "kept", "mail-test": "passed", "prices-test": "passed"}
    assert verdicts(repository.json("pipeline", "run", "--resume")) == {"cart-test": "kept", "mail-test": "kept", "prices-test": "kept"}
    # A change of the workspace is one of every service.
    repository.write("msctl.yaml", repository.read("msctl.yaml") + "# new\n")
    assert set(verdicts(repository.json("pipeline", "run", "--resume")).values()) == {"passed"}


def test_a_memory_that_is_broken_is_none(repository):
    repository.msctl("pipeline", "run")
    repository.write(".msctl/pipeline/passed.json", '{"passed": [')
    assert set(verdicts(repository.json("pipeline", "run", "--resume")).values()) == {"passed"}


def test_reports_can_be_read_afterwards(repository):
    repository.write("services/mail/status", "1\n")
    repository.msctl("pipeline", "run", code=1)
    failed = xml.parse(repository.root / ".msctl/pipeline/reports/mail-test.xml").getroot()
    passed = xml.parse(repository.root / ".msctl/pipeline/reports/cart-test.xml").getroot()
    assert failed.find(".//failure") is not None
    assert passed.find(".//failure") is None


def test_a_copy_may_be_kept(repository):
    repository.write("services/mail/status", "1\n")
    done = repository.msctl("pipeline", "run", "--keep", code=1)
    (copy,) = repository.copies()
    assert str(copy) in done.stderr
    assert (copy / "services/mail/status").read_text() == "1\n"


def test_one_job(repository):
    assert verdicts(repository.json("pipeline", "run", "--job", "mail-test")) == {"mail-test": "passed"}
    error = repository.json("pipeline", "run", "--job", "mail-tets", code=64)["errors"][0]
    assert "mail-test" in error["suggestion"]


def test_a_workspace_below_the_root_of_its_repository(repository):
    inner = repository.root / "backend"
    inner.mkdir()
    for name in ("msctl.yaml", "services"):
        (repository.root / name).rename(inner / name)
    done = subprocess.run([repository.program, "pipeline", "run", "-o", "json"], cwd=inner, env=repository.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(verdicts(json.loads(done.stdout)).values()) == {"passed"}


def test_a_workspace_without_jobs(repository):
    for name in ("cart", "prices", "mail"):
        repository.write(f"services/{name}/service.yaml", f"service: {name}\nlanguage: none\nrun: [./x]\n")
    assert repository.json("pipeline", "run")["jobs"] == []
    assert "no job" in repository.msctl("pipeline", "run").stdout


def test_without_a_repository(repository):
    subprocess.run(["rm", "-rf", repository.root / ".git"], check=True)
    assert repository.json("pipeline", "run", code=69)["errors"][0]["code"] == "MSC4030"


def test_interrupted_it_leaves_nothing(repository):
    begun = repository.scratch / "begun"
    repository.write("services/mail/service.yaml", repository.read("services/mail/service.yaml").replace("echo testing mail", f"touch {begun}; sleep 1000"))
    process = subprocess.Popen([repository.program, "pipeline", "run"], cwd=repository.root, env=repository.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(begun.exists, "the test has begun")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, out + err
    assert repository.copies() == []
    assert subprocess.run(["pgrep", "-f", "sleep 1000"], capture_output=True).returncode == 1


def test_list_tells_the_same_jobs(repository):
    document = repository.json("pipeline", "list")
    assert [job["id"] for job in document["jobs"]] == ["cart-test", "mail-test", "prices-test"]
    assert document["jobs"][0]["steps"][1]["command"] == ["msctl", "test", "cart", "--junit", "reports/cart-test.xml"]
    assert "services/cart/**" in document["jobs"][0]["paths"]
    tree = repository.msctl("pipeline", "list", "--graph").stdout
    assert tree.splitlines()[:2] == ["cart", "└─ test: lint, test"]


def test_its_tree_on_a_terminal(repository):
    """Under a terminal there is a tree below the lines, erased at the end."""
    done = subprocess.run(
        ["script", "-qec", f"{repository.program} pipeline run mail", "/dev/null"],
        cwd=repository.root, env=repository.environment(TERM="xterm", COLUMNS="100"), capture_output=True, text=True, timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert "└─ test" in done.stdout and "\x1b[" in done.stdout
    assert "mail-test" in done.stdout.split("\x1b[J")[-1]
