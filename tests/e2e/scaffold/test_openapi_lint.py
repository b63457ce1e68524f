"""A linter of somebody else reads the OpenAPI documents of the scaffolds, of the shop, and of the language in docs/languages.md."""
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.languages import ROOT
from test_languages import FILE

PINNED = ROOT / "scripts/redocly"
DOCUMENTS = [*(ROOT / "scaffolds/languages").glob("*/template/openapi.yaml"), *(ROOT / "examples").glob("*/services/*/openapi.yaml")]
# Health, metrics and the document itself: asking for them cannot be done wrongly.
WITHOUT_WRONG_REQUESTS = re.compile(r"#/paths/~1(health~1(live|ready)|metrics|openapi\.yaml)/get/responses")


@pytest.fixture(scope="module")
def redocly():
    """Its command line, in the versions that scripts/redocly pins, installed once for each of them."""
    pinned = b"".join((PINNED / name).read_bytes() for name in ("package.json", "package-lock.json"))
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "msctl-dev"
    folder = cache / f"redocly-{hashlib.sha256(pinned).hexdigest()[:16]}"
    if not folder.exists():
        making = cache / f"{folder.name}.{os.getpid()}"
        making.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PINNED / name, making / name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=making, check=True)
        making.rename(folder)
    return folder / "node_modules/.bin/redocly"


def findings(redocly, document, tmp_path):
    """[(rule, place)] of what the recommended rules say, but for a licence, which a scaffold cannot choose."""
    (tmp_path / "redocly.yaml").write_text("extends: [recommended]\nrules: {info-license: off}\n")
    environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    command = [redocly, "lint", "--config", tmp_path / "redocly.yaml", "--format", "json", document]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    found = [(each["ruleId"], place["pointer"]) for each in json.loads(done.stdout)["problems"] for place in each["location"]]
    return [(rule, place) for rule, place in found if rule != "operation-4xx-response" or not WITHOUT_WRONG_REQUESTS.fullmatch(place)]


@pytest.mark.parametrize("document", sorted(DOCUMENTS), ids=lambda path: path.parent.parent.name if path.parent.name == "template" else path.parent.name)
def test_the_documents_are_clean(redocly, document, tmp_path):
    assert findings(redocly, document, tmp_path) == []


def test_the_document_of_the_language_in_the_guide_is_clean(redocly, tmp_path):
    files = {name: text for name, _, text in FILE.findall((ROOT / "docs/languages.md").read_text())}
    document = tmp_path / "openapi.yaml"
    document.write_text(files["template/openapi.yaml"])
    assert findings(redocly, document, tmp_path) == []


def test_the_linter_finds_what_is_wrong(redocly, tmp_path):
    document = tmp_path / "openapi.yaml"
    text = DOCUMENTS[0].read_text().replace("security: []\n", "").replace("operationId: getItem", "operationId: listItems")
    document.write_text(text)
    assert {"security-defined", "operation-operationId-unique"} <= {rule for rule, _ in findings(redocly, document, tmp_path)}
