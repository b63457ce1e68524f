"""`./dev cluster`: see main() for the words."""
import argparse
import json
import os
import sys
import time
from pathlib import Path

from . import cluster, kubeconfig, layout, status, tools

EPILOG = """examples:
  ./dev cluster up                              a real node; pods run
  ./dev cluster up --level 1 --nodes 50         simulated nodes; quick, without root
  ./dev cluster up --forward shop/gateway:80=8080
  ./dev cluster exec -- curl http://gateway.shop.svc.cluster.local/
  ./dev cluster down
"""


def parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default=layout.DEFAULT_NAME, help="also the name of the context (%(default)s)")
    common.add_argument("--state", type=Path, help="the folder of its state (~/.local/state/msctl-dev/cluster/NAME)")
    made = argparse.ArgumentParser(prog="./dev cluster", description="A real Kubernetes on this machine, for tests and for playing.",
                                   epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    words = made.add_subparsers(dest="word", required=True, metavar="up|down|status|forward|exec")
    up = words.add_parser("up", parents=[common], help="brings a cluster up, unless it is; returns when it is ready")
    up.add_argument("--level", type=int, choices=(1, 2), default=2, help="1: simulated nodes only; 2: also a real one (%(default)s)")
    up.add_argument("--nodes", type=int, help="simulated nodes (3 at level 1, none at level 2)")
    up.add_argument("--forward", action="append", default=[], metavar="NAMESPACE/SERVICE:PORT[=LOCAL]",
                    help="a loopback port of this machine for a Service, which may come later; may be repeated")
    up.add_argument("--merge", action="store_true", help="also add the context to your own kubeconfig; `down` takes it out again")
    words.add_parser("down", parents=[common], help="removes it and all that belongs to it, in whatever state it is")
    told = words.add_parser("status", parents=[common], help="what is up; status 1 when not all of it is")
    told.add_argument("-o", dest="form", choices=("table", "json"), default="table")
    forward = words.add_parser("forward", parents=[common], help="one more --forward of a cluster that is up")
    forward.add_argument("service", metavar="NAMESPACE/SERVICE:PORT[=LOCAL]")
    run = words.add_parser("exec", parents=[common], help="runs a command where the node is: in the network of pods and Services")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    return made


def bring_up(arguments, state):
    nodes = arguments.nodes if arguments.nodes is not None else (3 if arguments.level == 1 else 0)
    begin = time.monotonic()
    found = cluster.up(layout.Layout(arguments.name, state, arguments.level, nodes))
    for each in arguments.forward:
        found.forward(each)
    if arguments.merge:
        found.it.merged = str(kubeconfig.own())
        found.it.save()
        kubeconfig.merge(found.kubeconfig, kubeconfig.own())
    print(f"up after {time.monotonic() - begin:.1f} s", file=sys.stderr)
    return tell(state)


def tell(state, form="table"):
    told = status.document(state)
    print(json.dumps(told, indent=2) if form == "json" else status.text(told))
    return 0 if told["up"] else 1


def there(state):
    found = cluster.running(state)
    if found is None:
        raise tools.ClusterError(f"no cluster is up in {state}: ./dev cluster up")
    return found


def main():
    arguments = parser().parse_args()
    state = (arguments.state or layout.default_state(arguments.name)).resolve()
    if arguments.word == "up":
        return bring_up(arguments, state)
    if arguments.word == "down":
        print("down" if cluster.down(state) else f"nothing was up in {state}")
        return 0
    if arguments.word == "status":
        return tell(state, arguments.form)
    if arguments.word == "forward":
        print(f"http://127.0.0.1:{there(state).forward(arguments.service)}")
        return 0
    found = there(state)
    words = [each for number, each in enumerate(arguments.command) if number or each != "--"]
    if not words:
        raise tools.ClusterError("exec: which command?")
    os.environ["KUBECONFIG"] = str(found.kubeconfig)
    os.execvp((vector := found.command(*words))[0], vector)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except tools.ClusterError as problem:
        print(f"cluster: {problem}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("cluster: interrupted; ./dev cluster down removes what is there", file=sys.stderr)
        sys.exit(130)
