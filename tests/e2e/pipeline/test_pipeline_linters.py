"""Nothing that a linter finds in the files of any system, by tools that we did not write.

waived.yaml names the rules that are not followed, with the reason for each; a rule that nothing breaks may not stand there.
"""
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
WAIVED = yaml.safe_load((Path(__file__).parent / "waived.yaml").read_text()) or {}
SYSTEMS = ["github", "gitlab", "azure", "circleci", "bitbucket", "buildkite", "woodpecker", "jenkins"]
MORE = {
    "plain": f"pipelines: {{systems: [{', '.join(SYSTEMS)}]}}\n",
    "rich": f"""
pipelines:
  systems: [{', '.join(SYSTEMS)}]
  trunk: trunk
  timeout: 45m
  msctl: {{archive: "https://files.example/msctl-1.0.0-linux-amd64.tar.gz", sha256: {'a' * 64}}}
  packages: [protobuf-compiler]
environments:
  staging: {{kubernetes: {{context: staging}}, registry: ghcr.io/example/shop}}
  demo: {{kubernetes: {{context: demo}}, registry: registry.example/shop}}
  production: {{kubernetes: {{context: production}}, registry: registry.example/shop, approval: true}}
""",
}
used = {tool: set() for tool in WAIVED}


@pytest.fixture(scope="session", params=MORE)
def generated(request, msctl_program, tmp_path_factory):
    """The example shop, without its sources, with a pipeline for each system; to be read only."""
    root = tmp_path_factory.mktemp(request.param) / "shop"
    for source in (ROOT / "examples/shop").rglob("*.yaml"):
        relative = source.relative_to(ROOT / "examples/shop")
        if source.name == "service.yaml" or relative.parts[0] in ("msctl.yaml", "keys"):
            (root / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / relative)
    with open(root / "msctl.yaml", "a", encoding="utf-8") as file:
        file.write(MORE[request.param])
    subprocess.run(["git", "init", "-q", root], check=True)
    done = subprocess.run([msctl_program, "generate", "pipeline"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root


def waive(tool, found):
    """What is left of `found`, pairs of rule and place, without what is waived."""
    left = []
    for rule, place in found:
        if rule in WAIVED.get(tool, {}):
            used[tool].add(rule)
        else:
            left.append(f"{rule}: {place}")
    return left


def test_github_actionlint(generated, linter):
    """It runs shellcheck on every script, too."""
    assert shutil.which("shellcheck")
    linter("actionlint", "-color=false", cwd=generated)


def test_github_zizmor(generated, linter):
    ran = linter("zizmor", "--offline", "--pedantic", "--format", "json", ".", cwd=generated, ok=None)
    found = json.loads(ran.stdout)
    assert waive("zizmor", [(f["ident"], f"{f['desc']} {json.dumps(f['locations'])[:300]}") for f in found]) == []


def test_github_checkov(generated, linter):
    ran = linter("checkov", "--framework", "github_actions", "--directory", generated, "--output", "json", "--compact", "--quiet", "--skip-download", ok=None)
    result = json.loads(ran.stdout)
    results = result if isinstance(result, list) else [result]
    assert sum(r.get("summary", {}).get("passed", 0) for r in results) > 10, ran.stdout[:2000]
    found = [(c["check_id"], f"{c['file_path']} {c['resource']}") for r in results for c in r.get("results", {}).get("failed_checks", [])]
    assert waive("checkov", found) == []


@pytest.mark.parametrize(
    "schema, files",
    [
        ("vendor.github-workflows", ".github/workflows/*"),
        ("vendor.github-actions", ".github/actions/*/*"),
        ("vendor.gitlab-ci", ".gitlab-ci.yml"),
        ("vendor.azure-pipelines", "azure-pipelines.yml"),
        ("vendor.circle-ci", ".circleci/*"),
        ("vendor.bitbucket-pipelines", "bitbucket-pipelines.yml"),
        ("vendor.buildkite", ".buildkite/*"),
        ("vendor.woodpecker-ci", ".woodpecker/*"),
    ],
)
def test_schema(generated, linter, schema, files):
    found = sorted(generated.glob(files))
    assert found
    more = {
        "vendor.gitlab-ci": ["--data-transform", "gitlab-ci"],
        # A pattern in this schema is no expression of ECMAScript's.
        "vendor.azure-pipelines": ["--regex-variant", "python"],
    }.get(schema, [])
    linter("check-jsonschema", "--builtin-schema", schema, *more, *found)


def test_jenkins_groovy_lint(generated, linter):
    ran = linter("npm-groovy-lint", "--noserver", "--failon", "none", "--output", "json", "Jenkinsfile", cwd=generated, ok=None)
    document = json.JSONDecoder().raw_decode(ran.stdout[ran.stdout.index("{") :])[0]
    (file,) = document["files"].values()
    assert waive("groovy-lint", [(e["rule"], f"{e['line']}: {e['msg']}") for e in file["errors"]]) == []


def test_yaml_yamllint(generated, linter):
    files = sorted(p for p in generated.rglob("*") if p.suffix in (".yaml", ".yml") and p.name not in ("service.yaml", "msctl.yaml", "partners.yaml"))
    assert len(files) >= 13
    # "on" is a key of GitHub's own; lines are as long as the commands and expressions in them.
    linter("yamllint", "--strict", "-d", "{extends: default, rules: {truthy: {check-keys: false}, line-length: disable, document-start: disable}}", *files)


def test_scripts_shellcheck(generated):
    """The scripts of GitLab's file, which no linter of its own looks into."""
    document = yaml.safe_load((generated / ".gitlab-ci.yml").read_text())
    for name, job in document.items():
        if not isinstance(job, dict) or name in ("default", "workflow", "variables"):
            continue
        for part in ("before_script", "script"):
            text = "\n".join(job.get(part, []))
            if text:
                # PACKAGES is a list on purpose.
                ran = subprocess.run(["shellcheck", "--shell=sh", "--exclude=SC2086,SC2154", "-"], input=text, capture_output=True, text=True)
                assert ran.returncode == 0, name + ran.stdout


def test_every_waiver_is_needed():
    """Runs last: a rule that nothing breaks any more may not be waived."""
    assert {tool: sorted(set(rules) - used[tool]) for tool, rules in WAIVED.items()} == {tool: [] for tool in WAIVED}
