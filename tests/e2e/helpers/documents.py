"""The documents that outsiders rely on, key by key."""
import re

STATES = {"pending", "building", "starting", "ready", "unready", "backoff", "stopping", "stopped", "failed", "idle"}
ERROR_KEYS = {"code", "message", "file", "line", "column", "expected", "suggestion"}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_errors(document):
    """{"schema":1,"ok":false,"errors":[…]}"""
    assert document["schema"] == 1 and document["ok"] is False
    assert document["errors"], "a failure without an error"
    for error in document["errors"]:
        assert ERROR_KEYS <= error.keys(), f"keys are missing: {ERROR_KEYS - error.keys()}"
        assert re.fullmatch(r"MSC[1-5]\d{3}", error["code"]), error
        assert isinstance(error["message"], str) and error["message"]
        assert error["line"] is None or is_integer(error["line"])
        assert error["column"] is None or is_integer(error["column"])
    return document["errors"]


def check_status(document):
    assert document["schema"] == 1
    assert isinstance(document["workspace"], str) and document["workspace"]
    assert document["environment"] == "local"
    gateway = document["gateway"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/?", gateway["url"])
    assert isinstance(gateway["adminSocket"], str)
    assert is_integer(gateway["pid"]) and gateway["pid"] > 0
    assert [each["name"] for each in document["services"]] == sorted(each["name"] for each in document["services"])
    for service in document["services"]:
        check_service(service)


def check_service(service):
    assert service["state"] in STATES
    assert isinstance(service["version"], str)
    assert is_integer(service["desired"]) and is_integer(service["ready"])
    for replica in service["replicas"]:
        assert re.fullmatch(re.escape(service["name"]) + r"-\w+", replica["id"])
        assert replica["state"] in STATES
        assert is_integer(replica["pid"]) and is_integer(replica["port"]) and is_integer(replica["restarts"])
        assert RFC3339.match(replica["startedAt"]), replica["startedAt"]
    for need, url in service["needs"].items():
        assert isinstance(need, str) and re.fullmatch(r"[a-z][a-z0-9+.-]*://[^/]+:\d+.*", url), url
    for condition in service["conditions"]:
        assert isinstance(condition["type"], str) and condition["type"]
        assert "status" in condition
        assert isinstance(condition["code"], str) and isinstance(condition["message"], str)


def status_true(condition):
    return condition["status"] in (True, "True")
