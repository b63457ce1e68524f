"""Nothing that a linter finds: every language, every kind of file, by tools that we did not write.

waived.yaml names the rules that are not followed, with the reason for each; a rule that nothing breaks may not stand there.
"""
import json
import re
from pathlib import Path

import pytest
import yaml

WAIVED = yaml.safe_load((Path(__file__).parent / "waived.yaml").read_text())
FIXTURES = ["shop", "rich"]
used = {tool: set() for tool in WAIVED}


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


@pytest.fixture(params=FIXTURES)
def workspace(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def environments(workspace):
    return sorted(p.name for p in (workspace.root / "deploy/kubernetes/overlays").glob("*")) if (workspace.root / "deploy/kubernetes/overlays").exists() else []


def rendered(workspace, linter, tmp_path):
    """Every form in which the objects reach a cluster: base, overlays, and the chart with each values file."""
    out = {}
    kubernetes = workspace.root / "deploy/kubernetes"
    for folder in [kubernetes / "base", *sorted(kubernetes.glob("overlays/*"))]:
        out[folder.name] = linter("kustomize", "build", folder).stdout
    chart = workspace.root / "deploy/helm/shop"
    for values in [chart / "values.yaml", *sorted(chart.glob("values-*.yaml"))]:
        out["helm-" + values.stem] = linter("helm", "template", "shop", chart, "--namespace", "shop", "--values", values).stdout
    for name, text in out.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return out


def add_deployers(workspace, tmp_path):
    """The roles of those who deploy, which no form has: {name: text}, and as files beside the forms."""
    out = {f"deployer-{file.stem}": file.read_text() for file in sorted((workspace.root / "deploy/kubernetes/deployers").glob("*.yaml"))}
    for name, text in out.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return out


def waive(tool, found):
    """What is left of `found`, pairs of rule and place, without what is waived."""
    left = []
    for rule, place in found:
        if rule in WAIVED[tool]:
            used[tool].add(rule)
        else:
            left.append(f"{rule}: {place}")
    return left


def test_dockerfiles_hadolint(workspace, linter):
    files = sorted(workspace.root.rglob("Dockerfile"))
    assert len(files) >= 7
    ran = linter("hadolint", "--format", "json", *files, ok=None)
    found = json.loads(ran.stdout)
    assert waive("hadolint", [(f["code"], f"{f['file']}:{f['line']}: {f['message']}") for f in found]) == []


def checkov(linter, framework, path):
    ran = linter("checkov", "--framework", framework, "--file" if path.is_file() else "--directory", path, "--output", "json", "--compact", "--quiet", "--skip-download", ok=None)
    result = json.loads(ran.stdout)
    results = result if isinstance(result, list) else [result]
    assert any(r.get("results", r).get("failed_checks") is not None or r.get("passed", 0) > 0 for r in results), ran.stdout[:2000] + ran.stderr[-2000:]
    return [(c["check_id"], f"{c['file_path']} {c['resource']} {c['check_name']}") for r in results for c in r.get("results", {}).get("failed_checks", [])]


def test_dockerfiles_checkov(workspace, linter):
    assert waive("checkov-dockerfile", checkov(linter, "dockerfile", workspace.root)) == []


def test_yaml_yamllint(workspace, linter):
    files = [path for path in sorted(workspace.root.rglob("*.yaml")) if "templates" not in path.parts and path.name not in ("service.yaml", "msctl.yaml", "partners.yaml", "msctl.production.yaml")]
    assert len(files) > 8
    # Long values are the workspace's, not ours; all else is as yamllint has it.
    linter("yamllint", "--strict", "-d", "{extends: default, rules: {line-length: {max: 140}}}", *files)


def test_compose_schema(workspace, linter):
    linter("check-jsonschema", "--builtin-schema", "vendor.compose-spec", workspace.root / "compose.yaml")


def test_kubernetes_schema(workspace, linter, tmp_path):
    forms = rendered(workspace, linter, tmp_path)
    assert all(len(documents(text)) > 10 for text in forms.values())
    for name in forms | add_deployers(workspace, tmp_path):
        ran = linter("kubernetes-validate", "--strict", tmp_path / f"{name}.yaml", ok=None)
        # There is no schema of Kustomize's or Helm's own files among them, and none is needed.
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_kubernetes_kube_score(workspace, linter, tmp_path):
    for name in rendered(workspace, linter, tmp_path):
        ran = linter("kube-score", "score", "--output-format", "json", tmp_path / f"{name}.yaml", ok=None)
        found = []
        for each in json.loads(ran.stdout):
            for check in each["checks"]:
                if check["skipped"] or check["grade"] >= 10:
                    continue
                for comment in check["comments"] or [{"summary": check["check"]["name"], "path": ""}]:
                    found.append((comment["summary"], f"{name} {each['object_name']} {check['check']['id']} {comment.get('description', '')}"))
        assert waive("kube-score", found) == []


def test_kubernetes_checkov(workspace, linter, tmp_path):
    rendered(workspace, linter, tmp_path)
    add_deployers(workspace, tmp_path)
    assert waive("checkov-kubernetes", checkov(linter, "kubernetes", tmp_path)) == []


def test_helm_lint(workspace, linter):
    chart = workspace.root / "deploy/helm/shop"
    for values in [chart / "values.yaml", *sorted(chart.glob("values-*.yaml"))]:
        linter("helm", "lint", "--strict", "--values", values, chart)


def test_chart_and_base_are_the_same_objects(rich, linter, tmp_path):
    """Apart from what Helm and Kustomize write themselves, both give the same."""
    out = rendered(rich, linter, tmp_path)

    def clean(value):
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items() if k not in ("namespace", "app.kubernetes.io/managed-by", "annotations", "checksum/configuration")}
        if isinstance(value, list):
            return [clean(v) for v in value]
        # Kustomize puts a digest behind the name of what it generates.
        return re.sub(r"-(settings|gateway)-[0-9a-z]{10}$", r"-\1", re.sub(r"^gateway-[0-9a-z]{10}$", "gateway", value)) if isinstance(value, str) else value

    def by_name(text):
        return {(d["kind"], clean(d["metadata"]["name"])): d for d in documents(text)}

    base, chart = by_name(out["base"]), by_name(out["helm-values"])
    assert set(base) == set(chart)
    for key, expected in base.items():
        ours, theirs = clean(expected), clean(chart[key])
        for each in (ours, theirs):
            each["metadata"].pop("labels", None)
            if key[0] == "Deployment":
                each["spec"].setdefault("replicas", 1)
            if key == ("Service", "gateway"):
                each["spec"].pop("type", None)
            if key == ("ConfigMap", "gateway"):
                each["data"] = {k: yaml.safe_load(v) for k, v in each["data"].items()}
        if key[0] == "Deployment" and ("HorizontalPodAutoscaler", key[1]) in base:
            assert "replicas" not in expected["spec"] and "replicas" not in chart[key]["spec"]
        assert ours == theirs, key


def test_no_value_is_changed_on_its_way(rich, linter, tmp_path):
    """What service.yaml says, as a process would get it: through Kustomize, Helm and Compose."""
    wanted = {"LOG_LEVEL": "info", "PRICE": "$5", "NUMBER": "0755", "WORD": "yes", "TEMPLATE": "{{ x }}", "LINES": "a\nb"}
    for name, text in rendered(rich, linter, tmp_path).items():
        for document in documents(text):
            if document["kind"] == "ConfigMap" and document["metadata"]["name"].startswith("hello-go-settings"):
                assert {k: document["data"][k] for k in wanted} == wanted, name
                break
        else:
            raise AssertionError(f"{name}: no settings")
    compose = yaml.safe_load(rich.read("compose.yaml"))["services"]["hello-go"]["environment"]
    assert {k: compose[k].replace("$$", "$") for k in wanted} == wanted


def test_a_change_of_settings_starts_new_pods(rich, linter, tmp_path):
    """The name of what a Pod refers to, or its own annotations, change with what it refers to."""
    before = rendered(rich, linter, tmp_path)

    def pod(text):
        return next(d for d in documents(text) if d["kind"] == "Deployment" and d["metadata"]["name"] == "gateway")["spec"]["template"]

    # production has another configuration of the gateway than staging.
    assert pod(before["staging"])["spec"]["volumes"] != pod(before["production"])["spec"]["volumes"]


def test_every_waiver_is_needed():
    """Runs last: a rule that nothing breaks any more may not be waived."""
    assert {tool: sorted(set(rules) - used[tool]) for tool, rules in WAIVED.items()} == {tool: [] for tool in WAIVED}
