"""The Debian package comes and goes. lintian is asked where it is made."""
from packagekit.completion import COMPLETES


def test_it_installs_and_leaves_nothing(system, packages):
    before = system.files()
    (system.root / "tmp/msctl.deb").write_bytes(packages.deb.read_bytes())
    before |= {"tmp/msctl.deb"}
    system.run("dpkg", "--install", "/tmp/msctl.deb")
    try:
        assert system.run("msctl", "version").strip() == f"msctl {packages.version}"
        assert system.run("man", "-w", "msctl").strip() == "/usr/share/man/man1/msctl.1.gz"
        assert "check" in system.bash(COMPLETES).split()
        assert (system.root / "usr/share/zsh/vendor-completions/_msctl").read_text().startswith("#compdef msctl")
        # Every file is as the package has it.
        assert system.run("dpkg", "--verify", "msctl") == ""
    finally:
        system.run("dpkg", "--purge", "msctl")
    assert system.files() == before
