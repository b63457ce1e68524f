"""`msctl generate`: files that are kept in step with the workspace, and edits that stay."""
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

KINDS = ["dockerfile", "kubernetes", "helm", "compose"]


def git(root, *arguments, ok=True):
    ran = subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example", "-c", "commit.gpgsign=false", *arguments],
                         cwd=root, capture_output=True, text=True)
    assert not ok or ran.returncode == 0, ran.stdout + ran.stderr
    return ran


def actions(document):
    return {file["path"]: file["action"] for file in document["files"]}


def test_everything_is_written_where_the_contract_says_and_then_is_current(small):
    document = small.json("generate")
    assert document["ok"] and document["written"]
    for path in ["services/orders/Dockerfile", "deploy/kubernetes/base/kustomization.yaml", "deploy/helm/small/Chart.yaml", "compose.yaml", "msctl.lock"]:
        assert (small.root / path).is_file(), path
    before = small.files()
    small.msctl("generate", "--check")
    again = small.json("generate")
    assert set(actions(again).values()) == {"unchanged"} and not again["drift"]
    assert small.files() == before


def test_the_same_workspace_gives_the_same_bytes_elsewhere(small, tmp_path):
    other = tmp_path / "elsewhere" / "small"
    shutil.copytree(small.root, other)
    small.msctl("generate")
    subprocess.run([small.program, "generate"], cwd=other, check=True, capture_output=True, env=dict(os.environ, TZ="Asia/Tokyo", LANG="tr_TR.UTF-8"))
    for path, content in small.files().items():
        assert (other / path).read_bytes() == content, path


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone(small, kind):
    document = small.json("generate", kind)
    assert {file["kind"] for file in document["files"]} == {kind}
    others = [each for each in KINDS if each != kind]
    # Another kind does not take the first for something that is gone.
    small.msctl("generate", others[0])
    assert set(actions(small.json("generate", kind)).values()) == {"unchanged"}


def test_services_by_name(small):
    small.write("services/other/service.yaml", "service: other\nlanguage: python\n")
    document = small.json("generate", "dockerfile", "orders")
    assert list(actions(document)) == ["services/orders/Dockerfile"]
    small.msctl("generate", "dockerfile")
    assert actions(small.json("generate", "dockerfile", "orders")) == {"services/orders/Dockerfile": "unchanged"}
    assert (small.root / "services/other/Dockerfile").exists()
    wrong = small.json("generate", "dockerfile", "ordres", status=64)
    assert wrong["errors"][0]["suggestion"] == "did you mean 'orders'?"


def test_stdout_writes_nothing(small):
    before = small.files()
    document = small.json("generate", "--stdout")
    assert document["ok"] and {"path", "content"} == set(document["files"][0])
    assert "compose.yaml" in [file["path"] for file in document["files"]]
    alone = small.msctl("generate", "compose", "--stdout")
    assert "services:" in alone.stdout
    assert small.files() == before


def test_check_and_diff_write_nothing(small):
    before = small.files()
    small.msctl("generate", "--check", status=2)
    assert "+name: small" in small.msctl("generate", "compose", "--diff").stdout
    assert small.files() == before
    small.msctl("generate")
    small.edit("services/orders/service.yaml", "language: go", "language: go\nenv: {LOG_LEVEL: debug}")
    checked = small.json("generate", "--check", status=2)
    assert actions(checked)["compose.yaml"] == "updated" and not checked["written"]
    # What --diff prints is a patch that git takes, and that leads to what would have been written.
    patch = small.msctl("generate", "--diff").stdout
    git(small.root, "init", "-q")
    applied = subprocess.run(["git", "apply", "-"], cwd=small.root, input=patch, text=True, capture_output=True)
    assert applied.returncode == 0, applied.stderr + patch
    by_patch = small.read("compose.yaml")
    small.msctl("generate")
    assert small.read("compose.yaml") == by_patch


def test_an_edit_is_no_drift_and_stays(small):
    small.msctl("generate")
    small.edit("services/orders/Dockerfile", "EXPOSE 8080", "EXPOSE 8080\n# mine: more than one port\nEXPOSE 9000")
    small.edit("compose.yaml", "name: small", "name: small  # as others know it")
    small.msctl("generate", "--check")
    small.edit("services/orders/service.yaml", "language: go", "language: go\nenv: {LOG_LEVEL: debug}")
    document = small.json("generate")
    assert actions(document)["compose.yaml"] == "merged"
    assert "name: small  # as others know it" in small.read("compose.yaml")
    assert "LOG_LEVEL: debug" in small.read("compose.yaml")
    assert "EXPOSE 9000" in small.read("services/orders/Dockerfile")
    small.msctl("generate", "--check")


def test_a_conflict_is_shown_and_over_when_it_is_resolved(small):
    small.msctl("generate")
    small.edit("compose.yaml", "image: redis:7.4.2", "image: redis:mine")
    small.edit("services/redis/service.yaml", "7.4.2", "8.0.0")
    assert actions(small.json("generate", "--check", status=2))["compose.yaml"] == "conflict"
    document = small.json("generate", status=1)
    assert not document["ok"]
    error = document["errors"][0]
    assert error["code"] == "MSC4061" and error["file"] == "compose.yaml"
    text = small.read("compose.yaml")
    lines = text.splitlines()
    assert lines[error["line"] - 1] == "<<<<<<< yours"
    assert "image: redis:mine" in text and "image: redis:8.0.0" in text
    # As long as nobody looks at it, it is told again, and the file stays as it is.
    small.msctl("generate", status=1)
    assert small.read("compose.yaml") == text
    start, middle, end = (next(i for i, line in enumerate(lines) if line.startswith(mark)) for mark in ("<<<<<<<", "=======", ">>>>>>>"))
    small.write("compose.yaml", "\n".join(lines[:start] + lines[start + 1:middle] + lines[end + 1:]) + "\n")
    small.msctl("generate", "--check")
    assert "redis:mine" in small.read("compose.yaml")


def test_somebody_elses_file_is_left_alone(small):
    small.write("services/orders/Dockerfile", "FROM busybox:1.36.1\n")
    document = small.json("generate")
    assert actions(document)["services/orders/Dockerfile"] == "foreign"
    assert small.read("services/orders/Dockerfile") == "FROM busybox:1.36.1\n"
    small.msctl("generate", "--check")


def test_a_service_that_goes_takes_its_files_along_but_not_an_edited_one(small):
    small.write("services/other/service.yaml", "service: other\nlanguage: python\n")
    small.msctl("generate")
    small.edit("deploy/kubernetes/base/other.yaml", "kind: Deployment", "kind: Deployment  # mine")
    shutil.rmtree(small.root / "services/other")
    done = actions(small.json("generate"))
    assert done["deploy/helm/small/templates/other.yaml"] == "removed"
    assert done["deploy/kubernetes/base/other.yaml"] == "released"
    assert "# mine" in small.read("deploy/kubernetes/base/other.yaml")
    assert "other" not in small.read("deploy/kubernetes/base/kustomization.yaml")
    small.msctl("generate", "--check")


def test_more_files_than_a_shell_lets_a_program_open(small):
    for number in range(80):
        small.write(f"services/s{number}/service.yaml", f"service: s{number}\nlanguage: go\n")
    subprocess.run(["sh", "-c", f"ulimit -Sn 128; exec {small.program} generate"], cwd=small.root, check=True, capture_output=True)
    small.msctl("generate", "--check")


def test_two_branches_that_add_services_merge_without_a_conflict_in_the_lock(small):
    small.msctl("generate")
    git(small.root, "init", "-q", "-b", "main")
    git(small.root, "add", "-A")
    git(small.root, "commit", "-qm", "base")
    for branch, service in (("one", "aardvark"), ("two", "zebra")):
        git(small.root, "checkout", "-q", "-b", branch, "main")
        small.write(f"services/{service}/service.yaml", f"service: {service}\nlanguage: python\n")
        small.msctl("generate")
        git(small.root, "add", "-A")
        git(small.root, "commit", "-qm", service)
    git(small.root, "merge", "-q", "one")
    small.msctl("generate", "--check")


def test_a_lock_with_gits_conflict_markers_is_understood(small):
    small.msctl("generate")
    git(small.root, "init", "-q", "-b", "main")
    git(small.root, "add", "-A")
    git(small.root, "commit", "-qm", "base")
    for branch, version in (("one", "8.0.1"), ("two", "8.0.2")):
        git(small.root, "checkout", "-q", "-b", branch, "main")
        small.edit("services/redis/service.yaml", "7.4.2", version)
        small.msctl("generate")
        git(small.root, "commit", "-qam", version)
    assert git(small.root, "merge", "one", ok=False).returncode != 0
    assert "<<<<<<<" in small.read("msctl.lock")
    # The person decides on what the conflict is about, and takes the generated files of one side.
    small.write("services/redis/service.yaml", "service: redis\nscheme: redis\nimage: redis:8.0.2\n")
    git(small.root, "checkout", "--ours", "compose.yaml", "deploy")
    small.msctl("generate")
    assert "<<<<<<<" not in small.read("msctl.lock")
    assert "redis:8.0.2" in small.read("compose.yaml")
    small.msctl("generate", "--check")


def test_a_broken_lock_is_told_with_its_line(small):
    small.msctl("generate")
    small.write("msctl.lock", small.read("msctl.lock") + "hello\n")
    before = small.files()
    error = small.json("generate", status=65)["errors"][0]
    assert error["code"] == "MSC4060" and error["file"] == "msctl.lock" and error["line"] > 3
    small.write("msctl.lock", "msctl-lock 1\nfile compose ../../etc/passwd\n x\nend ../../etc/passwd\n")
    assert small.json("generate", status=65)["errors"][0]["code"] == "MSC4060"
    assert {k: v for k, v in small.files().items() if k != "msctl.lock"} == {k: v for k, v in before.items() if k != "msctl.lock"}


def test_nothing_is_written_where_something_cannot_be(small):
    if os.geteuid() == 0:
        # Root may write everywhere, but not into a file that stands where a folder has to be.
        small.write("deploy", "a file\n")
    before = small.files()
    small.json("generate", status=1)
    assert small.files() == before


def test_a_link_out_of_the_workspace_is_refused(small, tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious\n")
    (small.root / "compose.yaml").symlink_to(target)
    assert small.json("generate", status=65)["errors"][0]["code"] == "MSC4062"
    assert target.read_text() == "precious\n"


def test_a_backing_service_without_an_image_is_told(small):
    small.write("services/redis/service.yaml", "service: redis\nscheme: redis\ncommand: [redis-server]\n")
    error = small.json("generate", "compose", status=65)["errors"][0]
    assert error["code"] == "MSC4064" and error["file"] == "services/redis/service.yaml"
    small.msctl("generate", "dockerfile")


def test_language_none_is_told_clearly(small):
    small.write("services/any/service.yaml", "service: any\nlanguage: none\nrun: [./any]\n")
    ran = small.msctl("generate")
    assert "services/any/Dockerfile" in ran.stderr
    assert not (small.root / "services/any/Dockerfile").exists()
    assert "any:" in small.read("compose.yaml")
    assert small.json("generate", "dockerfile", "any", status=65)["errors"][0]["code"] == "MSC4065"


def test_a_killed_process_leaves_nothing_that_the_next_does_not_mend(msctl_program, tmp_path, small):
    """SIGKILL at many moments: then the next run ends well, and an edit is still there."""
    for number in range(60):
        small.write(f"services/s{number:02}/service.yaml", f"service: s{number:02}\nlanguage: python\n")
    small.msctl("generate")
    small.edit("services/s05/Dockerfile", "EXPOSE 8080", "EXPOSE 8080\n# mine")
    for attempt in range(25):
        for number in range(60):
            small.write(f"services/s{number:02}/service.yaml", f"service: s{number:02}\nlanguage: python\nenv: {{A: '{attempt}'}}\n")
        process = subprocess.Popen([msctl_program, "generate"], cwd=small.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.01 + attempt * 0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    small.msctl("generate")
    small.msctl("generate", "--check")
    assert "# mine" in small.read("services/s05/Dockerfile")


def test_texts_for_people(small):
    first = small.msctl("generate").stdout
    assert "created" in first and "compose.yaml" in first
    assert "unchanged" in small.msctl("generate").stdout


def test_a_document_is_one_json_object(small):
    for arguments in (["generate"], ["generate", "--check"], ["generate", "--diff"], ["generate", "--stdout"]):
        assert json.loads(small.msctl(*arguments, "-o", "json").stdout)["schema"] == 1
