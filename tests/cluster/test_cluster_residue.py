"""`./dev cluster` leaves a machine as it found it, whatever was killed in between."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from clusterkit import cgroups, cluster, layout, processes
from clusterkit.waiting import until
from manifests import deployment

KIT = Path(cluster.__file__).parents[1]
FOLDERS = ("/run", "/var/lib", "/var/log", "/opt", "/etc/cni", "/usr/libexec", "/var/run/netns")


def output(*words):
    return sorted(subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines())


def machine():
    """What a cluster could leave behind: {what: its state}."""
    sysctls = {each: Path(f"/proc/sys/{each}").read_text() for each in ("net/ipv4/ip_forward", "vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic",
                                                                       "kernel/panic_on_oops", "net/netfilter/nf_conntrack_max") if Path(f"/proc/sys/{each}").exists()}
    groups = sorted(str(folder) for where, _ in cgroups.hierarchies() for folder in where.rglob("*") if folder.is_dir())
    return {"links": [" ".join(line.split()[1:]) for line in output("ip", "-o", "link")], "addresses": output("ip", "-o", "address"),
            "routes": output("ip", "route", "show", "table", "all"), "rules": output("nft", "-s", "list", "ruleset"),
            "mounts": sorted(Path("/proc/self/mounts").read_text().splitlines()), "cgroups": groups, "sysctls": sysctls,
            "folders": {each: sorted(os.listdir(each)) if Path(each).exists() else None for each in FOLDERS}}


def dev(*words, state, code=0, **options):
    """`./dev cluster`, without its look at what is installed."""
    done = subprocess.run([sys.executable, "-m", "clusterkit", *words, "--state", str(state)], env=os.environ | {"PYTHONPATH": str(KIT)} | options,
                          capture_output=True, text=True, check=False)
    assert code is None or done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


@pytest.fixture
def state(tmp_path):
    """A folder for a cluster that is gone afterwards, and the machine as it was before."""
    folder = tmp_path / "state"
    before = machine()
    yield folder
    dev("down", state=folder)
    assert not folder.exists() and processes.marked(folder) == []
    assert machine() == before


def with_pods(state, count=2):
    """What `up` has brought up, with pods that run."""
    found = cluster.Cluster(layout.read(state))
    found.apply(deployment("web", found.push("web", "1"), count))
    found.kubectl("rollout", "status", "deployment/web", "--timeout=180s")
    return found


@pytest.mark.alone
def test_a_real_node_comes_and_goes(state):
    told = dev("up", "--forward", "default/web:80", state=state)
    assert "registry" in told.stdout
    found = with_pods(state)
    status = json.loads(dev("status", "-o", "json", state=state).stdout)
    assert status["up"] and status["level"] == 2 and status["nodes"] == [{"name": layout.NODE, "ready": True}] and status["versions"]["kubernetes"].startswith("v1.")
    assert list(status["forwards"]) == ["web.default.svc.cluster.local:80"]
    # Up already: nothing is started anew.
    before = found.processes.pid("kube-apiserver")
    dev("up", state=state)
    assert found.processes.pid("kube-apiserver") == before
    # A node is one per machine, and the other is told by its folder.
    refused = dev("up", state=state.with_name("second"), code=1)
    assert str(state) in refused.stderr
    dev("down", state=state.with_name("second"))
    assert cgroups.left() and cluster.running(state)


@pytest.mark.alone
@pytest.mark.parametrize("victim", ["holder", "containerd", "kubelet", "etcd"])
def test_a_real_node_of_which_something_was_killed_goes(state, victim):
    dev("up", state=state)
    with_pods(state, 1).kill(victim)
    assert victim in json.loads(dev("status", "-o", "json", state=state, code=1).stdout)["dead"]


@pytest.mark.alone
@pytest.mark.parametrize("reached", ["processes/holder.json", "processes/containerd.json", "processes/kubelet.json"])
def test_up_was_killed_half_way_and_comes_again(state, reached):
    begun = subprocess.Popen([sys.executable, "-m", "clusterkit", "up", "--state", str(state)], env=os.environ | {"PYTHONPATH": str(KIT)}, stderr=subprocess.DEVNULL)
    until((state / reached).exists, reached, pause=0.005)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    assert dev("status", state=state, code=1).stdout
    dev("up", state=state)
    with_pods(state, 1)


def test_two_simulated_clusters_at_once(state):
    second = state.with_name("second")
    try:
        for folder, nodes in ((state, 2), (second, 5)):
            dev("up", "--level", "1", "--nodes", str(nodes), state=folder)
        told = [json.loads(dev("status", "-o", "json", state=folder).stdout) for folder in (state, second)]
        assert [len(each["nodes"]) for each in told] == [2, 5] and told[0]["server"] != told[1]["server"]
        for folder in (state, second):
            with_pods(folder, 1)
    finally:
        dev("down", state=second)
    assert json.loads(dev("status", "-o", "json", state=state).stdout)["up"]


def test_the_context_is_merged_into_a_person_s_file_and_taken_out_again(state, tmp_path):
    own = tmp_path / "own"
    own.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "work", "clusters": [{"name": "work", "cluster": {"server": "https://work.invalid"}}],
                               "users": [{"name": "work", "user": {}}], "contexts": [{"name": "work", "context": {"cluster": "work", "user": "work"}}]}))
    dev("up", "--level", "1", "--merge", state=state, KUBECONFIG=str(own))
    found = cluster.Cluster(layout.read(state))

    def contexts():
        return found.kubectl("config", "get-contexts", "-o", "name", kubeconfig=own).split(), found.kubectl("config", "current-context", kubeconfig=own).strip()

    assert contexts() == ([layout.DEFAULT_NAME, "work"], "work")
    assert "kwok-0" in found.kubectl("get", "nodes", "--context", layout.DEFAULT_NAME, kubeconfig=own)
    assert own.stat().st_mode & 0o077 == 0
    dev("down", state=state)
    assert yaml.safe_load(own.read_text())["contexts"] == [{"name": "work", "context": {"cluster": "work", "user": "work"}}]


def test_nothing_up_is_told(state):
    assert "no cluster" in dev("status", state=state, code=1).stdout
    assert "nothing was up" in dev("down", state=state).stdout
    assert "./dev cluster up" in dev("forward", "default/web:80", state=state, code=1).stderr


def test_a_folder_of_something_else_is_left_alone(state):
    state.mkdir()
    (state / "thesis").write_text("mine")
    assert "something else" in dev("up", "--level", "1", state=state, code=1).stderr
    assert "nothing was up" in dev("down", state=state).stdout
    assert (state / "thesis").read_text() == "mine"
    (state / "thesis").unlink()
    state.rmdir()
