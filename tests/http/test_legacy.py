# SPDX-License-Identifier: MIT
"""Uploads of package tools: the form of each tool as it is documented, every row of the form as raw HTTP, what is
refused and in which words, and that nothing is left on disk."""

import base64
import hashlib
import http.client
import json
import os
import urllib.parse

import pytest

from support.artifacts import sdist, wheel
from support.registry import Registry

BOUNDARY = "e9f4d3c2b1a04f5e8d7c6b5a49382716"
PLAIN = "text/plain; charset=utf-8"


def digests(data, which=("md5", "sha256", "blake2_256")):
    known = {"md5": ("md5_digest", hashlib.md5(data).hexdigest()),
             "sha256": ("sha256_digest", hashlib.sha256(data).hexdigest()),
             "blake2_256": ("blake2_256_digest", hashlib.blake2b(data, digest_size=32).hexdigest())}
    return [known[name] for name in which]


def fields_of(name, version, data, filetype="bdist_wheel", sums=("sha256",), **more):
    """The fields that every upload needs, as a list of pairs."""
    pairs = [(":action", "file_upload"), ("protocol_version", "1"), ("metadata_version", "2.1"),
             ("name", name), ("version", version), ("filetype", filetype), *digests(data, sums)]
    return pairs + list(more.items())


def encode(fields, filename=None, data=b"", boundary=BOUNDARY, part_type="application/octet-stream",
           file_first=False):
    """(Content-Type, body) of a form: text fields, then the file."""
    texts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
             + value.encode() + b"\r\n" for name, value in fields]
    file = [f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n'
            f"Content-Type: {part_type}\r\n\r\n".encode() + data + b"\r\n"] if filename else []
    parts = file + texts if file_first else texts + file
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def post(daemon, form, path="/legacy/", token="publisher", **headers):
    content_type, body = form
    token = daemon.publisher_token if token == "publisher" else token
    if token:
        basic = base64.b64encode(f"__token__:{token}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", **headers}
    return daemon.request("POST", path, body, headers={"Content-Type": content_type, **headers})


def status_line(daemon, form):
    """(status, reason, body) as twine sees them."""
    connection = http.client.HTTPConnection(daemon.address, timeout=30)
    basic = base64.b64encode(f"__token__:{daemon.publisher_token}".encode()).decode()
    connection.request("POST", "/legacy/", form[1],
                       {"Content-Type": form[0], "Authorization": f"Basic {basic}"})
    answer = connection.getresponse()
    told = (answer.status, answer.reason, answer.read().decode())
    connection.close()
    return told


def uploaded(daemon, name, version="1.0", tag="py3-none-any", **more):
    filename, data = wheel(name, version, tag=tag)
    answer = post(daemon, encode(fields_of(name, version, data, **more), filename, data))
    assert answer.status == 200, answer.body
    return filename, data


def open_files(daemon):
    """Unnamed files of uploads that the daemon holds."""
    folder = f"/proc/{daemon.process.pid}/fd"
    targets = []
    for number in os.listdir(folder):
        try:
            targets.append(os.readlink(f"{folder}/{number}"))
        except OSError:
            pass
    return [target for target in targets if "(deleted)" in target]


# ---- the tools ----

def twine(name, version, data):
    """twine 4 to 6: sha256 and blake2, a part for each value, no md5; an empty comment is sent."""
    return [(":action", "file_upload"), ("protocol_version", "1"), ("name", name), ("version", version),
            ("filetype", "bdist_wheel"), ("pyversion", "py3"), ("metadata_version", "2.1"),
            ("summary", "S"), ("home_page", ""), ("author", "A"), ("author_email", "a@example.org"),
            ("maintainer", ""), ("maintainer_email", ""), ("license", "MIT"), ("description", "# D\n"),
            ("keywords", "a, b"), ("platform", "any"), ("classifiers", "Topic :: Utilities"),
            ("classifiers", "Framework :: AsyncIO"), ("download_url", ""), ("supported_platform", "x"),
            ("comment", ""), *digests(data, ("sha256", "blake2_256")), ("provides_dist", "p"),
            ("requires_dist", "a>=1"), ("requires_dist", "b"), ("requires_external", "c"),
            ("project_urls", "Home, https://example.org"), ("requires_python", ">=3.8"),
            ("description_content_type", "text/markdown"), ("provides_extras", "x"), ("dynamic", "d")]


def flit(name, version, data):
    """flit 3.8 to 3.12: md5 and sha256, metadata_version 2.3, no licence expression."""
    return [(":action", "file_upload"), ("name", name), ("version", version), ("metadata_version", "2.3"),
            ("summary", "S"), ("home_page", ""), ("author", "A"), ("author_email", "a@example.org"),
            ("maintainer", ""), ("maintainer_email", ""), ("license", ""), ("description", "# D\n"),
            ("keywords", ""), ("platform", ""), ("classifiers", "Topic :: Utilities"), ("download_url", ""),
            ("supported_platform", ""), ("comment", ""), ("requires_python", ">=3.8"),
            ("project_urls", "Home, https://example.org"), ("provides_dist", ""), ("obsoletes_dist", ""),
            ("requires_dist", "a"), ("requires_external", ""), ("protocol_version", "1"),
            ("filetype", "bdist_wheel"), ("pyversion", "py3"), *digests(data, ("md5", "sha256"))]


def hatch(name, version, data):
    """hatch 1: all three digests, every header of the metadata in lower case."""
    return [(":action", "file_upload"), ("protocol_version", "1"), *digests(data), ("filetype", "bdist_wheel"),
            ("pyversion", "py3"), ("metadata_version", "2.4"), ("name", name), ("version", version),
            ("summary", "S"), ("project_urls", "Home, https://example.org"), ("license_expression", "MIT"),
            ("license_file", "LICENSE"), ("requires_python", ">=3.8"), ("requires_dist", "a"),
            ("description_content_type", "text/markdown"), ("description", "# D\n" * 1000),
            ("provides_extra", "x")]


def poetry(name, version, data):
    """poetry 1 and 2: all three digests, plural import_names, the name as it is written."""
    return [("name", name.replace("-", "_")), ("version", version), ("filetype", "bdist_wheel"),
            ("pyversion", "py3"), ("metadata_version", "2.1"), ("summary", "S"), ("home_page", ""),
            ("author", "A"), ("author_email", ""), ("maintainer", ""), ("maintainer_email", ""),
            ("license", "MIT"), ("description", "# D\n"), ("keywords", "a,b"), ("platform", "*"),
            ("classifiers", "Topic :: Utilities"), ("download_url", ""), ("supported_platform", ""),
            ("comment", ""), *digests(data), ("import_names", name), ("requires_python", ">=3.8"),
            ("project_urls", "Home, https://example.org"), (":action", "file_upload"),
            ("protocol_version", "1")]


def uv(name, version, data):
    """uv: sha256 and blake2, requires_python always, maybe empty; plural import fields."""
    return [(":action", "file_upload"), *digests(data, ("sha256", "blake2_256")), ("protocol_version", "1"),
            ("metadata_version", "2.4"), ("name", name), ("version", version), ("filetype", "bdist_wheel"),
            ("pyversion", "py3"), ("requires_python", ""), ("summary", "S"), ("import_names", name),
            ("import_namespaces", "ns"), ("classifiers", "Topic :: Utilities"), ("project_urls", "H, https://example.org")]


UV_ACCEPT = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"
TOOLS = [twine, flit, hatch, poetry, uv]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.__name__)
def test_the_form_of_each_tool(registry, tool):
    name = registry.new_name(f"tool-{tool.__name__}-")
    filename, data = wheel(name, "1.0", f"[legacy.plugins]\nentry = {tool.__name__}_m:a\n", Requires_Python=">=3.8")
    headers = {"Accept": UV_ACCEPT} if tool is uv else {"Accept": "*/*"}
    answer = post(registry, encode(tool(name, "1.0", data), filename, data), **headers)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == PLAIN
    assert answer.body.decode() == f"{filename} is published as {name} 1.0\n"
    # resolvable and installable when the client hears 200
    records = registry.resolve("group=legacy.plugins")["records"]
    assert [r["version"] for r in records if r["package"] == name] == ["1.0"]
    page = registry.get(f"/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}).json
    assert [file["filename"] for file in page["files"]] == [filename]
    assert registry.get(urllib.parse.urljoin(f"/simple/{name}/", page["files"][0]["url"])).body == data
    again = post(registry, encode(tool(name, "1.0", data), filename, data), **headers)
    assert (again.status, b"was published before" in again.body) == (200, True)
    other = data + b"\0"
    taken = post(registry, encode(tool(name, "1.0", other), filename, other), **headers)
    assert taken.status == 400
    if tool is uv:
        assert taken.headers["Content-Type"] == "application/problem+json"
        assert taken.json["detail"].startswith("File already exists (")
        assert taken.json["status"] == 400 and taken.json["code"] == "conflict"
    else:
        assert taken.body.decode().startswith("File already exists (")
    assert not open_files(registry)


def test_an_sdist_and_a_gpg_signature(registry):
    name = registry.new_name("source")
    filename, data = sdist(name, "1.0")
    fields = fields_of(name, "1.0", data, filetype="sdist", pyversion="source")
    content_type, body = encode(fields, filename, data)
    signature = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="gpg_signature"; '
                 f'filename="{filename}.asc"\r\n\r\nsignature\r\n--{BOUNDARY}--\r\n').encode()
    answer = post(registry, (content_type, body.removesuffix(f"--{BOUNDARY}--\r\n".encode()) + signature))
    assert answer.status == 200, answer.body


def test_twine_reads_the_reason_in_the_status_line(registry):
    name = registry.new_name("reason")
    filename, data = uploaded(registry, name)
    other = data + b"\0"
    status, reason, body = status_line(registry, encode(fields_of(name, "1.0", other), filename, other))
    assert status == 400 and reason.startswith("File already exists (") and "\n" not in reason
    assert body.startswith(reason[:100])
    status, reason, _ = status_line(registry, encode(fields_of(name, "9", other), filename, other))
    assert (status, reason.startswith("The form is for the version")) == (400, True)


@pytest.mark.parametrize("file_first", [True, False])
@pytest.mark.parametrize("path", ["/legacy/", "/legacy"])
def test_order_and_address_do_not_matter(registry, file_first, path):
    name = registry.new_name("order")
    filename, data = wheel(name, "1.0")
    answer = post(registry, encode(fields_of(name, "1.0", data), filename, data, file_first=file_first), path)
    assert answer.status == 200, answer.body


def test_bearer_is_as_good(registry):
    name = registry.new_name("bearer")
    filename, data = wheel(name, "1.0")
    answer = post(registry, encode(fields_of(name, "1.0", data), filename, data), token=None,
                  Authorization=f"Bearer {registry.publisher_token}")
    assert answer.status == 200, answer.body


# ---- every row of the form ----

def without(*names):
    return lambda fields: [pair for pair in fields if pair[0] not in names]


def with_(**values):
    return lambda fields: [(name, values.get(name.lstrip(":"), value)) for name, value in fields]


def plus(*pairs):
    return lambda fields: fields + list(pairs)


SUMS = ("md5_digest", "sha256_digest", "blake2_256_digest")


@pytest.mark.parametrize("change, status, words", [
    (without(":action"), 400, 'no field ":action"'),
    (with_(action="submit"), 410, "not supported"),
    (with_(action="verify"), 410, "not supported"),
    (with_(action="doc_upload"), 410, "not supported"),
    (with_(action="remove_pkg"), 410, "not supported"),
    (with_(action="list_classifiers"), 400, "is not known"),
    (with_(action=""), 400, 'no field ":action"'),
    (without("protocol_version"), 200, ""),
    (with_(protocol_version="2"), 400, "protocol_version is 1"),
    (without("metadata_version"), 400, 'no field "metadata_version"'),
    (with_(metadata_version="9.9"), 200, ""),  # the file says it
    (without("name"), 400, 'no field "name"'),
    (with_(name="other"), 400, 'is for "other"'),
    (with_(name="-"), 400, 'is for "-"'),
    (without("version"), 400, 'no field "version"'),
    (with_(version="1.1"), 400, 'for the version "1.1"'),
    (with_(version="one"), 400, 'for the version "one"'),
    (without("filetype"), 200, ""),
    (with_(filetype="sdist"), 200, 'Warning: The form calls the file "sdist"'),
    (with_(filetype="bdist_egg"), 200, "Warning: The form calls"),
    (without(*SUMS), 400, "must have a digest"),
    (without("md5_digest", "sha256_digest"), 200, ""),
    (without("md5_digest", "blake2_256_digest"), 200, ""),
    (without("sha256_digest", "blake2_256_digest"), 200, ""),
    (with_(md5_digest="0" * 32), 400, "md5_digest"),
    (with_(sha256_digest="0" * 64), 400, "sha256_digest"),
    (with_(blake2_256_digest="0" * 64), 400, "blake2_256_digest"),
    (with_(sha256_digest="abc"), 400, "sha256_digest"),
    (with_(md5_digest=""), 200, ""),  # empty is not sent
    (plus(("name", "again")), 400, "name twice"),
    (plus(("comment", "c"), ("unknown", "x"), ("attested", "[]")), 200, ""),
    (plus(*[("classifiers", f"c{i}") for i in range(900)]), 200, ""),
    (plus(("name", "")), 200, ""),
    (plus(("description", "d" * 1_000_000)), 200, ""),
    (plus(("requires_python", "not a specifier")), 200, ""),
    (plus(("platform", "x"), ("supported_platform", "y"), ("license_file", "L"), ("import_name", "i"),
          ("import_namespace", "n")), 200, ""),
    (plus(("version", "x" * 5000)), 413, "more than"),
])
def test_rows_of_the_form(registry, change, status, words):
    name = registry.new_name("row")
    filename, data = wheel(name, "1.0")
    fields = change(fields_of(name, "1.0", data, sums=("md5", "sha256", "blake2_256")))
    answer = post(registry, encode(fields, filename, data))
    assert answer.status == status, answer.body
    assert words in answer.body.decode()
    if status not in (200, 413):
        assert answer.headers["Content-Type"] == PLAIN
    found = registry.get(f"/v1/packages/{name}").status
    assert found == (200 if status == 200 else 404)
    assert not open_files(registry)


def test_spellings_of_names_and_digests(registry):
    name = registry.new_name("Spelt.")
    filename, data = wheel(name.replace(".", "_"), "1.0")
    fields = [(key, value.upper() if key == "sha256_digest" else value)
              for key, value in fields_of(name, "1.0", data)]
    answer = post(registry, encode(fields, filename, data))
    assert answer.status == 200, answer.body


# ---- refusals ----

def test_rights_come_before_the_bytes(registry, refused):
    """The name of the file is known before its content: who may not publish it sends it for nothing."""
    filename, data = wheel("somebodys", "1.0")
    form = encode(fields_of("somebodys", "1.0", data), filename, data)
    answer = post(registry, form, token=None)
    refused(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="registryd"'
    refused(post(registry, form, token="plg_" + "a" * 46), 401, "unauthorized")
    reader = registry.post("/v1/tokens", {"name": "only-reads", "scopes": ["read"], "grant": True},
                           token=registry.admin_token).json["token"]
    refused(post(registry, form, token=reader), 403, "forbidden")
    assert registry.get("/v1/packages/somebodys").status == 404


def test_quarantined_and_archived_packages_take_no_files(registry):
    name = registry.new_name("closed")
    filename, data = uploaded(registry, name)
    place = f"/v1/packages/{name}"
    other, more = wheel(name, "1.1")
    for where, status, expected in ((place, "archived", 400), (place, "quarantined", 403),
                                    (place, "deprecated", 200)):
        assert registry.put(f"{where}/status", {"status": status, "reason": "r"}).status == 200
        answer = post(registry, encode(fields_of(name, "1.1", more), other, more))
        assert answer.status == expected, answer.body
    registry.put(f"{place}/releases/1.0/status", {"status": "quarantined", "reason": "r"})
    third, bytes_ = wheel(name, "1.0", tag="py3-none-x")
    answer = post(registry, encode(fields_of(name, "1.0", bytes_), third, bytes_))
    assert (answer.status, b"quarantined" in answer.body) == (403, True)


def test_a_file_that_breaks_a_rule_is_400_with_its_findings(registry):
    name = registry.new_name("broken")
    filename, data = wheel(name, "1.0", "[g]\na = not valid!\n")
    answer = post(registry, encode(fields_of(name, "1.0", data), filename, data))
    assert (answer.status, b"entry point" in answer.body or b"object reference" in answer.body) == (400, True)
    assert registry.get(f"/v1/packages/{name}").status == 404


def test_a_release_that_differs_is_400_and_not_409(registry):
    name = registry.new_name("differs")
    uploaded(registry, name)
    filename, data = wheel(name, "1.0", "[g]\na = m:a\n", tag="py3-none-x")
    answer = post(registry, encode(fields_of(name, "1.0", data), filename, data))
    assert answer.status == 400
    assert "already exist" not in answer.body.decode().lower()  # twine would skip it


def test_other_methods_name_the_right_one(registry):
    assert registry.get("/legacy/").status == 405
    assert registry.request("POST", "/simple/", b"", headers={"Content-Length": "0"}).status == 405


# ---- attestations ----

def attestation(filename, data, statement=None, **changed):
    """One attestation as PEP 740 writes it; the signature means nothing here."""
    said = statement if statement is not None else {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": filename, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}],
        "predicateType": "https://docs.pypi.org/attestations/publish/v1", "predicate": None}
    encoded = base64.b64encode(json.dumps(said).encode()).decode()
    return {"version": 1,
            "verification_material": {"certificate": "Y2VydA==", "transparency_entries": [{"logIndex": "1"}]},
            "envelope": {"statement": encoded, "signature": "c2ln"}, **changed}


def test_attestations_are_kept_as_they_came(registry, refused):
    name = registry.new_name("attested")
    filename, data = wheel(name, "1.0")
    slsa = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
            "subject": [{"name": filename, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}], "predicate": {}}
    text = json.dumps([attestation(filename, data), attestation(filename, data, slsa)], indent=3) + "  \n"
    answer = post(registry, encode(fields_of(name, "1.0", data, attestations=text), filename, data))
    assert answer.status == 200, answer.body
    place = f"/files/{hashlib.sha256(data).hexdigest()}/{filename}/attestations"
    found = registry.get(place)
    assert (found.status, found.body, found.headers["Content-Type"]) == (200, text.encode(), "application/json")
    assert registry.get(place, headers={"If-None-Match": found.headers["ETag"]}).status == 304
    page = registry.get(f"/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}).json
    assert page["files"][0]["provenance"] is None
    refused(registry.get(place.replace("/attestations", "x/attestations")), 404, "not-found")
    other, more = wheel(name, "1.1")
    assert post(registry, encode(fields_of(name, "1.1", more), other, more)).status == 200
    refused(registry.get(f"/files/{hashlib.sha256(more).hexdigest()}/{other}/attestations"), 404, "not-found")
    registry.put(f"/v1/packages/{name}/status", {"status": "quarantined", "reason": "r"})
    refused(registry.get(place), 403, "forbidden")


@pytest.mark.parametrize("change", [
    lambda f, d: "x", lambda f, d: "{}", lambda f, d: "[]", lambda f, d: "[1]", lambda f, d: "null",
    lambda f, d: json.dumps([attestation(f, d)] * 17),
    lambda f, d: json.dumps([attestation(f, d, version=2)]), lambda f, d: json.dumps([attestation(f, d, version="1")]),
    lambda f, d: json.dumps([attestation(f, d, verification_material={})]),
    lambda f, d: json.dumps([attestation(f, d, verification_material={"certificate": "!", "transparency_entries": [{}]})]),
    lambda f, d: json.dumps([attestation(f, d, verification_material={"certificate": "YQ==", "transparency_entries": []})]),
    lambda f, d: json.dumps([attestation(f, d, envelope={"statement": "YQ==", "signature": "YQ=="})]),
    lambda f, d: json.dumps([attestation(f, d, envelope={"statement": "!", "signature": "YQ=="})]),
    lambda f, d: json.dumps([attestation(f, d, envelope={"signature": "YQ=="})]),
    lambda f, d: json.dumps([attestation(f, d, {"_type": "x"})]), lambda f, d: json.dumps([attestation(f, d, [])]),
    lambda f, d: json.dumps([attestation("other-1.0-py3-none-any.whl", d)]), lambda f, d: json.dumps([attestation(f, b"other")]),
    lambda f, d: json.dumps([attestation(f, d), attestation(f, b"other")]),
    lambda f, d: json.dumps([attestation(f, d)]).replace("\"version\": 1", "\"version\": 1, \"version\": 1"),
])
def test_attestations_that_are_none(registry, change):
    name = registry.new_name("unattested")
    filename, data = wheel(name, "1.0")
    answer = post(registry, encode(fields_of(name, "1.0", data, attestations=change(filename, data)), filename, data))
    assert (answer.status, b"ttestation" in answer.body) == (400, True), answer.body
    assert registry.get(f"/v1/packages/{name}").status == 404


# ---- old releases ----

def test_an_old_release_takes_no_more_files(cluster):
    with Registry(cluster) as closing:
        closing.stop()
        closing.arguments += ["--release-open-days", "14"]
        closing.start()
        filename, data = uploaded(closing, "aged")
        uploaded(closing, "aged", tag="py3-none-second")  # within its days
        closing.sql("ALTER TABLE artifacts DISABLE TRIGGER artifacts_kept")
        closing.sql("UPDATE artifacts SET uploaded_at = now() - interval '15 days'")
        other, more = wheel("aged", "1.0", tag="py3-none-x")
        answer = post(closing, encode(fields_of("aged", "1.0", more), other, more))
        assert (answer.status, b"14 days old" in answer.body) == (400, True), answer.body
        direct = closing.post(f"/v1/artifacts?filename={other}", more,
                              headers={"Content-Type": "application/octet-stream"})
        assert (direct.status, direct.json["code"]) == (409, "conflict")
        assert post(closing, encode(fields_of("aged", "1.0", data), filename, data)).status == 200  # the same again
        uploaded(closing, "aged", "1.1")
        closing.publish("late", "1.0")  # without a file: its first one is taken whenever it comes
        closing.sql("UPDATE releases SET published_at = now() - interval '99 days'")
        uploaded(closing, "late")
