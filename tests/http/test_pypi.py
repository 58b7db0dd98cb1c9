# SPDX-License-Identifier: MIT
"""The older faces of the index: a package as one JSON document, and XML-RPC; JupyterLab's extension manager as it
asks them; XML from strangers."""

import hashlib
import itertools
import xmlrpc.client

import pytest

from support.artifacts import sdist, wheel

RAW = {"Content-Type": "application/octet-stream"}
XML = {"Content-Type": "text/xml"}
PREBUILT = "Framework :: Jupyter :: JupyterLab :: Extensions :: Prebuilt"
INFO = {"name", "version", "summary", "description", "description_content_type", "keywords", "license",
        "license_expression", "license_files", "classifiers", "author", "author_email", "maintainer",
        "maintainer_email", "requires_python", "platform", "downloads", "package_url", "project_url", "project_urls",
        "release_url", "requires_dist", "provides_extra", "docs_url", "bugtrack_url", "home_page", "download_url",
        "yanked", "yanked_reason", "dynamic"}


def send(daemon, filename, data):
    answer = daemon.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)
    assert answer.status == 201, answer.body
    return answer.json


def document(daemon, path):
    answer = daemon.get(path)
    assert answer.status == 200, answer.body
    return answer.json


# ---- JSON ----

def test_a_package_as_one_document(registry):
    name = registry.new_name("Json.")
    normal = name.lower().replace(".", "-")
    fields = {"Summary": "S", "Requires_Python": ">=3.8", "Requires_Dist": ["a>=1"], "Keywords": "one,two",
              "Author": "A", "Author_email": "B <b@example.org>", "Classifier": ["Topic :: Utilities"],
              "Project_URL": ["Homepage, https://example.org/h", "Docs, https://example.org/d"],
              "Description_Content_Type": "text/markdown", "body": "# D\n"}
    for version in ("1.0", "2.0"):
        filename, data = wheel(name.replace(".", "_"), version, "[g]\na = m:a\n", **fields)
        told = send(registry, filename, data)
    source = send(registry, *sdist(name.replace(".", "_"), "2.0", **fields))
    found = document(registry, f"/pypi/{name}/json")
    assert set(found) == {"info", "last_serial", "releases", "urls", "vulnerabilities", "ownership"}
    info = found["info"]
    assert set(info) == INFO
    base = registry.url
    assert {key: info[key] for key in ("version", "summary", "keywords", "author", "author_email", "requires_python",
                                       "requires_dist", "classifiers", "home_page", "description", "yanked")} == {
        "version": "2.0", "summary": "S", "keywords": "one,two", "author": "A", "author_email": "B <b@example.org>",
        "requires_python": ">=3.8", "requires_dist": ["a>=1"], "classifiers": ["Topic :: Utilities"],
        "home_page": "https://example.org/h", "description": "# D\n", "yanked": False}
    assert info["downloads"] == {"last_day": -1, "last_week": -1, "last_month": -1}
    assert info["package_url"] == f"{base}/packages/{normal}"
    assert info["license"] is None and info["provides_extra"] is None
    assert set(found["releases"]) == {"1.0", "2.0"}
    assert [len(found["releases"][version]) for version in ("1.0", "2.0")] == [1, 2]
    assert found["last_serial"] == source["serial"]
    (url,) = [url for url in found["urls"] if url["packagetype"] == "bdist_wheel"]
    assert url["digests"] == {"sha256": hashlib.sha256(data).hexdigest()}
    assert url["url"] == base + told["url"] and url["python_version"] == "py3"
    assert url["size"] == len(data) and url["upload_time_iso_8601"].startswith(url["upload_time"])
    assert registry.get(url["url"].removeprefix(base)).body == data
    one = document(registry, f"/pypi/{normal}/1.0/json")
    assert set(one) == {"info", "last_serial", "urls", "vulnerabilities", "ownership"}
    assert one["info"]["version"] == "1.0" and len(one["urls"]) == 1


def test_what_is_not_said_is_null(registry):
    name = registry.new_name("bare")
    registry.publish(name, "1.0")
    found = document(registry, f"/pypi/{name}/json")
    assert found["urls"] == [] and found["releases"] == {"1.0": []}
    for key in ("summary", "requires_dist", "project_urls", "author", "keywords", "home_page"):
        assert found["info"][key] is None, key
    assert found["info"]["classifiers"] == []


def test_conditional_yanked_and_quarantined(registry, refused):
    name = registry.new_name("life")
    for version in ("1.0", "2.0"):
        send(registry, *wheel(name, version))
    answer = registry.get(f"/pypi/{name}/json")
    again = registry.get(f"/pypi/{name}/json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    registry.post(f"/v1/packages/{name}/releases/2.0/yank", {"reason": "r"})
    found = document(registry, f"/pypi/{name}/json")
    assert found["info"]["version"] == "1.0"
    assert [file["yanked"] for file in found["releases"]["2.0"]] == [True]
    assert document(registry, f"/pypi/{name}/2.0/json")["info"]["yanked_reason"] == "r"
    place = f"/v1/packages/{name}"
    registry.put(f"{place}/releases/1.0/status", {"status": "quarantined", "reason": "r"})
    refused(registry.get(f"/pypi/{name}/1.0/json"), 403, "forbidden")
    assert set(document(registry, f"/pypi/{name}/json")["releases"]) == {"2.0"}
    registry.put(f"{place}/status", {"status": "quarantined", "reason": "r"})
    refused(registry.get(f"/pypi/{name}/json"), 403, "forbidden")
    refused(registry.get("/pypi/nowhere/json"), 404, "not-found")
    refused(registry.get(f"/pypi/{name}-x/1.0/json"), 404, "not-found")
    refused(registry.get("/pypi/-/json"), 404, "not-found")


def test_a_release_that_is_not_there(registry, refused):
    name = registry.new_name("one")
    send(registry, *wheel(name, "1.0"))
    refused(registry.get(f"/pypi/{name}/9.9/json"), 404, "not-found")
    refused(registry.get(f"/pypi/{name}/x/json"), 404, "not-found")


# ---- XML-RPC ----

@pytest.fixture
def proxy(registry):
    with xmlrpc.client.ServerProxy(f"{registry.url}/pypi", allow_none=True) as server:
        yield server


def test_jupyterlab_finds_its_extensions(registry, proxy):
    """As JupyterLab's extension manager does it: browse by classifier, group by name, take the last version, read
    its JSON, compare what it needs."""
    wanted = [registry.new_name("jupyterlab-ext") for _ in range(3)]
    for name in wanted:
        for version in ("0.9", "1.0"):
            send(registry, *wheel(name, version, Classifier=[PREBUILT], Summary=f"About {name}", License="MIT",
                                  Project_URL=["Homepage, https://example.org/h"]))
    send(registry, *wheel(registry.new_name("other"), "1.0"))
    found = {}
    for name, group in itertools.groupby(proxy.browse([PREBUILT]), lambda match: match[0]):
        _, version = list(group)[-1]
        data = document(registry, f"/pypi/{name}/{version}/json")
        found[name] = (version, data["info"]["summary"], data["info"]["home_page"])
    assert {name: found[name] for name in wanted} == {
        name: ("1.0", f"About {name}", "https://example.org/h") for name in wanted}
    assert proxy.browse([PREBUILT, "Topic :: Nothing"]) == []
    registry.put(f"/v1/packages/{wanted[0]}/status", {"status": "quarantined", "reason": "r"})
    assert wanted[0] not in [name for name, _ in proxy.browse([PREBUILT])]


def test_mirrors_follow_the_serials(registry, proxy):
    before = proxy.changelog_last_serial()
    name = registry.new_name("mirrored")
    told = send(registry, *wheel(name, "1.0"))
    assert proxy.changelog_last_serial() == told["serial"]
    log = proxy.changelog_since_serial(before)
    assert [(n, v, action, serial) for n, v, _, action, serial in log] == [
        (name, "1.0", "publish", before + 1), (name, "1.0", "artifact", before + 2)]
    assert all(stamp > 1_700_000_000 for _, _, stamp, _, _ in log)
    assert proxy.changelog_since_serial(told["serial"]) == []
    registry.put(f"/v1/packages/{name}/status", {"status": "deprecated", "reason": "<r> & 'q'"})
    assert [(n, v) for n, v, *_ in proxy.changelog_since_serial(told["serial"])] == [(name, None)]
    assert proxy.list_packages_with_serial()[name] == told["serial"] + 1


def call(method, *values):
    params = "".join(f"<param><value>{value}</value></param>" for value in values)
    return f"<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>".encode()


def fault(registry, body, path="/pypi"):
    answer = registry.request("POST", path, body, headers=XML)
    assert answer.status == 200, answer.body
    with pytest.raises(xmlrpc.client.Fault) as raised:
        xmlrpc.client.loads(answer.body)
    return raised.value.faultCode


ENTITIES = ('<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
            "<methodCall><methodName>&b;</methodName></methodCall>").encode()
OUTSIDE = (b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><methodCall><methodName>&a;</methodName></methodCall>')
STRING = "<string>x</string>"


@pytest.mark.parametrize("body, code", [
    (b"", -32700), (b"x", -32700), (b"<a>", -32600), (b"<methodCall>", -32700), (b"\0", -32700), (b"<methodCall/>", -32600),
    (b"<methodCall><methodName></methodName></methodCall>", -32600), (ENTITIES, -32700), (OUTSIDE, -32700),
    (b"<!DOCTYPE m>" + call("changelog_last_serial"), -32700),
    (b"\xff\xfe" + call("changelog_last_serial"), -32700), (call("x" * 5000), -32600),
    (b"<methodCall>" * 20 + b"</methodCall>" * 20, -32600), (b"<a>" * 20000, -32600),
    (call("no_such_method"), -32601), (call("package_releases", STRING), -32601), (call("system.listMethods"), -32601),
    (call("browse"), -32602), (call("browse", STRING), -32602), (call("browse", "x"), -32602),
    (call("browse", "<int>1</int>"), -32602), (call("browse", "<struct></struct>"), -32600),
    (call("browse", f"<array><data><value><array><data><value>{STRING}</value></data></array></value></data></array>"),
     -32600),
    (call("browse", "<array><data>" + f"<value>{STRING}</value>" * 51 + "</data></array>"), -32602),
    (call("browse", "<array><data>" + "<value/>" * 1500 + "</data></array>"), -32600),
    (call("browse", "<array><data>" + "<string/>" * 1500 + "</data></array>"), -32600),
    (call("changelog_since_serial", "<int>x</int>"), -32600), (call("changelog_since_serial", "<int></int>"), -32600),
    (call("changelog_since_serial", "<int>1</int>", "<int>1</int>"), -32602), (call("changelog_last_serial", STRING), -32602),
    (call("browse", *[STRING] * 5), -32600), (call("browse", "<base64>eA==</base64>"), -32600),
    (call("browse", "<array><data><value><int>1</int></value></data></array>"), -32600),
    (b"<methodCall><methodName>browse</methodName><value>x</value></methodCall>", -32600),
])
def test_calls_that_are_not_calls(registry, body, code):
    assert fault(registry, body) == code
    assert registry.get("/healthz").status == 200


def test_the_frame_of_a_call(registry, refused):
    good = call("changelog_last_serial")
    for path in ("/pypi", "/pypi/"):
        answer = registry.request("POST", path, good, headers=XML)
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert xmlrpc.client.loads(answer.body)[0] == (registry.get("/v1").json["serial"],)
    refused(registry.request("POST", "/pypi", good, headers={"Content-Type": "text/plain"}), 415, "unsupported-media")
    refused(registry.request("POST", "/pypi", b" " * 70_000, headers=XML), 413, "too-large")
    assert registry.get("/pypi").status == 405
    for number in ("2147483648", "-1", "9223372036854775807"):
        answer = registry.request("POST", "/pypi", call("changelog_since_serial", f"<i8>{number}</i8>"), headers=XML)
        assert answer.status == 200 and xmlrpc.client.loads(answer.body)
