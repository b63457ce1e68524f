"""`msctl init` and the git repository that it is started in."""
import json
import os
import subprocess

from helpers.adoption import GO_MAIN, document, msctl, service, write

SERVICE = {"api/go.mod": "module m\n", "api/main.go": GO_MAIN}


def git(folder, *arguments):
    subprocess.run(["git", "-c", "protocol.file.allow=always", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments], cwd=folder, check=True, capture_output=True)


def test_what_git_ignores_is_left_out(msctl_program, tmp_path):
    folder = write(tmp_path / "ignoring", {".gitignore": "/generated/\n*.out/\n", "api/go.mod": "module m\n", "api/main.go": GO_MAIN, "generated/go.mod": "module g\n", "generated/main.go": GO_MAIN, "x.out/go.mod": "module g\n", "x.out/main.go": GO_MAIN})
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    assert [each["name"] for each in document(msctl_program, folder, "--dry-run")["services"]] == ["api"]
    # Without libgit2 it goes on, and leaves out less.
    (tmp_path / "libgit2.so.1.5").write_text("no library")
    done = msctl(msctl_program, folder, "init", "--dry-run", "-o", "json", env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)})
    assert "api" in [each["name"] for each in json.loads(done.stdout)["services"]]


def test_a_folder_below_the_root_is_told(msctl_program, tmp_path):
    folder = write(tmp_path / "whole", {**{f"services/{path}": text for path, text in SERVICE.items()}, "docs/index.md": ""})
    git(folder, "init", "-q")
    found = document(msctl_program, folder / "services", "--dry-run")
    told = [each for each in found["warnings"] if "the repository begins at" in each["message"]]
    assert len(told) == 1 and str(folder) in told[0]["help"]
    failed = json.loads(msctl(msctl_program, folder / "docs", "init", "-o", "json", code=1).stdout)["errors"][0]
    assert failed["code"] == "MSC1043" and f"-C {folder}" in failed["suggestion"]
    assert not [each for each in document(msctl_program, folder, "--dry-run")["warnings"] if "begins" in each["message"]]


def test_what_builds_make_and_git_does_not_ignore_is_told(msctl_program, tmp_path):
    folder = write(tmp_path / "made", SERVICE)
    assert document(msctl_program, folder, "--dry-run")["warnings"] == []
    git(folder, "init", "-q")
    assert ["api/bin" in each["message"] for each in document(msctl_program, folder, "--dry-run")["warnings"]] == [True]
    (folder / ".gitignore").write_text("bin/\n")
    assert document(msctl_program, folder, "--dry-run")["warnings"] == []


def test_a_submodule_is_told(msctl_program, tmp_path):
    other = write(tmp_path / "other", {"go.mod": "module m\n", "main.go": GO_MAIN})
    git(other, "init", "-q")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    folder = write(tmp_path / "with", {**SERVICE, ".gitignore": "bin/\n"})
    git(folder, "init", "-q")
    git(folder, "submodule", "add", "-q", str(other), "libs/other")
    found = document(msctl_program, folder, "--dry-run")
    told = [each for each in found["warnings"] if "a git repository of its own" in each["message"]]
    assert service(found, "other")["written"] and [each["service"] for each in told] == ["other"]


def test_a_change_of_what_is_shared_affects_its_users(msctl_program, tmp_path):
    """The oracle is what Go itself would build anew."""
    main = 'package main\n\nimport _ "example.com/mono/internal/store"\n\n// "PORT"\nfunc main() {}\n'
    folder = write(tmp_path / "mono", {"go.mod": "module example.com/mono\n\ngo 1.22\n", "cmd/a/main.go": main, "cmd/b/main.go": main, "internal/store/store.go": "package store\n", "docs/x.md": "", ".gitignore": "bin/\n"})
    msctl(msctl_program, folder, "init", "--yes")
    msctl(msctl_program, folder, "check")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    for path, affected in (("internal/store/store.go", ["a", "b"]), ("go.mod", ["a", "b"]), ("cmd/a/main.go", ["a"]), ("docs/x.md", [])):
        before = (folder / path).read_text()
        (folder / path).write_text(before + "\n")
        shown = json.loads(msctl(msctl_program, folder, "affected", "--base", "HEAD", "-o", "json").stdout)
        assert sorted(each["service"] for each in shown["affected"]) == affected, path
        (folder / path).write_text(before)
