"""The gateway's processor time for a request beside nginx and HAProxy, one thread each (tests/bench/gateway/cost.py)."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ROOT


def rows():
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "cost.json"
        subprocess.run([sys.executable, ROOT / "tests/bench/gateway/cost.py", "--json", figures], check=True)
        results = json.loads(figures.read_text())
    out = []
    for connections, proxies in results.items():
        one = {name: {"median": row["microseconds"], "min": row["microseconds"], "max": row["microseconds"], "runs": 5}
               for name, row in proxies.items()}
        ours = one.pop("msctl")
        out.append({"what": f"a small GET, {connections} connections, one thread", "unit": "µs", "msctl": ours, "peers": one})
    return out
