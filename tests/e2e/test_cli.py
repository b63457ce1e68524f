"""The command line as a process: pipes, signals, colours, and completion in real shells."""

import json
import os
import pathlib
import pty
import select
import shutil
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MSCTL = os.environ.get("MSCTL", str(ROOT / "build/dev/msctl"))


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MSCTL_") and k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    return {**kept, "TERM": "xterm", **more}


def msctl(*words, env=None, cwd=None, **options):
    return subprocess.run([MSCTL, *words], capture_output=True, text=True, env=environment(**(env or {})), cwd=cwd,
                          timeout=60, **options)


@pytest.fixture
def shop(tmp_path):
    (tmp_path / "msctl.yaml").write_text("workspace: shop\nservices: [services/*]\n")
    for name in ("orders", "billing"):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "service.yaml").write_text(f"service: {name}\nlanguage: none\nrun: [./{name}]\n")
    return tmp_path


def test_a_reader_that_goes_is_success():
    run = subprocess.run(["bash", "-c", f"set -o pipefail; '{MSCTL}' explain -o json | head -n 1"], capture_output=True,
                         text=True, env=environment(), timeout=60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "{\n", "")


def test_a_full_disk_is_not():
    with open("/dev/full", "w") as full:
        run = subprocess.run([MSCTL, "explain"], stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), timeout=60)
    assert run.returncode == 1
    assert "MSC1041" in run.stderr


def test_closed_streams_do_no_harm(shop):
    run = subprocess.run(["bash", "-c", f"'{MSCTL}' check <&- >&- 2>&-"], env=environment(), cwd=shop, timeout=60)
    assert run.returncode == 0


def test_each_failure_is_one_document(tmp_path):
    for words, status in ((["check"], 65), (["nonsense"], 64), (["check", "--nonsense"], 64), (["explain", "MSC0"], 64)):
        run = msctl(*words, "-o", "json", cwd=tmp_path)
        assert run.returncode == status
        document = json.loads(run.stdout)
        assert document["schema"] == 1 and document["ok"] is False
        assert set(document["errors"][0]) == {"code", "message", "file", "line", "column", "expected", "suggestion"}
        assert run.stderr == ""


def on_terminal(words, **env):
    """The status, and what a terminal shows."""
    master, slave = pty.openpty()
    process = subprocess.Popen([MSCTL, *words], stdin=slave, stdout=slave, stderr=slave, env=environment(**env))
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # the other side has closed
        pass
    os.close(master)
    return process.wait(60), shown.decode()


def test_colours_on_a_terminal_unless_told_otherwise():
    assert "\x1b[" in on_terminal(["explain", "MSC1012"])[1]
    assert "\x1b[" not in on_terminal(["explain", "MSC1012"], NO_COLOR="1")[1]
    assert "\x1b[" not in on_terminal(["explain", "MSC1012"], TERM="dumb")[1]
    assert "\x1b[" not in on_terminal(["explain", "MSC1012", "--color=never"])[1]
    assert "\x1b[" not in msctl("explain", "MSC1012").stdout
    assert "\x1b[" in msctl("explain", "MSC1012", env={"CLICOLOR_FORCE": "1"}).stdout


def test_a_flag_wins_over_its_variable():
    assert json.loads(msctl("version", env={"MSCTL_OUTPUT": "json"}).stdout)["ok"] is True
    assert json.loads(msctl("version", env={"MSCTL_VERSION_OUTPUT": "json", "MSCTL_OUTPUT": "yaml"}).stdout)["ok"] is True
    assert msctl("version", "-o", "table", env={"MSCTL_OUTPUT": "json"}).stdout.startswith("msctl ")


BASH = r"""
source <("$MSCTL" completion bash)
shift_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); }
shift_line "$@"
COMPREPLY=()
_msctl 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(cwd, *words):
    run = subprocess.run(["bash", "-c", BASH, "bash", MSCTL, *words], capture_output=True, text=True, cwd=cwd,
                         env=environment(MSCTL=MSCTL), timeout=60)
    return run.stdout.split()


def test_completion_in_bash(shop):
    assert "check" in bash(shop, "ch")
    assert bash(shop, "exp") == ["explain"]
    assert bash(shop, "explain", "MSC101")[:2] == ["MSC1010", "MSC1011"]
    assert bash(shop, "check", "--out") == ["--output"]
    # COMP_WORDBREAKS parts words at '='; only what stands behind it is handed back.
    assert bash(shop, "check", "--output", "=", "js") == ["json"]
    assert bash(shop, "check", "--output", "=") == ["table", "json", "yaml"]
    assert bash(shop, "-C", "serv") == ["services"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_completion_in_zsh(shop):
    script = f"""
      source <('{MSCTL}' completion zsh) 2>/dev/null
    """
    # Without a terminal: the function is called as zsh calls it, and what it hands to _describe is printed.
    probe = r"""
      compdef() { :; }
      _describe() { shift 3 2>/dev/null; print -rl -- "${(@P)1}"; }
      _files() { print -r -- "files $*"; }
    """
    def zsh(*words):
        run = subprocess.run(["zsh", "-f", "-c", probe + script + f"words=('{MSCTL}' \"$@\"); CURRENT=$#words; _msctl", "zsh",
                              *words], capture_output=True, text=True, cwd=shop, env=environment(), timeout=60)
        assert run.stderr == ""
        return run.stdout.splitlines()

    assert zsh("exp") == ["explain:tell what an error code means, and its cure"]
    assert zsh("check", "--output=j") == ["--output=json"]
    assert zsh("-C", "") == ["files -/"]


def at_the_prompt(shell, setup, typed, cwd):
    """What stands on the line of an interactive shell after `typed`, which ends in a tab."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execvpe(shell[0], shell, environment(PATH=f"{os.path.dirname(MSCTL)}:{os.environ['PATH']}", PS1="", HISTFILE=""))
    shown = b""

    def read_until(mark):
        nonlocal shown
        end = time.monotonic() + 30
        while mark not in shown:
            assert select.select([terminal], [], [], max(0, end - time.monotonic()))[0], shown
            shown += os.read(terminal, 65536)

    try:
        os.write(terminal, setup.encode() + b"\necho all-'set'\n")
        read_until(b"all-set\r\n")
        shown = b""
        os.write(terminal, typed.encode() + b"\x18\x13")  # Ctrl-X Ctrl-S: bound in `setup`
        read_until(b"]]")
        return shown.decode().split("[[")[-1].split("]]")[0]
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


LINES = [("msctl expl\t", "msctl explain "),
         ("msctl check --outp\t", "msctl check --output "),
         ("msctl check --output=js\t", "msctl check --output=json "),
         ("msctl -C servi\t", "msctl -C services/")]


@pytest.mark.parametrize("typed, completed", LINES)
def test_tab_in_bash(shop, typed, completed):
    setup = r"""stty -ixon; bind 'set bell-style none'; source <(msctl completion bash)
bind -x '"\C-x\C-s": printf "[[%s]]\n" "$READLINE_LINE"'"""
    assert at_the_prompt(["bash", "--norc", "--noprofile", "-i"], setup, typed, shop) == completed


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize("typed, completed", LINES)
def test_tab_in_zsh(shop, typed, completed):
    setup = r"""stty -ixon; setopt no_beep; autoload -Uz compinit; compinit -u -D; source <(msctl completion zsh)
show() { zle -I; print -r -- "[[$BUFFER]]"; BUFFER= }; zle -N show; bindkey '^X^S' show"""
    assert at_the_prompt(["zsh", "-f", "-i"], setup, typed, shop) == completed
