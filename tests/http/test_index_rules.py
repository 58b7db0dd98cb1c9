# SPDX-License-Identifier: MIT
"""Rules of the index that hold on several addresses at once: what is quarantined can be had nowhere, the version of the
interface, and wheels of newer and unknown kinds."""

import hashlib
import urllib.parse
import xmlrpc.client

import pytest

from support.artifacts import wheel
from test_legacy import encode, fields_of, post
from test_simple import HTML, JSON, Anchors, page, quarantine, send

PREBUILT = "Framework :: Jupyter :: JupyterLab :: Extensions :: Prebuilt"


# ---- quarantine ----

@pytest.fixture(scope="module")
def held(registry):
    """Two releases of a package, and an environment that is not frozen; {version: address of its file}."""
    name = registry.new_name("nowhere-to-be-had")
    urls = {version: send(registry, *wheel(name, version, "[held.plugins]\na = m:a\n", Classifier=[PREBUILT]))["url"]
            for version in ("1.0", "2.0")}
    assert registry.put("/v1/environments/held", {}, token=registry.admin_token).status in (200, 201)
    return name, urls


def everywhere(registry, name, urls):
    """{where: (status, body)} of every address that could give away version 2.0."""
    asked = {f"{method} {more}{dict(headers)}": registry.request(method, urls["2.0"] + more, headers=dict(headers))
             for method in ("GET", "HEAD") for more in ("", ".metadata", "/attestations")
             for headers in ((), (("Range", "bytes=0-9"),), (("If-None-Match", "*"),), (("If-Modified-Since", "Mon, 01 Jan 2035 00:00:00 GMT"),))}
    for accept in (JSON, HTML):
        asked[accept] = page(registry, f"/simple/{name}/", accept)
    for path in (f"/pypi/{name}/json", f"/pypi/{name}/2.0/json", "/v1/requirements?group=held.plugins",
                 "/v1/requirements?group=held.plugins&format=json", "/v1/resolve?group=held.plugins",
                 *(f"/v1/environments/held/export?group=held.plugins&format={form}" for form in ("pylock", "requirements", "json"))):
        asked[path] = registry.get(path, headers={"Accept": "*/*"})
    return {where: (answer.status, answer.body) for where, answer in asked.items()}


@pytest.mark.parametrize("whole", [False, True], ids=["release", "package"])
def test_what_is_quarantined_can_be_had_nowhere(registry, held, whole):
    name, urls = held
    digest = urls["2.0"].split("/")[2].encode()
    before = everywhere(registry, name, urls)
    assert digest in before[JSON][1] and digest in before["/v1/requirements?group=held.plugins"][1]
    quarantine(registry, name, None if whole else "2.0")
    try:
        for where, (status, body) in everywhere(registry, name, urls).items():
            assert digest not in body, where
            if where.startswith(("GET ", "HEAD ")):  # there are no attestations to refuse
                assert status == (404 if "attestations" in where else 403), where
        with xmlrpc.client.ServerProxy(f"{registry.url}/pypi") as proxy:
            assert [name, "2.0"] not in proxy.browse([PREBUILT])
    finally:
        place = f"/v1/packages/{name}" if whole else f"/v1/packages/{name}/releases/2.0"
        answer = registry.put(f"{place}/status", {"status": "active" if whole else "live"})
        assert answer.status == 200, answer.body


# ---- the interface ----

def test_pep_629_the_version_of_the_interface(registry):
    """A client fails for another major number, and warns for a higher minor one."""
    name = registry.new_name("versioned")
    send(registry, *wheel(name, "1.0"))
    for path in ("/simple/", f"/simple/{name}/"):
        text = page(registry, path, "text/html").body.decode()
        assert Anchors(text).meta["pypi:repository-version"] == "1.4"
        assert text.count("pypi:repository-version") == 1 and text.index("<meta name") < text.index("<body>")
        assert page(registry, path).json["meta"]["api-version"] == "1.4"


def test_pep_714_html_has_both_names(registry):
    name = registry.new_name("bothnames")
    send(registry, *wheel(name, "1.0"))
    ((_, attributes),) = Anchors(page(registry, f"/simple/{name}/", "text/html").body.decode()).links
    assert attributes["data-core-metadata"] == attributes["data-dist-info-metadata"]
    (file,) = page(registry, f"/simple/{name}/").json["files"]
    assert f"sha256={file['core-metadata']['sha256']}" == attributes["data-core-metadata"]


# ---- kinds of wheels ----

def test_a_wheel_of_a_free_threaded_abi_is_taken_and_given(registry):
    name = registry.new_name("threads")
    filename, data = wheel(name, "1.0", "[threads.plugins]\na = m:a\n", tag="cp315-abi3.abi3t-linux_x86_64")
    assert post(registry, encode(fields_of(name, "1.0", data), filename, data)).status == 200
    (file,) = page(registry, f"/simple/{name}/").json["files"]
    assert registry.get(urllib.parse.urljoin(f"/simple/{name}/", file["url"])).body == data
    for tag, found in (("cp316-cp316t-linux_x86_64", []), ("cp315-abi3t-linux_x86_64", [name])):
        records = registry.resolve(f"group=threads.plugins&tag={tag}")["records"]
        assert [record["package"] for record in records if record["package"] == name] == found


def test_a_wheel_variant_is_refused_with_a_sentence(registry, refused):
    name = registry.new_name("variant")
    _, data = wheel(name, "1.0")
    filename = f"{name.replace('-', '_')}-1.0-py3-none-any-x86_64_v3.whl"
    words = "wheel variants, which have a part behind the platform, are not supported"
    answer = post(registry, encode(fields_of(name, "1.0", data), filename, data))
    assert answer.status == 400 and words in answer.body.decode()
    direct = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
    assert direct.status in (400, 422) and words in direct.body.decode()
    assert registry.get(f"/v1/packages/{name}").status == 404


def test_a_digest_is_that_of_the_file_everywhere(registry):
    name = registry.new_name("digest")
    filename, data = wheel(name, "1.0")
    url = send(registry, filename, data)["url"]
    digest = hashlib.sha256(data).hexdigest()
    assert url == f"/files/{digest}/{filename}"
    assert page(registry, f"/simple/{name}/").json["files"][0]["hashes"] == {"sha256": digest}
    assert registry.get(f"/pypi/{name}/json").json["urls"][0]["digests"] == {"sha256": digest}
