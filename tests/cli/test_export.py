# SPDX-License-Identifier: MIT
"""registryctl export: static files that pip installs from, that follow the registry, and that come back by import."""

import contextlib
import hashlib
import http.server
import json
import subprocess
import sys
import threading
from functools import partial

import pytest
from support.access import make_token
from support.artifacts import sdist, wheel
from support.daemon import Daemon
from support.registryctl import registryctl

GROUP = "x.plugins"
PUBLISH = ["publish:new", "publish:update", "yank"]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A registry that signs."""
    key = tmp_path_factory.mktemp("key") / "key"
    public = registryctl("snapshot", "key", "--format", "json", key).json["public_key"]
    with Daemon(arguments=["--snapshot-key", str(key)]) as daemon:
        daemon.public_key = public
        yield daemon


@pytest.fixture(scope="module")
def target():
    """Another registry."""
    with Daemon() as daemon:
        yield daemon


def settings(daemon, token=None):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": token or daemon.publisher_token}


def upload(daemon, *files):
    for filename, data in files:
        answer = daemon.request("POST", f"/v1/artifacts?filename={filename}", data, token=daemon.publisher_token,
                                headers={"Content-Type": "application/octet-stream"})
        assert answer.status in (200, 201), answer.body


def export(daemon, folder, *arguments, code=0):
    done = registryctl("export", "--format", "json", folder, *arguments, **settings(daemon))
    assert done.code == code, done.out + done.err
    return done.json if not code else done.err


def read_in(daemon, folder, *arguments, code=0, token=None):
    done = registryctl("import", "--format", "json", folder, *arguments, **settings(daemon, token))
    assert done.code == code, done.out + done.err
    return done.json if done.out else done.err


def page_of(daemon, name):
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    return daemon.get(f"/simple/{name}/", headers=accept).json


def tree_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")}


def manifest_of(folder):
    return json.loads((folder / "manifest").read_text().splitlines()[0])


@contextlib.contextmanager
def serving(folder):
    """The address of python3 -m http.server over the folder."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def pip(url, into, *wanted):
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "pip", "install", "--isolated", "--no-cache-dir", "--disable-pip-version-check", "--no-deps",
         "--index-url", f"{url}/simple/", "--target", str(into), *wanted],
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_pages_are_those_of_the_registry(source, tmp_path):
    files = [wheel("x1-crm", "1.0", f"[{GROUP}]\nx1 = x1_crm:x\n", requires_python=">=3.8"),
             wheel("x1-crm", "1.0", f"[{GROUP}]\nx1 = x1_crm:x\n", tag="py310-none-any", requires_python=">=3.10"), sdist("x1-crm", "1.0"), wheel("x1-crm", "1.10"), wheel("x1-crm", "1.9")]
    upload(source, *files)
    source.post("/v1/packages/x1-crm/releases/1.9/yank", {"reason": 'said "no" <&>'}, token=source.admin_token)
    answer = export(source, tmp_path / "out")
    assert answer["public_key"] == source.public_key and answer["files"] >= 4
    held = tree_of(tmp_path / "out")
    theirs = page_of(source, "x1-crm")
    ours = json.loads(held["simple/x1-crm/index.json"])
    assert ours["versions"] == theirs["versions"] and ours["name"] == theirs["name"]
    assert ours["project-status"] == theirs["project-status"] and ours["meta"] == theirs["meta"]
    assert [{k: v for k, v in file.items() if k != "provenance"} for file in theirs["files"]] == ours["files"]
    def anchors(html):
        import re
        return [sorted(re.findall(r'([a-z-]+)="([^"]*)"', anchor)) for anchor in re.findall(r"<a (.*?)>", html)]
    html = source.get("/simple/x1-crm/", headers={"Accept": "text/html"}).body.decode()
    assert anchors(held["simple/x1-crm/index.html"].decode()) == anchors(html.replace("&#39;", "'"))
    for filename, data in files:
        path = f"files/{hashlib.sha256(data).hexdigest()}/{filename}"
        assert held[path] == data
        assert not filename.endswith(".whl") or held[path + ".metadata"] == source.get("/" + path + ".metadata").body
    manifest = manifest_of(tmp_path / "out")
    assert set(manifest["files"]) == set(held) - {"manifest"}
    for path, entry in manifest["files"].items():
        assert entry == {"sha256": hashlib.sha256(held[path]).hexdigest(), "size": len(held[path])}


def test_pip_installs_from_a_plain_web_server(source, tmp_path):
    upload(source, wheel("x2-crm", "1.0", files={"x2_crm.py": b"v = 1\n"}), wheel("x2-crm", "2.0", files={"x2_crm.py": b"v = 2\n"}),
           wheel("x2-crm", "3.0", files={"x2_crm.py": b"v = 3\n"}, requires_python=">=9"))
    source.post("/v1/packages/x2-crm/releases/2.0/yank", {"reason": "broken"}, token=source.admin_token)
    export(source, tmp_path / "out")
    with serving(tmp_path / "out") as url:
        told = pip(url, tmp_path / "venv", "x2-crm")
        assert ".whl.metadata" in told  # PEP 658
        assert (tmp_path / "venv" / "x2_crm.py").read_text() == "v = 1\n"
        pip(url, tmp_path / "pinned", "x2-crm==2.0")
        assert (tmp_path / "pinned" / "x2_crm.py").read_text() == "v = 2\n"


def test_a_second_export_asks_only_for_what_changed(source, tmp_path):
    out = tmp_path / "out"
    upload(source, wheel("x3-a", "1.0"), wheel("x3-b", "1.0"), wheel("x3-c", "1.0"))
    export(source, out)
    again = export(source, out)
    assert (again["changed"], again["files"], again["removed"]) == (0, 0, 0)
    upload(source, wheel("x3-a", "2.0"))
    source.put("/v1/packages/x3-b/releases/1.0/status", {"status": "quarantined", "reason": "bad"}, token=source.admin_token)
    source.put("/v1/packages/x3-c/status", {"status": "quarantined", "reason": "bad"}, token=source.admin_token)
    third = export(source, out)
    assert third["changed"] == 3 and third["files"] == 1 and third["removed"] == 4  # two wheels and their metadata
    held = tree_of(out)
    assert set(manifest_of(out)["files"]) == set(held) - {"manifest"}
    assert not [path for path in held if "x3_b" in path or "x3_c" in path]
    assert json.loads(held["simple/x3-c/index.json"])["project-status"]["status"] == "quarantined"
    # a damaged copy is made whole
    page = out / "simple/x3-a/index.html"
    page.unlink()
    assert export(source, out)["changed"] == 1 and page.exists()


def test_an_environment_has_its_part(source, tmp_path):
    entries = f"[{GROUP}]\nx4 = x4_a:x\n"
    upload(source, wheel("x4-a", "1.0", entries), wheel("x4-a", "2.0", entries), wheel("x4-b", "1.0"))
    admin = {"REGISTRYD_URL": source.url, "REGISTRYD_TOKEN": source.admin_token}
    assert registryctl("environment", "create", "x4", **admin).code == 0
    assert registryctl("environment", "pin", "x4", "x4-a", "==1.0", **admin).code == 0
    answer = export(source, tmp_path / "out", "--environment", "x4", "--group", GROUP)
    held = tree_of(tmp_path / "out")
    page = json.loads(held["simple/x4-a/index.json"])
    assert page["versions"] == ["1.0"] and len(page["files"]) == 1
    assert not [path for path in held if "x4_b" in path or "x4_a-2.0" in path]
    assert answer["snapshot"] == "snapshots/x4.snapshot"
    snapshot = tmp_path / "out" / answer["snapshot"]
    done = registryctl("snapshot", "verify", "--format", "json", snapshot, "--snapshot-key", source.public_key)
    assert done.code == 0 and done.json["signature_checked"] and done.json["environment"] == "x4"
    shown = registryctl("discover", GROUP, "--format", "json", REGISTRYD_SNAPSHOT=str(snapshot))
    registry_records = registryctl("snapshot", "show", "--format", "json", snapshot, GROUP).json
    assert [r["version"] for r in registry_records if r["package"] == "x4-a"] == ["1.0"], shown.err
    # the pin goes, and the next export follows
    assert registryctl("environment", "unpin", "x4", "x4-a", **admin).code == 0
    export(source, tmp_path / "out", "--environment", "x4", "--group", GROUP)
    assert json.loads((tmp_path / "out/simple/x4-a/index.json").read_text())["versions"] == ["2.0"]


def test_foreign_content_is_refused(source, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    assert "thesis.txt" in export(source, tmp_path / "mine", code=3)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest").write_text("theirs\n")
    (tmp_path / "other" / "files").mkdir()
    (tmp_path / "other" / "files" / "x").write_text("theirs")
    assert "manifest" in export(source, tmp_path / "other", code=3)
    assert (tmp_path / "other" / "files" / "x").exists()


def test_no_settings_leave_the_registry(source, tmp_path):
    entries = f"[{GROUP}]\nx6 = x6_a:x\n"
    upload(source, wheel("x6-a", "1.0", entries))
    document = {"plugins": {"x6-a": {"enabled": True, "settings": {"password": "hunter2"}}}}
    source.put("/v1/environments/x6", document, token=source.admin_token)
    done = registryctl("export", "--format", "json", tmp_path / "out", "--environment", "x6", "--group", GROUP,
                       REGISTRYD_URL=source.url, REGISTRYD_TOKEN=source.admin_token)
    assert done.code == 0, done.err
    assert not [path for path, data in tree_of(tmp_path / "out").items() if b"hunter2" in data]


@pytest.fixture(scope="module")
def carried(source, tmp_path_factory):
    """An export of releases in many states."""
    upload(source, wheel("x7-a", "1.0", f"[{GROUP}]\nx7 = x7_a:x\n"), sdist("x7-a", "1.0"), wheel("x7-a", "2.0"), wheel("x7-old", "1.0"), wheel("x7-gone", "1.0"))
    source.put("/v1/packages/x7-doc/releases/0.5", {"name": "x7-doc", "version": "0.5", "entry_points": {GROUP: {"d": "d:x"}}},
               token=source.publisher_token)
    admin = {"token": source.admin_token}
    source.post("/v1/packages/x7-a/releases/2.0/yank", {"reason": "loses mail"}, **admin)
    source.put("/v1/packages/x7-old/status", {"status": "deprecated", "reason": "use x7-a", "replaced_by": "x7-a"}, **admin)
    source.put("/v1/packages/x7-gone/status", {"status": "archived", "reason": "done"}, **admin)
    upload(source, wheel("x7-bad", "1.0"))
    source.put("/v1/packages/x7-bad/status", {"status": "quarantined", "reason": "steals"}, **admin)
    key = tmp_path_factory.mktemp("own") / "key"
    own = registryctl("snapshot", "key", "--format", "json", key).json["public_key"]
    out = tmp_path_factory.mktemp("carried") / "out"
    export(source, out, "--sign-with", key)
    return out, own


def test_an_export_comes_back(source, target, carried, tmp_path):
    out, own = carried
    mover = make_token(target, "mover", [*PUBLISH, "import"], grant=True, days=1)
    answer = read_in(target, out, "--key", source.public_key, token=mover)
    assert answer["refused"] == 0 and answer["times_kept"], answer
    for name in ("x7-a", "x7-old", "x7-gone"):
        assert page_of(target, name)["files"] == page_of(source, name)["files"]  # times, yanks, hashes
        assert page_of(target, name)["project-status"] == page_of(source, name)["project-status"]
        for file in page_of(source, name)["files"]:
            path = f"/files/{file['hashes']['sha256']}/{file['filename']}"
            assert target.get(path).body == source.get(path).body
    assert target.get("/v1/packages/x7-old").json["replaced_by"] == "x7-a"
    assert target.get("/simple/x7-bad/").status == 404
    both = [daemon.get("/v1/packages/x7-doc/releases/0.5").json for daemon in (source, target)]
    assert both[0]["document"] == both[1]["document"] and both[0]["digest"] == both[1]["digest"]
    again = read_in(target, out, "--key", own, token=mover)  # the key of the manifest is as good
    assert again["added"] == 0 and again["refused"] == 0
    # what comes out of the second registry is what came out of the first
    export(target, tmp_path / "second")
    first, second = manifest_of(out)["files"], manifest_of(tmp_path / "second")["files"]
    for path in (f"simple/{name}/index.json" for name in ("x7-a", "x7-old", "x7-gone")):
        assert first[path] == second[path]


def test_without_the_scope_times_are_those_of_the_import(daemon, target, carried):
    out, _ = carried
    answer = read_in(daemon, out)
    assert answer["refused"] == 0 and not answer["times_kept"]
    assert page_of(daemon, "x7-a")["files"][0]["upload-time"] > page_of(target, "x7-a")["files"][0]["upload-time"]


def test_what_was_altered_on_the_way_is_found(source, target, carried, tmp_path):
    out, own = carried
    import shutil
    def altered(name, change):
        copy = tmp_path / name
        shutil.copytree(out, copy)
        change(copy)
        return copy
    wrong = "0" * 64
    assert "not with the given key" in read_in(target, out, "--key", wrong, code=3)
    # a file
    def damage(copy):
        path = next(copy.glob("files/*/x7_a-1.0-py3-none-any.whl"))
        path.write_bytes(wheel("x7-a", "1.0", files={"x7_a.py": b"import os\n"})[1])
    answer = read_in(target, altered("file", damage), code=3)
    assert [(o["outcome"], "was expected" in o["error"]["message"]) for o in answer["files"] if o["error"]] == [("refused", True)]
    # a statement, with the manifest made to fit
    def forge(copy):
        statement = copy / "statements" / "x7-a"
        line, seal, _ = statement.read_text().split("\n")
        statement.write_text(line.replace("loses mail", "is  great") + "\n" + seal + "\n")
        manifest = manifest_of(copy)
        data = statement.read_bytes()
        manifest["files"]["statements/x7-a"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        (copy / "manifest").write_text(json.dumps(manifest) + '\n{"public_key": null, "signature": null}\n')
    forged = altered("statement", forge)
    assert "signature of the statement is not valid" in read_in(target, forged, "--key", source.public_key, code=3)
    assert "not with the given key" in read_in(target, forged, "--key", own, code=3)
    # names that lead elsewhere
    def lead_out(copy):
        manifest = manifest_of(copy)
        manifest["packages"]["../../etc"] = {"serial": 1, "version": None, "files": []}
        (copy / "manifest").write_text(json.dumps(manifest) + '\n{"public_key": null, "signature": null}\n')
    answer = read_in(target, altered("names", lead_out), code=3)
    assert [o["file"] for o in answer["files"] if o["outcome"] == "refused"] == ["../../etc"]
