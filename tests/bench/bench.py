"""./dev bench [NAME …]: figures beside peers, written to docs/bench/."""
import sys

import cached
import changes
import cluster
import gatewaycost
import generate
import images
import languages
import localrun
import pipelines
import report
import startup
from measure import ROOT, build_tools, raise_limits

SUITES = {"startup": ("The command line", startup.rows), "localrun": ("The local run", localrun.rows),
          "gateway": ("The gateway", gatewaycost.rows),
          "languages": ("New services", languages.rows),
          "changes": ("What changed", changes.rows), "generate": ("Generated files", generate.rows),
          "cached": ("Kept results", cached.rows),
          "images": ("Images", images.rows), "pipelines": ("Pipelines", pipelines.rows),
          "cluster": ("A cluster", cluster.rows)}


def main(names):
    unknown = set(names) - set(SUITES)
    if unknown:
        sys.exit(f"bench: no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
    build_tools()
    raise_limits()
    for name in names or SUITES:
        title, measure = SUITES[name]
        rows = measure()
        report.write(ROOT / "docs" / "bench", name, title, f"./dev bench {name}", rows)
        print(report.table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
