# SPDX-License-Identifier: MIT
"""A contract that makes warnings about wheels errors: files with them are refused, in that group and from then on."""

import pytest

from support.artifacts import wheel

RAW = {"Content-Type": "application/octet-stream"}
# code: (the entry of a wheel in the group, its files besides)
WHEELS = {
    "entry-point-module-missing": ("x = nowhere:plugin", {}),
    "entry-point-attribute-missing": ("x = {module}:absent", {"{module}.py": b"plugin = 1\n"}),
}


def send(registry, file, address="artifacts"):
    return registry.post(f"/v1/{address}?filename={file[0]}", file[1], headers=RAW)


def contract(registry, group, checks, **members):
    answer = registry.put(f"/v1/groups/{group}", {"checks": checks, **members}, token=registry.admin_token)
    assert answer.status == 200, answer.body
    return answer.json


def bad_wheel(name, group, code, version="1.0", **options):
    entry, files = WHEELS[code]
    held = {path.format(module=name): data for path, data in files.items()}
    return wheel(name, version, f"[{group}]\n{entry.format(module=name)}\n", files=held, **options)


@pytest.mark.parametrize("code", WHEELS)
def test_a_wheel_with_the_finding_is_refused(registry, refused, code):
    group, name = registry.new_name("checked.g"), registry.new_name()
    file = bad_wheel(name, group, code)
    other = registry.new_name()
    answer = send(registry, bad_wheel(other, group, code))
    assert answer.status == 201 and [one["code"] for one in answer.json["warnings"]] == [code]
    assert contract(registry, group, {code: "error"})["contract"]["checks"] == {code: "error"}
    verdict = send(registry, file, "check").json
    problem = refused(send(registry, file), 422, "invalid")
    (error,) = problem["errors"]
    assert error["code"] == code and f"The contract of the group {group} makes this an error." in error["message"]
    assert error["hint"] and error["where"] == file[0]
    assert (verdict["valid"], verdict["code"], verdict["errors"]) == (False, "invalid", problem["errors"])
    # what is there stays, and the same bytes again are no news; a new file of the old release is held against it
    assert send(registry, bad_wheel(other, group, code)).status == 200
    refused(send(registry, bad_wheel(other, group, code, tag="py3-none-x")), 422, "invalid")
    # as a warning again it passes
    contract(registry, group, {code: "warning"})
    assert registry.get(f"/v1/groups/{group}").json["contract"]["checks"] == {}
    assert send(registry, file).status == 201


def test_other_groups_and_other_checks_stay_warnings(registry):
    strict, free, name = registry.new_name("strict.g"), registry.new_name("free.g"), registry.new_name()
    contract(registry, strict, {"entry-point-attribute-missing": "error"})
    file = wheel(name, "1.0", f"[{strict}]\nx = nowhere:a\n[{free}]\ny = {name}:absent\n", files={f"{name}.py": b"a = 1\n"})
    answer = send(registry, file)
    assert answer.status == 201
    assert {one["code"] for one in answer.json["warnings"]} == {"entry-point-module-missing", "entry-point-attribute-missing"}


def test_a_manifest_that_the_wheel_lacks(registry, refused):
    """By the reader of plugin.yaml, and by that of Python source, whose finding is of another place."""
    contract(registry, "honeyframe.plugins", {"manifest-missing": "error", "declared-file-missing": "error"})
    contract(registry, "fastcms.plugins", {"manifest-missing": "error"})
    name = registry.new_name()
    absent = wheel(name, "1.0", f"[honeyframe.plugins]\n{name} = plugins.{name}:manifest\n",
                   files={f"plugins/{name}/router.py": b""})
    assert refused(send(registry, absent), 422, "invalid")["errors"][0]["code"] == "manifest-missing"
    computed = wheel(name, "1.0", f"[fastcms.plugins]\n{name} = plugins.{name}:register\n",
                     files={f"plugins/{name}/__init__.py": b"PLUGIN_META = make()\nregister = 1\n"})
    assert refused(send(registry, computed), 422, "invalid")["errors"][0]["code"] == "manifest-missing"
    manifest = f"name: {name}\nversion: '1.0'\nfrontend_entry: web/index.js\n".encode()
    declared = wheel(name, "1.0", f"[honeyframe.plugins]\n{name} = plugins.{name}:manifest\n",
                     files={f"plugins/{name}/plugin.yaml": manifest})
    assert refused(send(registry, declared), 422, "invalid")["errors"][0]["code"] == "declared-file-missing"
    for group in ("honeyframe.plugins", "fastcms.plugins"):
        contract(registry, group, {})


@pytest.mark.parametrize("checks, where, code", [
    ({"record-damaged": "error"}, "/checks/record-damaged", "check-unknown"),
    ({"manifest-missing": "fatal"}, "/checks/manifest-missing", "severity-unknown"),
    ({"manifest-missing": 1}, "/checks/manifest-missing", "severity-unknown"),
    (["manifest-missing"], "/checks", "wrong-type"),
])
def test_checks_that_are_none(registry, refused, checks, where, code):
    answer = registry.put("/v1/groups/checked.bad", {"checks": checks}, token=registry.admin_token)
    (error,) = refused(answer, 422, "invalid")["errors"]
    assert (error["where"], error["code"]) == (where, code)


def test_setting_the_same_again_is_no_change(registry):
    group = registry.new_name("same.g")
    both = {"manifest-missing": "error", "declared-file-missing": "error"}
    assert contract(registry, group, both)["changed"] is True
    assert contract(registry, group, both)["changed"] is False
    assert contract(registry, group, {**both, "entry-point-module-missing": "warning"})["changed"] is False
    assert contract(registry, group, dict(reversed(both.items())))["changed"] is False
    assert registry.get(f"/v1/groups/{group}").json["contract"]["checks"] == both
    page = registry.get(f"/groups/{group}", headers={"Accept": "text/html"}).body.decode()
    assert "Refused wheels" in page and "manifest-missing" in page
