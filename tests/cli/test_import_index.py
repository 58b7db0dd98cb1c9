# SPDX-License-Identifier: MIT
"""registryctl import --from-index: another package index, in either form, with what indexes do: redirects, passwords,
rate limits, wrong hashes. And --from-site-packages."""

import base64
import hashlib
import http.server
import json
import threading
import urllib.parse

import pytest
from support.access import make_token
from support.artifacts import sdist, wheel
from support.registryctl import on_terminal, registryctl
from support.sites import Site

GROUP = "ix.plugins"
PUBLISH = ["publish:new", "publish:update", "group:publish", "yank"]
BYTES = {"Content-Type": "application/octet-stream"}
JSON = "application/vnd.pypi.simple.v1+json"


class Index(http.server.ThreadingHTTPServer):
    """A package index: pages {path: (status, headers, body)} that a test fills, and what was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.asked = {}, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path, body, status=200, content_type="text/html", **headers):
        body = body if isinstance(body, bytes) else body.encode()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, {"Content-Type": content_type, **headers}, body)

    def put_files(self, name, *files, yanked=(), form="html", base="../../f/", etag=None):
        """The page of a project, and its files below /f/."""
        for filename, data in files:
            self.put(f"/f/{filename}", data, content_type="application/octet-stream")
        etag = {"ETag": etag} if etag else {}
        if form == "html":
            anchors = "".join(
                f'<a href="{base}{filename.replace("+", "%2B")}#sha256={hashlib.sha256(data).hexdigest()}"'
                + (' data-yanked="bro&amp;ken"' if filename in yanked else "") + f">{filename}</a><br>\n"
                for filename, data in files)
            self.put(f"/simple/{name}/", f"<!DOCTYPE html><html><body>{anchors}</body></html>", **etag)
            return
        page = {"meta": {"api-version": "1.1"}, "name": name, "files": [
            {"filename": filename, "url": base + filename, "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
             "upload-time": "2020-02-03T04:05:06.789012Z", "yanked": "broken" if filename in yanked else False}
            for filename, data in files]}
        self.put(f"/simple/{name}/", json.dumps(page), content_type=JSON, **etag)

    def count(self, path):
        return sum(asked == path for asked, _ in self.asked)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.pages.get(urllib.parse.unquote(self.path), (404, {}, b"nothing"))
        if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def index():
    server = Index()
    yield server
    server.shutdown()
    server.server_close()


def run(daemon, index, *arguments, code=0, token=None, **settings):
    done = registryctl("import", "--format", "json", "--from-index", f"{index.url}/simple", *arguments,
                       REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=token or daemon.publisher_token, **settings)
    assert done.code == code, done.out + done.err
    return done.json if done.out else done.err


def outcomes(answer):
    return {file["file"]: file["outcome"] for file in answer["files"]}


def page_of(daemon, name):
    page = daemon.get(f"/simple/{name}/", headers={"Accept": JSON})
    return {file["filename"]: file for file in page.json["files"]} if page.status == 200 else {}


@pytest.mark.parametrize("form", ["html", "json"])
def test_both_forms(daemon, index, tmp_path, form):
    name = f"n1-{form}"
    files = [sdist(name, "1.0"), wheel(name, "1.0"), wheel(name, "1.10"), wheel(name, "1.9+local.1")]
    egg = (f"{name}-1.0-py3.egg", b"an egg")
    index.put_files(name, *files, egg, yanked=[files[2][0]], form=form, etag='"a"')
    token = make_token(daemon, f"t{form}", [*PUBLISH, "import"], grant=True, days=1)
    state = tmp_path / "state.json"
    answer = run(daemon, index, "--package", name.upper(), "--state", state, token=token)
    assert [file["file"] for file in answer["files"]] == [files[i][0] for i in (1, 0, 3, 2)]
    assert answer["added"] == 4 and answer["times_kept"]
    held = page_of(daemon, name)
    for filename, data in files:
        assert held[filename]["hashes"]["sha256"] == hashlib.sha256(data).hexdigest()
        assert form == "html" or held[filename]["upload-time"] == "2020-02-03T04:05:06.789Z"
    assert held[files[2][0]]["yanked"] == ("bro&ken" if form == "html" else "broken")
    assert held[files[0][0]]["yanked"] is False
    # again: one request, which is answered 304
    index.asked.clear()
    again = run(daemon, index, "--package", name, "--state", state, token=token)
    assert outcomes(again) == {name: "unchanged"} and len(index.asked) == 1
    # without the state: the page is read, and no file is downloaded
    index.asked.clear()
    assert run(daemon, index, "--package", name, token=token)["unchanged"] == 4 and len(index.asked) == 1
    # a new file
    index.put_files(name, *files, wheel(name, "2.0"), yanked=[files[2][0]], form=form, etag='"b"')
    index.asked.clear()
    assert run(daemon, index, "--package", name, "--state", state, token=token)["added"] == 1
    assert sum("/f/" in path for path, _ in index.asked) == 1


def test_only_the_groups_that_were_asked_for(daemon, index, tmp_path):
    mine, other = wheel("n2-a", "1.0", f"[{GROUP}]\na = n2_a:x\n"), wheel("n2-b", "1.0", "[other]\nb = n2_b:x\n")
    index.put_files("n2-a", mine, etag='"1"')
    index.put_files("n2-b", other)
    index.put("/simple/", '<a href="n2-a/">n2-a</a><a href="n2-b/">n2-b</a>')
    state = tmp_path / "state.json"
    answer = run(daemon, index, "--all", "--group", GROUP, "--state", state)
    assert outcomes(answer) == {mine[0]: "added", other[0]: "left out"} and not page_of(daemon, "n2-b")
    index.asked.clear()
    run(daemon, index, "--all", "--group", GROUP, "--state", state)
    assert not [path for path, _ in index.asked if "/f/" in path]
    assert "of another import" in run(daemon, index, "--all", "--group", "other", "--state", state, code=2)


def test_what_cannot_be_trusted_is_refused(daemon, index):
    good, bad, bare, alien = (wheel(f"n3-{kind}", "1.0") for kind in ("good", "bad", "bare", "alien"))
    index.put_files("n3", good)
    for name, file in (("n3-good", good), ("n3-bad", bad)):
        index.put_files(name, file)
    index.put(f"/f/{bad[0]}", wheel("n3-bad", "1.0", files={"n3_bad.py": b"import os\n"})[1])
    index.put("/simple/n3-bare/", f'<a href="/f/{bare[0]}">{bare[0]}</a>')
    index.put_files("n3-alien", wheel("n3-good", "1.0"))  # a file of another package
    index.put("/simple/n3-newer/", json.dumps({"meta": {"api-version": "2.0"}, "files": []}), content_type=JSON)
    packages = [f"--package=n3-{kind}" for kind in ("good", "bad", "bare", "alien", "newer", "absent")]
    answer = run(daemon, index, *packages, code=3)
    assert answer["added"] == 1 and answer["refused"] == 5
    why = {file["package"]: file["error"]["message"] for file in answer["files"] if file["error"]}
    assert "was expected" in why["n3-bad"] and "no SHA-256" in why["n3-bare"] and "version 2.0" in why["n3-newer"]
    assert not page_of(daemon, "n3-bad") and not page_of(daemon, "n3-bare")


def test_paths_in_names_lead_nowhere(daemon, index, tmp_path):
    file = wheel("n4", "1.0")
    digest = hashlib.sha256(file[1]).hexdigest()
    index.put("/f/x", file[1])
    page = {"meta": {"api-version": "1.0"}, "files": [
        {"filename": name, "url": "../../f/x", "hashes": {"sha256": digest}}
        for name in ("../../n4-1.0-py3-none-any.whl", "/tmp/n4-1.0-py3-none-any.whl", ".n4-1.0-py3-none-any.whl", "")]
        + [{"filename": "n4-1.0-py3-none-any.whl", "url": "file:///etc/passwd", "hashes": {"sha256": digest}}]}
    index.put("/simple/n4/", json.dumps(page), content_type=JSON)
    answer = run(daemon, index, "--package", "n4", code=3)
    assert len(answer["files"]) == 1 and "not an http or https address" in answer["files"][0]["error"]["message"]


def test_redirects_are_bounded_and_passwords_stay(daemon, index):
    other = Index()
    try:
        file = wheel("n5", "1.0")
        index.put("/simple/n5/", b"", status=302, Location="/moved/n5/")
        index.put("/moved/n5/", f'<a href="{other.url}/f/{file[0]}#sha256={hashlib.sha256(file[1]).hexdigest()}">x</a>')
        other.put(f"/f/{file[0]}", b"", status=307, Location=f"/g/{file[0]}")
        other.put(f"/g/{file[0]}", file[1])
        index.put("/simple/n5-loop/", b"", status=301, Location="/simple/n5-loop/")
        settings = {"REGISTRYD_INDEX_USER": "ann:secret word"}
        answer = run(daemon, index, "--package", "n5", "--package", "n5-loop", code=4, **settings)
        assert outcomes(answer) == {file[0]: "added", "n5-loop": "refused"} and index.count("/simple/n5-loop/") == 6
        basic = "Basic " + base64.b64encode(b"ann:secret word").decode()
        assert all(headers.get("Authorization") == basic for _, headers in index.asked)
        assert len(other.asked) == 2 and not any("Authorization" in headers for _, headers in other.asked)
        index.put("/simple/n5/", b"", status=401)
        assert "REGISTRYD_INDEX_USER" in run(daemon, index, "--package", "n5", code=3)["files"][0]["error"]["message"]
    finally:
        other.shutdown()
        other.server_close()


def test_wrong_arguments(daemon, index):
    for arguments in ([], ["--all", "--package", "x"], ["--package", "a b"], ["--all", "folder"]):
        run(daemon, index, *arguments, code=2)
    done = registryctl("import", "--from-index", "http://u:p@127.0.0.1:9/simple/", "--all", REGISTRYD_URL=daemon.url,
                       REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 2 and "REGISTRYD_INDEX_USER" in done.err
    done = registryctl("import", "--from-index", "ftp://127.0.0.1/simple/", "--all", REGISTRYD_URL=daemon.url,
                       REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 2
    assert registryctl("import", "--package", "x", REGISTRYD_URL=daemon.url).code == 2


def test_a_registry_is_an_index(daemon, tmp_path):
    """From one registry into itself: everything is there, nothing is downloaded."""
    filename, data = wheel("n8", "1.0")
    daemon.request("POST", f"/v1/artifacts?filename={filename}", data, token=daemon.publisher_token, headers=BYTES)
    done = registryctl("import", "--format", "json", "--from-index", f"{daemon.url}/simple/", "--package", "n8",
                       REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    assert done.code == 0 and done.json["unchanged"] == 1


def test_site_packages(daemon, tmp_path):
    site = Site(tmp_path)
    site.add("n9-plug", "1.0", {GROUP: {"p": "n9_plug:x"}})
    site.add("n9-other", "2.0", {"other": {"o": "n9_other:x"}})
    site.add("n9-library", "3.0", {})
    settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
    done = registryctl("import", "--format", "json", "--from-site-packages", tmp_path, "--group", GROUP, **settings)
    assert done.code == 0 and [(f["package"], f["outcome"]) for f in done.json["files"]] == [("n9-plug", "added")], done.err
    shown = on_terminal("import", "--from-site-packages", tmp_path, **settings)
    assert shown.code == 0 and "1 added, 1 unchanged" in shown.out and "have no files" in shown.out
    assert daemon.get("/v1/packages/n9-other/releases/2.0").json["artifacts"] == []
    assert daemon.get("/v1/packages/n9-library").status == 404
    # the wheel completes what the installation said
    filename, data = wheel("n9-plug", "1.0", f"[{GROUP}]\np = n9_plug:x\n")
    answer = daemon.request("POST", f"/v1/artifacts?filename={filename}", data, token=daemon.publisher_token, headers=BYTES)
    assert answer.status == 201, answer.body
