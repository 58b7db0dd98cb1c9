# SPDX-License-Identifier: MIT
"""A release that was published by its metadata alone is provisional: its first file completes it, once, and what
contradicts it is refused with every difference. Publishing the metadata again afterwards is no news."""

import concurrent.futures

import pytest
from support.artifacts import sdist, wheel

RAW = {"Content-Type": "application/octet-stream"}
GROUP = "completed.plugins"
ENTRIES = f"[{GROUP}]\nentry = m:a\n"


def send(daemon, filename, data):
    return daemon.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)


def sent(daemon, file):
    answer = send(daemon, *file)
    assert answer.status in (200, 201), answer.body
    return answer.json


def release(daemon, name):
    return daemon.get(f"/v1/packages/{name}/releases/1.0").json


def kinds(daemon, name, since):
    changes = daemon.get(f"/v1/changes?since={since}").json["changes"]
    return [change["kind"] for change in changes if change["package"] == name]


def serial(daemon):
    return daemon.get("/v1").json["serial"]


def test_the_file_adds_what_the_document_left_out(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}})
    before = release(registry, name)
    start = serial(registry)
    entries = ENTRIES + "more = m:b\n[others]\nx = m:c\n"
    sent(registry, wheel(name, "1.0", entries, Summary="Whole", Requires_Python=">=3.8", Requires_Dist=["a"]))
    after = release(registry, name)
    assert kinds(registry, name, start) == ["release-completed", "artifact"]
    assert after["document"]["entry_points"] == {GROUP: {"entry": "m:a", "more": "m:b"}, "others": {"x": "m:c"}}
    assert [after["document"][key] for key in ("summary", "requires_python", "requires_dist")] == ["Whole", ">=3.8", ["a"]]
    assert after["requires_python"] == ">=3.8" and after["digest"] != before["digest"]
    assert after["document"]["provenance"]["convention"] == "wheel"
    records = registry.resolve(f"group={GROUP}&group=others")["records"]
    assert [record["name"] for record in records if record["package"] == name] == ["entry", "more", "x"]
    assert registry.sql("SELECT encode(first_digest, 'hex') FROM releases r JOIN packages p ON p.id = package_id"
                        f" WHERE p.name = '{name}'") == [[before["digest"]]]
    (event,) = [event for event in registry.get("/v1/audit?limit=5", token=registry.admin_token).json["events"]
                if event["action"] == "release-completed"]
    assert event["detail"]["digest_before"] == before["digest"] and event["detail"]["digest"] == after["digest"]


def test_what_the_document_knows_stays(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}}, manifests={GROUP: {"entry": {"menu": 1}}}, summary="Ours")
    sent(registry, wheel(name, "1.0", ENTRIES))
    document = release(registry, name)["document"]
    assert document["manifests"] == {GROUP: {"entry": {"menu": 1}}} and document["summary"] == "Ours"


@pytest.mark.parametrize("fields, entries, where", [
    ({"Requires_Python": ">=3.9", "Requires_Dist": ["a", "b"]}, ENTRIES, ["/requires_python"]),
    ({"Requires_Python": ">=3.8", "Requires_Dist": ["a"]}, ENTRIES, ["/requires_dist"]),
    ({"Requires_Python": ">=3.8"}, ENTRIES, ["/requires_dist"]),
    ({"Requires_Python": ">=3.8", "Requires_Dist": ["a", "b"]}, f"[{GROUP}]\nentry = m:b\n",
     [f"/entry_points/{GROUP}/entry"]),
    ({"Requires_Python": ">=3.8", "Requires_Dist": ["a", "b"]}, f"[{GROUP}]\nother = m:a\n",
     [f"/entry_points/{GROUP}/entry"]),
    ({}, "", ["/requires_python", "/requires_dist", f"/entry_points/{GROUP}/entry"]),
])
def test_what_contradicts_is_refused_with_every_difference(registry, refused, fields, entries, where):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}}, requires_python=">=3.8", requires_dist=["b", "a"])
    before, start = release(registry, name), serial(registry)
    problem = refused(send(registry, *wheel(name, "1.0", entries, **fields)), 409, "conflict")
    assert [(error["code"], error["where"]) for error in problem["errors"]] == [("release-differs", at) for at in where]
    assert all(name in error["message"] and error["hint"] for error in problem["errors"])
    assert (release(registry, name), serial(registry)) == (before, start)
    sent(registry, wheel(name, "1.0", ENTRIES, Requires_Python=">=3.8", Requires_Dist=["a", "b"]))


def test_a_manifest_that_differs_is_refused(registry, refused):
    name = registry.new_name()
    group = "honeyframe.plugins"
    entries = f"[{group}]\ncrm = plugins.crm:manifest\n"
    registry.publish(name, "1.0", {group: {"crm": "plugins.crm:manifest"}}, manifests={group: {"crm": {"menu": 1}}})
    files = {"plugins/crm/plugin.yaml": b"name: crm\nversion: '1.0'\n"}
    problem = refused(send(registry, *wheel(name, "1.0", entries, files=files)), 409, "conflict")
    assert [error["where"] for error in problem["errors"]] == [f"/manifests/{group}/crm"]


def test_after_the_first_wheel_nothing_changes(registry, refused):
    name = registry.new_name()
    entries = f"[{GROUP}]\nentry = {name}_m:a\n"  # a module that no other package has
    registry.publish(name, "1.0", {GROUP: {"entry": f"{name}_m:a"}})
    sent(registry, wheel(name, "1.0", entries, Summary="One"))
    whole = release(registry, name)
    refused(send(registry, *wheel(name, "1.0", entries + "more = m:b\n", tag="py3-none-x")), 409, "conflict")
    told = sent(registry, wheel(name, "1.0", entries, tag="py3-none-y", Summary="Two"))
    assert [warning["code"] for warning in told["warnings"]] == ["release-text-differs"]
    assert release(registry, name)["digest"] == whole["digest"]


def test_a_file_that_says_nothing_new_completes_nothing(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}}, summary="S")
    start, digest = serial(registry), release(registry, name)["digest"]
    sent(registry, wheel(name, "1.0", ENTRIES, Summary="S"))
    assert kinds(registry, name, start) == ["artifact"] and release(registry, name)["digest"] == digest


def test_a_wheel_outranks_a_source_distribution(registry):
    name = registry.new_name()
    sent(registry, sdist(name, "1.0", Summary="S"))
    start = serial(registry)
    sent(registry, wheel(name, "1.0", ENTRIES, Summary="S", Requires_Python=">=3.8"))
    assert kinds(registry, name, start) == ["release-completed", "artifact"]
    assert release(registry, name)["document"]["entry_points"] == {GROUP: {"entry": "m:a"}}
    sent(registry, sdist(name + "x", "1.0", Summary="S"))


def test_a_source_distribution_that_is_silent_contradicts_nothing(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}}, requires_python=">=3.8", requires_dist=["a"])
    sent(registry, sdist(name, "1.0", Summary="S"))
    document = release(registry, name)["document"]
    assert document["entry_points"] == {GROUP: {"entry": "m:a"}} and document["requires_dist"] == ["a"]
    sent(registry, wheel(name, "1.0", ENTRIES, Requires_Python=">=3.8", Requires_Dist=["a"]))


def test_the_project_after_its_file_is_no_news(registry, refused):
    name = registry.new_name()
    sent(registry, wheel(name, "1.0", ENTRIES, Summary="S", Requires_Python=">=3.8"))
    start = serial(registry)
    document = {"name": name, "version": "1.0", "entry_points": {GROUP: {"entry": "m:a"}}, "summary": "Other words"}
    answer = registry.put(f"/v1/packages/{name}/releases/1.0", document)
    assert (answer.status, answer.json["created"], serial(registry)) == (200, False, start)
    document["entry_points"][GROUP]["more"] = "m:b"
    problem = refused(registry.put(f"/v1/packages/{name}/releases/1.0", document), 409, "conflict")
    assert [error["where"] for error in problem["errors"]] == [f"/entry_points/{GROUP}/more"]


def test_many_first_files_at_once(registry):
    name = registry.new_name()
    registry.publish(name, "1.0", {GROUP: {"entry": "m:a"}})
    start = serial(registry)
    files = [wheel(name, "1.0", ENTRIES, tag=f"py3-none-plat{number}", Summary="S") for number in range(6)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda file: send(registry, *file), files))
    assert [answer.status for answer in answers] == [201] * 6, [answer.body for answer in answers]
    assert sorted(kinds(registry, name, start)) == ["artifact"] * 6 + ["release-completed"]
