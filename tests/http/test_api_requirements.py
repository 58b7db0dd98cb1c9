# SPDX-License-Identifier: MIT
"""Requirements of a resolution: what is in the file, what is left out, and that pip itself takes it."""

import hashlib
import re
import subprocess
import sys

import pytest

from support.artifacts import sdist, wheel
from support.registryctl import registryctl

GROUP = "pip.plugins"
PIP = ["/usr/bin/python3", "-m", "pip", "--disable-pip-version-check"]


def publish(registry, kind, name, version, tag="py3-none-any"):
    """A file with an entry point; its name, its bytes and its digest."""
    entry_points = f"[{GROUP}]\n{name} = {name}:x\n"
    made = wheel(name, version, entry_points, tag) if kind == "wheel" else sdist(name, version)
    filename, data = made[0], made[1]
    answer = registry.post(f"/v1/artifacts?filename={filename}", data,
                           headers={"Content-Type": "application/octet-stream"})
    assert answer.status == 201, answer.body
    return filename, data, hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def files(registry, tmp_path_factory):
    """{file name: digest} of what was published, and the folder where the files lie."""
    folder = tmp_path_factory.mktemp("dist")
    published = {}
    for version in ("1.0", "1.1"):
        filename, data, digest = publish(registry, "wheel", "pipone", version)
        published[filename] = digest
        (folder / filename).write_bytes(data)
    filename, data, digest = publish(registry, "wheel", "pipone", "1.1", "cp27-cp27m-win32")
    published[filename] = digest
    filename, data, digest = publish(registry, "wheel", "piptwo", "2.0")
    published[filename] = digest
    (folder / filename).write_bytes(data)
    return published, folder


def requirements(registry, query=""):
    answer = registry.get(f"/v1/requirements?group={GROUP}{query}")
    assert answer.status == 200, answer.body
    return answer


def test_every_file_that_fits_has_its_hash(registry, files):
    published, _ = files
    answer = requirements(registry)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.body.decode().splitlines()
    assert lines[0].startswith("# ")
    hashes = sorted(published[f"pipone-1.1-{tag}.whl"] for tag in ("py3-none-any", "cp27-cp27m-win32"))
    assert lines[1] == f"--index-url {registry.url}/simple/"
    assert lines[2] == "pipone==1.1 \\"
    assert sorted(line.strip(" \\") for line in lines[3:5]) == [f"--hash=sha256:{one}" for one in hashes]
    assert lines[5:] == ["piptwo==2.0 \\", f"    --hash=sha256:{published['piptwo-2.0-py3-none-any.whl']}"]
    again = registry.get(f"/v1/requirements?group={GROUP}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


def test_only_what_fits_the_tags(registry, files):
    published, _ = files
    document = requirements(registry, "&tag=py3-none-any&format=json").json
    assert document == {"environment": "default", "index": f"{registry.url}/simple/", "missing": [], "requirements": [
        {"package": name, "version": version, "files": [
            {"filename": f"{name}-{version}-py3-none-any.whl",
             "sha256": published[f"{name}-{version}-py3-none-any.whl"]}]}
        for name, version in (("pipone", "1.1"), ("piptwo", "2.0"))]}


def test_pip_takes_the_file(registry, files, tmp_path):
    _, folder = files
    (tmp_path / "plugins.txt").write_bytes(requirements(registry).body)
    command = [*PIP, "install", "--no-index", "--no-deps", "--require-hashes", "--find-links", folder,
               "--target", tmp_path / "site", "-r", tmp_path / "plugins.txt"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = subprocess.run([sys.executable, "-c", "import importlib.metadata as m; print([m.version(n) for n in "
                            "('pipone', 'piptwo')])"], env={"PYTHONPATH": str(tmp_path / "site")},
                           capture_output=True, text=True, check=True)
    assert found.stdout == "['1.1', '2.0']\n"


def test_pip_refuses_other_bytes(registry, files, tmp_path):
    _, folder = files
    (tmp_path / "plugins.txt").write_bytes(requirements(registry).body)
    bad = tmp_path / "piptwo-2.0-py3-none-any.whl"
    bad.write_bytes((folder / bad.name).read_bytes() + b"\0")
    good = folder / "pipone-1.1-py3-none-any.whl"
    (tmp_path / good.name).write_bytes(good.read_bytes())
    command = [*PIP, "download", "--no-index", "--no-deps", "--require-hashes", "--find-links", tmp_path,
               "--dest", tmp_path / "got", "-r", tmp_path / "plugins.txt"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode != 0 and "HASHES" in done.stderr.upper()


def test_releases_without_files_are_told(registry, files, tmp_path):
    name = registry.new_name("bare")
    registry.publish(name, "1.0", {"pip.bare": {"x": "m:a"}})
    assert registry.get("/v1/requirements?group=pip.bare").body.decode().splitlines()[1:] == [
        f"# {name}==1.0 has no file that fits"]
    settings = {"REGISTRYD_URL": registry.url}
    done = registryctl("requirements", "pip.bare", "--format", "json", **settings)
    assert (done.code, done.json) == (1, [{"package": name, "version": "1.0", "files": []}])
    assert f"{name} 1.0 has no compatible file" in done.err
    done = registryctl("requirements", GROUP, "--tag", "py3-none-any", **settings)
    assert done.code == 0 and done.out.startswith(f"--index-url {registry.url}/simple/\npipone==1.1 \\\n    --hash=sha256:")
    assert registryctl("requirements", "pip.nobody", **settings).code == 0


@pytest.mark.parametrize("query, status, code, where", [
    ("", 400, "usage", "?group"),
    ("group=a&format=toml", 400, "usage", "?format"),
    ("group=a&limit=1", 400, "usage", "?limit"),
    ("group=a&environment=nowhere", 404, "not-found", "?environment"),
    ("group=a&tag=x", 422, "invalid", "?tag"),
])
def test_bad_questions(registry, refused, query, status, code, where):
    assert refused(registry.get(f"/v1/requirements?{query}"), status, code)["where"] == where


def test_resolve_on_the_command_line(registry):
    name = registry.new_name("told")
    registry.publish(name, "1.0", {"told.plugins": {"a": "m:a", "b": "m:b"}}, requires_dist=["host>=4"])
    registry.publish(name, "2.0", {"told.plugins": {"a": "m:a"}}, requires_dist=["host>=5"])
    settings = {"REGISTRYD_URL": registry.url}
    done = registryctl("resolve", "told.plugins", "--have", "host==4.2", "--explain", "--format", "table", **settings)
    assert done.code == 0
    assert "requires-host" in done.out and "The release requires host>=5, but the host has host 4.2" in done.out
    done = registryctl("resolve", "told.plugins", "--have", "host==4.2", "--limit", "1", "--format", "table",
                       **settings)
    assert "The list is incomplete" in done.out
    refused = registryctl("resolve", "told.plugins", "--have", "host", **settings)
    assert refused.code == 2


@pytest.mark.parametrize("form", ["", "&format=json"])
def test_an_answer_is_kept_until_a_file_is_added(registry, form):
    """A second wheel of the release changes no entry point, and still the list."""
    name = registry.new_name("kept")
    group = f"{name}.plugins"
    entry_points = f"[{group}]\n{name} = {name}:x\n"

    def add(tag):
        filename, data = wheel(name, "1.0", entry_points, tag)[:2]
        answer = registry.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"})
        assert answer.status == 201, answer.body
        return hashlib.sha256(data).hexdigest()

    def ask(**headers):
        return registry.get(f"/v1/requirements?group={group}{form}", headers=headers)
    first = add("py3-none-any")
    answer = ask()
    assert first in answer.body.decode()
    again = ask(**{"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304
    other = ask(Host="mirror.example:80").body.decode()
    assert "http://mirror.example:80/simple/" in other and "mirror" not in ask().body.decode()
    second = add("cp311-cp311-win32")
    assert {first, second} <= set(re.findall(r"[0-9a-f]{64}", ask().body.decode()))
