# SPDX-License-Identifier: MIT
"""docs/examples/mirror/nginx.conf over an export: installers get JSON, browsers HTML, and pip installs without a
registry."""

import json
import os
import re
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from support.artifacts import wheel
from support.daemon import Daemon
from support.postgres import wait_until
from support.registryctl import SOURCE_DIR, registryctl

GROUP = "st.plugins"
SIMPLE = "application/vnd.pypi.simple.v1+json"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of nginx over an export whose registry is gone."""
    folder = tmp_path_factory.mktemp("mirror")
    with Daemon() as daemon:
        settings = {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": daemon.publisher_token}
        for version in ("1.0", "2.0"):
            filename, data = wheel("st-crm", version, f"[{GROUP}]\ncrm = st_crm:x\n", files={"st_crm.py": f"x = '{version}'\n".encode()})
            (folder / filename).write_bytes(data)
        assert registryctl("publish", folder, **settings).code == 0
        assert registryctl("export", folder / "www", **settings).code == 0
    port = free_port()
    site = (Path(SOURCE_DIR) / "docs/examples/mirror/nginx.conf").read_text()
    for before, after in (("listen 80;", f"listen 127.0.0.1:{port};"), ("/srv/www/plugins", str(folder / "www"))):
        assert before in site
        site = site.replace(before, after)
    places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
                                       f"http {{\naccess_log off;\n{places}{site}\n}}\n")
    process = subprocess.Popen(["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"])
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: get(url + "/simple/")[0] == 200)
        yield url, folder
    finally:
        process.terminate()
        process.wait(timeout=30)


def get(url, accept="text/html"):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
    except OSError:
        return 0, {}, b""


def test_forms_are_negotiated(served):
    url, _ = served
    status, headers, body = get(f"{url}/simple/st-crm/", f"{SIMPLE}, text/html; q=0.1")
    assert status == 200 and headers["Content-Type"] == SIMPLE and json.loads(body)["versions"] == ["2.0", "1.0"]
    status, headers, body = get(f"{url}/simple/st-crm/")
    assert status == 200 and headers["Content-Type"] == "text/html" and b"<a href" in body
    assert [name for name in re.findall(r'href="([^"]+)"', get(f"{url}/simple/")[2].decode())] == ["st-crm/"]
    file = json.loads(get(f"{url}/simple/st-crm/", SIMPLE)[2])["files"][0]
    status, headers, _ = get(f"{url}/simple/st-crm/{file['url']}.metadata")
    assert status == 200 and "immutable" in headers["Cache-Control"]
    assert get(f"{url}/.registryd-export.lock")[0] == 404 and get(f"{url}/simple/absent/")[0] == 404


def test_pip_installs_without_a_registry(served, tmp_path):
    url, _ = served
    done = subprocess.run(["/usr/bin/python3", "-m", "pip", "install", "--isolated", "--no-cache-dir", "--no-deps", "--disable-pip-version-check",
                           "--index-url", f"{url}/simple/", "--target", tmp_path, "st-crm"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "st_crm.py").read_text() == "x = '2.0'\n"


def test_an_offline_host_reads_the_snapshot(served, tmp_path):
    url, _ = served
    snapshot = tmp_path / "plugins.snapshot"
    snapshot.write_bytes(get(f"{url}/snapshots/default.snapshot")[2])
    shown = registryctl("snapshot", "show", "--format", "json", snapshot, GROUP)
    assert shown.code == 0 and [(r["package"], r["version"]) for r in shown.json] == [("st-crm", "2.0")], shown.err
