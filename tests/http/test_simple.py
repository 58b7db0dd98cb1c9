# SPDX-License-Identifier: MIT
"""The package index as installers read it: one test for each rule of PEP 503, 592, 629, 658, 691, 700, 714, 740
and 792; what may be had of quarantined packages; what is kept, and that a change drops it."""

import base64
import gzip
import hashlib
import html.parser
import http.client
import json
import re
import threading

import pytest

from support.artifacts import metadata, sdist, wheel
from support.daemon import Daemon
from support.registry import Registry

RAW = {"Content-Type": "application/octet-stream"}
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
PIP = f"{JSON}, {HTML}; q=0.1, text/html; q=0.01"


def send(daemon, filename, data):
    answer = daemon.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)
    assert answer.status == 201, answer.body
    return answer.json


def page(daemon, path, accept=JSON, **headers):
    return daemon.get(path, headers={"Accept": accept, **headers} if accept else headers)


def project(daemon, name):
    answer = page(daemon, f"/simple/{name}/")
    assert answer.status == 200, answer.body
    return answer.json


class Anchors(html.parser.HTMLParser):
    """The links of an HTML page: [(text, attributes)], and its meta elements."""

    def __init__(self, text):
        super().__init__()
        self.links, self.meta = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a":
            self.links.append([None, attributes])
        if tag == "meta" and "name" in attributes:
            self.meta[attributes["name"]] = attributes["content"]

    def handle_data(self, data):
        if self.links and self.links[-1][0] is None:
            self.links[-1][0] = data


def anchors(daemon, path, accept="text/html"):
    answer = page(daemon, path, accept)
    assert answer.status == 200, answer.body
    return Anchors(answer.body.decode())


def quarantine(registry, name, version=None):
    place = f"/v1/packages/{name}/releases/{version}" if version else f"/v1/packages/{name}"
    answer = registry.put(f"{place}/status", {"status": "quarantined", "reason": "it steals"})
    assert answer.status == 200, answer.body


# ---- the forms ----

def test_a_page_in_json(registry):
    name = registry.new_name("simple-json")
    fields = {"Requires_Python": ">=3.8", "Summary": "S"}
    first = wheel(name, "1.0", "[g.plugins]\ncrm = m:a\n", **fields)
    second = sdist(name, "1.0", **fields)
    send(registry, *first)
    told = send(registry, *second)
    document = project(registry, name)
    assert document["meta"] == {"api-version": "1.4"}
    assert document["name"] == name
    assert document["project-status"] == {"status": "active"}
    assert document["versions"] == ["1.0"]
    assert document["_serial"] == told["serial"]
    assert document["_entry-points"] == {"g.plugins": {"crm": "m:a"}}
    assert set(document) == {"meta", "name", "project-status", "versions", "files", "_serial",
                             "_entry-points"}
    text = metadata(name, "1.0", **fields).encode()
    by_name = {file["filename"]: file for file in document["files"]}
    for filename, data, core in ((*first, {"sha256": hashlib.sha256(text).hexdigest()}),
                                 (*second, False)):
        digest = hashlib.sha256(data).hexdigest()
        file = by_name[filename]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", file.pop("upload-time"))
        assert file == {"filename": filename, "url": f"../../files/{digest}/{filename}",
                        "hashes": {"sha256": digest}, "size": len(data), "requires-python": ">=3.8",
                        "core-metadata": core, "yanked": False, "provenance": None}
        assert registry.get("/files/" + file["url"].removeprefix("../../files/")).body == data


def test_pep_503_a_page_in_html(registry):
    name = registry.new_name("simple-html")
    filename, data = wheel(name, "1.0", Requires_Python=">=3.8,<4")
    send(registry, filename, data)
    digest = hashlib.sha256(data).hexdigest()
    core = "sha256=" + hashlib.sha256(metadata(name, "1.0", Requires_Python=">=3.8,<4").encode()).hexdigest()
    found = anchors(registry, f"/simple/{name}/")
    assert found.links == [[filename, {
        "href": f"../../files/{digest}/{filename}#sha256={digest}",
        "data-requires-python": "<4,>=3.8",  # the canonical order
        "data-core-metadata": core, "data-dist-info-metadata": core}]]  # PEP 658, 714
    assert found.meta["pypi:repository-version"] == "1.4"  # PEP 629, 833
    assert found.meta["pypi:project-status"] == "active"
    assert b'data-requires-python="&lt;4,&gt;=3.8"' in page(registry, f"/simple/{name}/", "text/html").body


def test_pep_503_the_list_of_projects(registry):
    name = registry.new_name("listed")
    registry.publish(name, "1.0")
    entry = next(p for p in page(registry, "/simple/").json["projects"] if p["name"] == name)
    last = registry.get("/v1").json["serial"]
    assert entry == {"name": name, "_serial": last}
    answer = page(registry, "/simple/")
    assert answer.json["meta"] == {"api-version": "1.4"}
    assert answer.headers["X-PyPI-Last-Serial"] == str(last)
    assert [name, {"href": f"{name}/"}] in anchors(registry, "/simple/").links
    names = [p["name"] for p in answer.json["projects"]]
    assert names == sorted(names)


@pytest.mark.parametrize("accept, content_type", [
    (None, "text/html; charset=utf-8"), ("*/*", "text/html; charset=utf-8"),
    ("text/html", "text/html; charset=utf-8"), (HTML, HTML), (JSON, JSON), (PIP, JSON),
    ("application/vnd.pypi.simple.latest+json", JSON),
    ("application/vnd.pypi.simple.latest+html", HTML),
    (f"{JSON};q=0.2, {HTML};q=0.3", HTML), ("application/json", None), ("application/xml", None),
    ("text/html;q=0", None),
])
def test_pep_691_the_client_chooses(registry, refused, accept, content_type):
    name = "negotiated"
    registry.put(f"/v1/packages/{name}/releases/1.0", {"name": name, "version": "1.0"})
    for path in ("/simple/", f"/simple/{name}/"):
        answer = registry.get(path, headers={"Accept": accept} if accept else {})
        if content_type:
            assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
            assert answer.headers["Vary"] == "Accept-Encoding, Accept"
        else:
            refused(answer, 406, "not-acceptable")


def test_pep_503_other_spellings_are_redirected(registry, refused):
    name = registry.new_name("two-words")
    registry.publish(name, "1.0")
    for path, place in ((f"/simple/{name}", f"/simple/{name}/"), ("/simple", "/simple/"),
                        (f"/simple/{name.upper().replace('-', '_')}/", f"/simple/{name}/"),
                        (f"/simple/{name.replace('-', '.')}", f"/simple/{name}/")):
        for method in ("GET", "HEAD"):
            status, location = without_following(registry, method, path)
            assert (status, location) == (301, place), path
    refused(page(registry, "/simple/nowhere/"), 404, "not-found")
    refused(page(registry, "/simple/-bad-/"), 404, "not-found")
    refused(page(registry, "/simple/%22/"), 404, "not-found")


def without_following(registry, method, path):
    connection = http.client.HTTPConnection(registry.address, timeout=30)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert body == b""
    return answer.status, answer.headers["Location"]


def test_pep_592_yanked_files_say_so(registry):
    name = registry.new_name("yanked")
    for version in ("1.0", "2.0", "3.0"):
        send(registry, *wheel(name, version))
    reason = 'broken: "<b>" & more'
    # Today's API wants a reason; rows from before that have none.
    registry.sql("UPDATE releases SET yanked_at = now() WHERE version = '2.0' AND package_id ="
                 f" (SELECT id FROM packages WHERE name = '{name}')")
    assert registry.post(f"/v1/packages/{name}/releases/1.0/yank", {"reason": reason}).status == 200
    files = {file["filename"].split("-")[1]: file["yanked"] for file in project(registry, name)["files"]}
    assert files == {"1.0": reason, "2.0": True, "3.0": False}
    marks = [attributes.get("data-yanked") for _, attributes in anchors(registry, f"/simple/{name}/").links]
    assert marks == [reason, "", None]
    assert registry.request("DELETE", f"/v1/packages/{name}/releases/1.0/yank",
                            token=registry.admin_token).status == 200
    assert [file["yanked"] for file in project(registry, name)["files"]] == [False, True, False]


def test_pep_658_metadata_lies_beside_each_wheel(registry, refused):
    name = registry.new_name("metadata")
    fields = {"Summary": "Zürich — 東京", "body": "# Title\n\nText with a trailing space \n"}
    told = send(registry, *wheel(name, "1.0", **fields))
    source = send(registry, *sdist(name, "1.0"))
    text = metadata(name, "1.0", **fields).encode()
    answer = registry.get(told["url"] + ".metadata")
    assert (answer.status, answer.body) == (200, text)
    digest = project(registry, name)["files"][0]["core-metadata"]["sha256"]
    assert digest == hashlib.sha256(text).hexdigest()
    assert answer.headers["ETag"].strip('W/"') == digest
    head = registry.request("HEAD", told["url"] + ".metadata")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(text)))
    again = registry.get(told["url"] + ".metadata", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    refused(registry.get(source["url"] + ".metadata"), 404, "not-found")
    wrong = told["url"].replace(told["sha256"], "0" * 64) + ".metadata"
    refused(registry.get(wrong), 404, "not-found")


def test_pep_700_versions_sizes_and_times(registry):
    name = registry.new_name("versions")
    for version in ("1.0", "1.10", "1.9"):
        send(registry, *wheel(name, version))
    registry.publish(name, "2.0rc1")  # without a file
    document = project(registry, name)
    assert document["versions"] == ["2.0rc1", "1.10", "1.9", "1.0"]
    assert [file["filename"].split("-")[1] for file in document["files"]] == ["1.0", "1.9", "1.10"]
    assert all(file["size"] > 0 and file["upload-time"] for file in document["files"])


def test_pep_714_the_old_key_breaks_old_pip_and_is_not_sent(registry):
    name = registry.new_name("oldkey")
    send(registry, *wheel(name, "1.0"))
    assert b"dist-info-metadata" not in page(registry, f"/simple/{name}/").body


def test_pep_740_no_provenance_is_claimed(registry):
    name = registry.new_name("provenance")
    send(registry, *wheel(name, "1.0"))
    assert project(registry, name)["files"][0]["provenance"] is None
    assert "data-provenance" not in page(registry, f"/simple/{name}/", "text/html").body.decode()


@pytest.mark.parametrize("status", ["deprecated", "archived", "quarantined"])
def test_pep_792_the_status_of_a_project(registry, status):
    name = registry.new_name("status")
    send(registry, *wheel(name, "1.0", "[g]\na = m:a\n"))
    answer = registry.put(f"/v1/packages/{name}/status", {"status": status, "reason": "old <now>"})
    assert answer.status == 200, answer.body
    document = project(registry, name)
    assert document["project-status"] == {"status": status, "reason": "old <now>"}
    assert bool(document["files"]) == (status != "quarantined")
    assert bool(document["versions"]) == (status != "quarantined")
    assert bool(document["_entry-points"]) == (status != "quarantined")
    found = anchors(registry, f"/simple/{name}/")
    assert found.meta["pypi:project-status"] == status
    assert found.meta["pypi:project-status-reason"] == "old <now>"
    assert bool(found.links) == (status != "quarantined")


# ---- quarantine ----

def test_nothing_of_a_quarantined_package_can_be_had(registry, refused):
    name = registry.new_name("bad")
    url = send(registry, *wheel(name, "1.0"))["url"]
    quarantine(registry, name)
    for path in (url, url + ".metadata"):
        refused(registry.get(path), 403, "forbidden")
        refused(registry.get(path, headers={"Range": "bytes=0-1"}), 403, "forbidden")
        assert registry.request("HEAD", path).status == 403
    assert registry.get(url, headers={"If-None-Match": "*"}).status == 403
    registry.put(f"/v1/packages/{name}/status", {"status": "active"})
    assert registry.get(url).status == 200
    assert len(project(registry, name)["files"]) == 1


def test_a_quarantined_release_is_left_out(registry):
    name = registry.new_name("partly")
    good = send(registry, *wheel(name, "1.0"))["url"]
    bad = send(registry, *wheel(name, "2.0"))["url"]
    quarantine(registry, name, "2.0")
    document = project(registry, name)
    assert document["versions"] == ["1.0"]
    assert [file["filename"].split("-")[1] for file in document["files"]] == ["1.0"]
    assert document["project-status"] == {"status": "active"}
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-1"})):
        for path in (bad, bad + ".metadata"):
            assert registry.request(method, path, headers=headers).status == 403
        assert registry.request(method, good, headers=headers).status in (200, 206)


# ---- what is kept ----

def test_pages_are_conditional_and_packed(registry):
    name = registry.new_name("tagged")
    for number in range(30):
        send(registry, *wheel(name, f"1.{number}"))
        registry.publish(registry.new_name("a-name-that-makes-the-list-long-"), "1.0")
    for path in (f"/simple/{name}/", "/simple/"):
        for accept in (JSON, "text/html"):
            plain = page(registry, path, accept)
            packed = page(registry, path, accept, **{"Accept-Encoding": "gzip"})
            assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) < len(plain.body)
            assert gzip.decompress(packed.body) == plain.body
            assert packed.headers["ETag"] == "W/" + plain.headers["ETag"]
            for tag in (plain.headers["ETag"], packed.headers["ETag"]):
                again = page(registry, path, accept, **{"If-None-Match": tag})
                assert (again.status, again.body) == (304, b"")
                assert again.headers["Vary"] == "Accept-Encoding, Accept"
            head = registry.request("HEAD", path, headers={"Accept": accept})
            assert head.headers["ETag"] == plain.headers["ETag"] and not head.body
    assert page(registry, f"/simple/{name}/").headers["ETag"] != \
        page(registry, f"/simple/{name}/", "text/html").headers["ETag"]


def test_a_change_drops_the_page_at_once(registry):
    name = registry.new_name("changing")
    for number in range(20):
        told = send(registry, *wheel(name, f"1.{number}"))
        answer = page(registry, f"/simple/{name}/")
        assert len(answer.json["files"]) == number + 1
        assert answer.headers["X-PyPI-Last-Serial"] == str(told["serial"])
        assert int(answer.headers["X-Registry-Serial"]) >= told["serial"]
        assert name in [p["name"] for p in page(registry, "/simple/").json["projects"]]


def test_an_unchanged_page_asks_the_database_nothing(registry):
    name = registry.new_name("quiet")
    send(registry, *wheel(name, "1.0"))
    answers = {path: page(registry, path) for path in (f"/simple/{name}/", "/simple/")}
    registry.sql("ALTER TABLE packages RENAME TO packages_hidden")
    try:
        for path, answer in answers.items():
            assert page(registry, path).body == answer.body
            tag = {"If-None-Match": answer.headers["ETag"]}
            assert page(registry, path, **tag).status == 304
        assert page(registry, "/simple/another/").status == 500  # this one would ask
    finally:
        registry.sql("ALTER TABLE packages_hidden RENAME TO packages")
    assert page(registry, "/simple/another/").status == 404


def test_readers_and_publishers_at_once(registry):
    name = registry.new_name("busy")
    send(registry, *wheel(name, "0.0"))
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            seen.append(len(project(registry, name)["files"]))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 15):
        send(registry, *wheel(name, f"{number}.0"))
        assert len(project(registry, name)["files"]) == number + 1
    stop.set()
    for thread in threads:
        thread.join()
    assert seen and max(seen) <= 15


def test_another_daemon_drops_its_page_too(registry):
    name = registry.new_name("shared")
    send(registry, *wheel(name, "1.0"))
    with Daemon(arguments=["--database-url", registry.conninfo]) as other:
        assert len(project(other, name)["files"]) == 1  # kept there from now on
        for number in range(1, 6):
            told = send(registry, *wheel(name, f"1.{number}"))
            answer = page(other, f"/simple/{name}/?min_serial={told['serial']}")
            assert answer.status == 200, answer.body
            assert len(answer.json["files"]) == number + 1
        quarantine(registry, name)
        serial = registry.get("/v1").json["serial"]
        assert page(other, f"/simple/{name}/?min_serial={serial}").json["files"] == []


# ---- access ----

def test_with_reading_closed_basic_and_bearer_work(cluster, refused):
    with Registry(cluster) as closed:
        closed.stop()
        closed.arguments += ["--reading", "closed"]
        closed.start()
        url = send(closed, *wheel("private", "1.0"))["url"]
        token = closed.post("/v1/tokens", {"name": "reader", "scopes": ["read"], "grant": True},
                            token=closed.admin_token).json["token"]
        for path in ("/simple", "/simple/", "/simple/private", "/simple/private/", url,
                     url + ".metadata"):
            answer = closed.get(path, headers={"Accept": "*/*"})
            refused(answer, 401, "unauthorized")
            assert answer.headers["WWW-Authenticate"] == 'Basic realm="registryd"'
            wrong = base64.b64encode(b"__token__:plg_wrong").decode()
            assert closed.get(path, headers={"Authorization": f"Basic {wrong}"}).status == 401
            for user in ("__token__", "", "anybody"):
                basic = base64.b64encode(f"{user}:{token}".encode()).decode()
                assert closed.get(path, headers={"Authorization": f"Basic {basic}"}).status == 200
            assert closed.get(path, token=token).status == 200
        assert closed.get("/v1/groups").headers["WWW-Authenticate"] == 'Bearer realm="registryd"'


# ---- size and speed ----

def test_six_hundred_names_asked_again_are_unchanged(registry):
    names = [registry.new_name("many") for _ in range(600)]
    for name in names:
        registry.publish(name, "1.0")
    connection = http.client.HTTPConnection(registry.address, timeout=30)
    tags = {}
    for name in names:
        connection.request("GET", f"/simple/{name}/", headers={"Accept": PIP})
        answer = connection.getresponse()
        tags[name] = answer.headers["ETag"]
        answer.read()
    for name in names:
        connection.request("GET", f"/simple/{name}/",
                           headers={"Accept": PIP, "If-None-Match": tags[name]})
        answer = connection.getresponse()
        assert answer.status == 304, name
        answer.read()
    connection.close()


def test_the_json_is_json(registry):
    name = registry.new_name("quoting")
    reason = 'quote " backslash \\ newline-free \u2028 é'
    send(registry, *wheel(name, "1.0"))
    registry.post(f"/v1/packages/{name}/releases/1.0/yank", {"reason": reason})
    assert json.loads(page(registry, f"/simple/{name}/").body)["files"][0]["yanked"] == reason
