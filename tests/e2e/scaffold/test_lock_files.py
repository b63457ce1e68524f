"""Lock files pin what is fetched, and leave open from where: they name no registry. That building works through another one is
shown by tests/registries. C++ takes its libraries from Debian, by whatever sources apt has."""
import json
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from helpers.languages import ROOT

MADE = {"build", "target", "node_modules", ".venv", "dist", ".msctl"}
KINDS = ("package-lock.json", "requirements*.txt", "Cargo.lock", "go.mod", "go.sum", "pom.xml", ".npmrc", "settings.xml", "pip.conf", "config.toml")


def lock_files():
    folders = [*(ROOT / "scaffolds/languages").glob("*/template"), *(ROOT / "examples").glob("*/services/*"), ROOT / "tests", ROOT / "scripts"]
    found = {file for folder in folders for kind in KINDS for file in folder.rglob(kind)}
    return sorted(str(file.relative_to(ROOT)) for file in found if not MADE.intersection(file.relative_to(ROOT).parts))


def keys(value):
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from keys(each)


@pytest.mark.parametrize("path", lock_files())
def test_no_lock_file_names_a_registry(path):
    text = (ROOT / path).read_text()
    name = Path(path).name
    if name == "package-lock.json":
        assert "resolved" not in set(keys(json.loads(text)))
    elif name == "Cargo.lock":
        # How cargo names its default source, wherever that was replaced with another.
        sources = {each["source"] for each in tomllib.loads(text)["package"] if "source" in each}
        assert len(sources) == 1 and sources.pop().endswith("/crates.io-index")
    elif name == "pom.xml":
        root = ElementTree.fromstring(text)
        assert not [each.tag for each in root.iter() if re.search(r"[rR]epositor|distributionManagement", each.tag.rpartition("}")[2])]
        assert not [each.text for each in root.iter() if "://" in (each.text or "")]
    elif name == "go.mod":
        # A replacement by a version of another module is fetched like any; one by a folder would not be there.
        assert "://" not in text
        assert all(re.search(r"=> \S+ v\d", line) for line in text.splitlines() if "=>" in line), path
    else:
        assert not re.search(r"://|^\s*(--?(extra-)?index|-i\b|--?find-links|-f\b|registry\s*=)", text, re.MULTILINE), path


def test_there_are_lock_files_of_every_language_that_has_a_registry():
    found = lock_files()
    for language, name in (("go", "go.sum"), ("java", "pom.xml"), ("node", "package-lock.json"), ("python", "requirements.txt"), ("rust", "Cargo.lock")):
        assert f"scaffolds/languages/{language}/template/{name}" in found
        assert any(path.startswith("examples/shop/") and path.endswith("/" + name) for path in found)
