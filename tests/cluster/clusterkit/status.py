"""What is up, for a person and for a program."""
from pathlib import Path

from . import cluster, layout, simulated, tools
from .processes import marked


def memory(state):
    """Resident MiB of its processes; what several share counts once for each."""
    pages = 0
    for pid in marked(state):
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            pass
    return pages * 4 // 1024


def document(state):
    """`up` is true when everything was ready once and every process lives."""
    try:
        it = layout.read(state)
    except tools.ClusterError:
        return {"up": False, "state": str(state), "processes": len(marked(state))}
    found = cluster.Cluster(it)
    dead = cluster.dead(found)
    nodes = {each["metadata"]["name"]: simulated.is_ready(each) for each in simulated.nodes(found.api)} if not dead else {}
    return {"up": cluster.running(state) is not None, "name": it.name, "state": str(state), "level": it.level,
            "versions": tools.versions(), "kubeconfig": str(it.kubeconfig), "context": it.name, "server": it.server, "registry": it.registry,
            "forwards": {each: f"127.0.0.1:{port}" for each, port in found.forwards().items()},
            "nodes": [{"name": name, "ready": ready} for name, ready in sorted(nodes.items())],
            "dead": dead, "processes": len(marked(state)), "memoryMiB": memory(state)}


def text(told):
    if "name" not in told:
        left = f", but {told['processes']} processes of it run: down ends them" if told["processes"] else ""
        return f"no cluster in {told['state']}{left}"
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    ready = [each["name"] for each in told["nodes"] if each["ready"]]
    shown = ready if len(ready) < 6 else [*ready[:4], f"… {ready[-1]}"]
    lines = [f"{told['name']}: {'up' if told['up'] else 'not up'}, level {told['level']} ({versions})"]
    if told["dead"]:
        lines.append(f"  dead        {', '.join(told['dead'])}; their logs: {told['state']}/log")
    lines += [f"  nodes       {len(ready)} of {len(told['nodes'])} ready: {', '.join(shown)}" if told["nodes"] else "  nodes       unknown",
              f"  kubeconfig  export KUBECONFIG={told['kubeconfig']}   # context {told['context']}, {told['server']}",
              f"  registry    {told['registry']}, plain HTTP, the same on the node"]
    lines += [f"  forward     http://{local} to {inside}" for inside, local in told["forwards"].items()]
    lines.append(f"  memory      {told['memoryMiB']} MiB in {told['processes']} processes, pods left out")
    return "\n".join(lines)
