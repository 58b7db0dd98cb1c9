# SPDX-License-Identifier: MIT
"""Reading over HTTP: lists and their pages, details, entity tags, compression, min_serial, changes."""

import concurrent.futures
import gzip
import json
import threading
import time

import pytest

GETS = ["/v1", "/v1/groups", "/v1/groups/{group}", "/v1/resolve?group={group}", "/v1/packages",
        "/v1/packages/{package}", "/v1/packages/{package}/releases/1.0", "/v1/changes"]


@pytest.fixture(scope="module")
def filled(registry):
    """A dozen packages in four groups."""
    for number in range(12):
        name = f"read-{number:02}"
        registry.publish(name, "1.0", {f"read.group{number % 4}": {f"entry{number}": "m:a"}},
                         summary=f"Number {number}", requires_python=">=3.9")
    registry.group, registry.package = "read.group1", "read-01"
    return registry


def fill_in(registry, path):
    return path.format(group=registry.group, package=registry.package)


def walk(registry, path, key, limit):
    """All items of a list, page by page, and the sizes of the pages."""
    items, sizes, cursor = [], [], None
    while True:
        answer = registry.get(f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status == 200, answer.body
        assert set(answer.json) - {"total", "corrected"} == {key, "next"}
        items += answer.json[key]
        sizes.append(len(answer.json[key]))
        cursor = answer.json["next"]
        if cursor is None:
            return items, sizes


def test_the_service_document(filled):
    answer = filled.get("/v1")
    service = answer.json
    assert set(service) == {"name", "version", "epoch", "epoch_number", "serial", "reading", "limits", "links"}
    assert service["reading"] == "open" and service["limits"]["upload_bytes"] == 64 << 20
    assert service["name"] == "registryd"
    assert answer.headers["X-Registry-Serial"] == str(service["serial"])
    assert answer.headers["X-Registry-Epoch"] == service["epoch"]
    assert answer.headers["X-Registry-Epoch-Number"] == str(service["epoch_number"])
    assert 0 < service["epoch_number"] <= time.time() + 1
    for address in service["links"].values():
        assert filled.get(address).status in (200, 400, 405), address


def test_health(filled):
    assert filled.get("/healthz").json == {"status": "ok"}
    answer = filled.get("/readyz")
    assert (answer.status, answer.json["ready"], answer.json["reasons"]) == (200, True, [])
    assert answer.json["search"]["problems"] == 0 and answer.json["search"]["behind"] >= 0
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("limit", [1, 5, 11, 12, 13, 1000])
def test_packages_come_in_pages(filled, limit):
    items, sizes = walk(filled, "/v1/packages", "packages", limit)
    assert [item["name"] for item in items] == [f"read-{n:02}" for n in range(12)]
    assert all(size == limit for size in sizes[:-1])
    assert 0 < sizes[-1] <= limit
    assert items[3] == {
        "name": "read-03", "display_name": "read-03", "status": "active", "status_reason": None,
        "replaced_by": None, "summary": "Number 3", "latest_version": "1.0", "release_count": 1, "updated_at": items[3]["updated_at"]}


@pytest.mark.parametrize("limit", [1, 3, 4, 100])
def test_groups_come_in_pages(filled, limit):
    items, _ = walk(filled, "/v1/groups", "groups", limit)
    assert items == [{"name": f"read.group{n}", "packages": 3, "entry_points": 3} for n in range(4)]


@pytest.mark.parametrize("query, where", [
    ("limit=0", "?limit"), ("limit=1001", "?limit"), ("limit=ten", "?limit"), ("limit=", "?limit"),
    ("limit=+1", "?limit"), ("limit=1x", "?limit"), ("limit=99999999999999999999", "?limit"),
    ("limit=1&limit=2", "?limit"), ("cursor=!", "?cursor"), ("cursor=", "?cursor"),
    ("cursor=AA", "?cursor"), ("cursor=_w", "?cursor"), ("cursor=" + "YWFh" * 300, "?cursor"),
    ("limi=1", "?limi"), ("Limit=1", "?Limit"), ("min_serial=-1", "?min_serial"),
])
def test_bad_parameters_are_named(filled, refused, query, where):
    for path in ("/v1/packages", "/v1/groups"):
        problem = refused(filled.get(f"{path}?{query}"), 400, "usage")
        assert problem["where"] == where
        assert where[1:] in problem["detail"]


def test_one_group(filled, refused):
    assert filled.get("/v1/groups/read.group2").json == {
        "name": "read.group2", "contract": None,
        "entry_points": [
            {"name": f"entry{n}", "value": "m:a", "package": f"read-{n:02}", "version": "1.0",
             "origin": f"/v1/packages/read-{n:02}/releases/1.0"} for n in (10, 2, 6)]}
    refused(filled.get("/v1/groups/read.nothing"), 404, "not-found")
    refused(filled.get("/v1/groups/no%20group"), 404, "not-found")


def test_one_package_and_one_release(filled):
    name = filled.new_name()
    for version in ("1.0", "2.0rc1", "1.10", "1.9"):
        filled.publish(name, version, summary=f"of {version}")
    package = filled.get(f"/v1/packages/{name}").json
    assert set(package) == {"name", "display_name", "status", "status_reason", "replaced_by", "summary", "latest_version",
                            "release_count", "updated_at", "owner", "releases", "document"}
    assert package["owner"] == "publisher", "who published it first"
    moved = filled.request("PUT", f"/v1/packages/{name}/owner", {"team": "others"}, token=filled.admin_token)
    assert moved.status == 200, moved.body
    assert filled.get(f"/v1/packages/{name}").json["owner"] == "others"
    assert [row["version"] for row in package["releases"]] == ["2.0rc1", "1.10", "1.9", "1.0"]
    assert [row["prerelease"] for row in package["releases"]] == [True, False, False, False]
    assert (package["latest_version"], package["release_count"]) == ("1.10", 4)
    assert package["document"]["summary"] == "of 1.10"
    release = filled.get(f"/v1/packages/{name}/releases/1.9").json
    row = package["releases"][2]
    assert release == {"package": name, **row, "document": release["document"]}
    assert set(row) == {"version", "prerelease", "yanked", "yanked_reason", "status", "status_reason",
                        "requires_python", "published_at", "published_by", "digest", "artifacts"}
    filled.sql(f"UPDATE releases SET yanked_at = now(), yanked_reason = 'broken' "
               f"WHERE version = '1.9' AND summary = 'of 1.9'")
    release = filled.get(f"/v1/packages/{name}/releases/1.9").json
    assert (release["yanked"], release["yanked_reason"]) == (True, "broken")


@pytest.mark.parametrize("path", [
    "/v1/packages/not-there", "/v1/packages/-", "/v1/packages/a%20b",
    "/v1/packages/read-01/releases/9.9", "/v1/packages/read-01/releases/one",
    "/v1/packages/not-there/releases/1.0", "/v1/nothing", "/v2",
])
def test_what_is_not_there(filled, refused, path):
    refused(filled.get(path), 404, "not-found")


@pytest.mark.parametrize("path", GETS)
def test_entity_tags(filled, path):
    path = fill_in(filled, path)
    first = filled.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"') and tag.endswith('"')
    same = filled.get(path, headers={"If-None-Match": tag})
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", tag)
    other = filled.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status, other.body) == (200, first.body)


def test_a_tag_changes_with_what_it_names_and_only_then(filled):
    path = "/v1/resolve?group=read.tags"
    tags = []
    for version in ("1.0", "1.1"):
        filled.publish("tagged", version, {"read.tags": {"a": "m:a"}})
        tags.append(filled.get(path).headers["ETag"])
        filled.publish(filled.new_name(), "1.0", {"read.elsewhere": {"a": "m:a"}})
        assert filled.get(path).headers["ETag"] == tags[-1]
    assert tags[0] != tags[1]


@pytest.mark.parametrize("path", GETS)
def test_compression(filled, path):
    path = fill_in(filled, path)
    plain = filled.get(path)
    packed = filled.get(path, headers={"Accept-Encoding": "gzip"})
    body = packed.body
    if packed.headers["Content-Encoding"] == "gzip":
        assert len(body) < len(plain.body)
        body = gzip.decompress(body)
    else:
        assert len(plain.body) < 2000  # too short to gain anything
    assert body == plain.body
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", GETS)
def test_unknown_parameters_everywhere(filled, refused, path):
    path = fill_in(filled, path)
    path += ("&" if "?" in path else "?") + "pythn=3.11"
    assert refused(filled.get(path), 400, "usage")["where"] == "?pythn"


@pytest.mark.parametrize("path", GETS)
def test_min_serial(filled, refused, path):
    path = fill_in(filled, path)
    path += ("&" if "?" in path else "?") + "min_serial="
    serial = filled.get("/v1").json["serial"]
    answer = filled.get(path + str(serial))
    assert answer.status == 200
    assert int(answer.headers["X-Registry-Serial"]) >= serial


def test_min_serial_waits_for_what_comes_and_not_for_ever(filled, refused):
    serial = filled.get("/v1").json["serial"] + 1
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(filled.get, f"/v1/packages?min_serial={serial}")
        time.sleep(0.2)
        assert not waiting.done()
        name = filled.new_name("zz")
        filled.publish(name, "1.0")
        assert waiting.result(20).json["packages"][-1]["name"] == name
    answer = filled.get(f"/v1?min_serial={serial + 1000}")
    assert refused(answer, 503, "unavailable")["where"] == "?min_serial"
    assert answer.headers["Retry-After"]


def test_changes_have_no_gaps(filled):
    serial = filled.get("/v1").json["serial"]
    seen = []
    while True:
        answer = filled.get(f"/v1/changes?limit=5&since={seen[-1]['serial'] if seen else 0}")
        assert set(answer.json) == {"changes", "serial", "epoch", "epoch_number"}
        if not answer.json["changes"]:
            break
        assert len(answer.json["changes"]) <= 5
        seen += answer.json["changes"]
    assert [change["serial"] for change in seen] == list(range(1, serial + 1))
    first = next(change for change in seen if change["kind"] == "publish")
    assert first == {"serial": first["serial"], "kind": "publish", "package": "read-00", "version": "1.0",
                     "environment": None, "reason": None,
                     "at": first["at"], "groups": ["read.group0"], "actor": first["actor"], "detail": None}


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=9223372036854775807", "wait=61",
                                   "wait=-1", "limit=0", "since=1&since=2", "pakage=g"])
def test_bad_questions_about_changes(filled, refused, query):
    refused(filled.get(f"/v1/changes?{query}"), 400, "usage")


def test_the_long_poll_answers_when_something_happens(filled):
    serial = filled.get("/v1").json["serial"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = [pool.submit(filled.get, f"/v1/changes?since={serial}&wait=50", timeout=60)
                   for _ in range(4)]
        time.sleep(0.2)
        assert not any(one.done() for one in waiting)
        name = filled.new_name()
        filled.publish(name, "1.0")
        for one in waiting:
            assert [change["package"] for change in one.result(20).json["changes"]] == [name]


def test_the_long_poll_ends_empty_handed(filled):
    serial = filled.get("/v1").json["serial"]
    begin = time.monotonic()
    answer = filled.get(f"/v1/changes?since={serial}&wait=1")
    assert (answer.status, answer.json["changes"]) == (200, [])
    assert time.monotonic() - begin >= 0.9
    ahead = filled.get(f"/v1/changes?since={serial + 100}")  # of a history that was lost
    assert ahead.json["changes"] == [] and ahead.json["serial"] == serial


def test_a_publisher_reads_its_own_write_at_once(filled):
    """From several threads at a time: what a 201 said is in the next answer of every kind."""
    faults = []

    def publish_and_read(number):
        for version in range(1, 11):
            name, group = f"own-{number}", f"own.group{number % 2}"
            filled.publish(name, f"{version}.0", {group: {f"e{number}": "m:a"}})
            records = filled.resolve(f"group={group}")["records"]
            found = [r["version"] for r in records if r["package"] == name]
            package = filled.get(f"/v1/packages/{name}").json
            if found != [f"{version}.0"] or package["latest_version"] != f"{version}.0":
                faults.append((name, version, found))

    threads = [threading.Thread(target=publish_and_read, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    groups = {g["name"]: g for g in filled.get("/v1/groups?limit=1000").json["groups"]}
    assert groups["own.group0"]["packages"] == 3
    assert json.loads(filled.get("/v1/changes?since=0&limit=1000").body)["serial"] >= 60
