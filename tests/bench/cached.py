"""Tests of 100 services of which nothing has changed, beside make with nothing to do over the same 10,000 files."""
import json
import os
import shutil
import subprocess
import tempfile

from changes import FILES, repository
from measure import MSCTL, summary, wall_ms

MAKEFILE = """MAKEFLAGS += -rR
SERVICES := $(notdir $(wildcard services/*))
STAMPS := $(SERVICES:%=stamps/%)
all: $(STAMPS)
define service
stamps/$(1): $(wildcard services/$(1)/*.* services/$(1)/src/*/*)
\t@mkdir -p stamps && true && touch $$@
endef
$(foreach each,$(SERVICES),$(eval $(call service,$(each))))
"""


def compared(services, runs):
    root = repository(services, 'test: ["true"]\n')
    cache = tempfile.mkdtemp()
    os.environ["XDG_CACHE_HOME"] = cache
    (root / "Makefile").write_text(MAKEFILE)
    (root / ".gitignore").write_text(".msctl/\nstamps/\n")
    command = [MSCTL, "test"]
    ours, make = [], []
    try:
        subprocess.run(command, cwd=root, check=True, capture_output=True)
        told = json.loads(subprocess.run([*command, "-o", "json"], cwd=root, check=True, capture_output=True).stdout)
        assert all(each["cached"] for each in told["services"]) and len(told["services"]) == services
        subprocess.run(["make"], cwd=root, check=True, capture_output=True)
        assert "Nothing to be done" in subprocess.run(["make"], cwd=root, check=True, capture_output=True, text=True).stdout
        for _ in range(runs):
            make.append(wall_ms(["make"], cwd=root))
            ours.append(wall_ms(command, cwd=root))
    finally:
        shutil.rmtree(root)
        shutil.rmtree(cache)
        del os.environ["XDG_CACHE_HOME"]
    return {
        "what": f"msctl test, all cached, {services:,} services of {FILES:,} files",
        "unit": "ms",
        "msctl": summary(ours),
        "peers": {"make, nothing to do": summary(make)},
        "ratio_limit": 1.0,
        "against": "make, nothing to do",
    }


def rows():
    return [compared(100, 25)]
