# SPDX-License-Identifier: MIT
"""Freezing, promoting, exporting and archiving with registryctl; and that nobody deploys without a plugin in silence:
what an environment enables or pins, and gets nothing for, ends `requirements` and `export` with 1."""

import json
import re
import subprocess
import tomllib

import pytest

from support.artifacts import sdist, wheel
from support.postgres import Cluster
from support.registry import Registry
from support.registryctl import registryctl

GROUP = "frozen.plugins"


@pytest.fixture(scope="module")
def registry():
    with Cluster() as cluster, Registry(cluster) as running:
        yield running


def upload(registry, made):
    answer = registry.post(f"/v1/artifacts?filename={made[0]}", made[1],
                           headers={"Content-Type": "application/octet-stream"})
    assert answer.status in (200, 201), answer.body


def publish(registry, name, version="1.0", tag="py3-none-any", **fields):
    upload(registry, wheel(name, version, f"[{GROUP}]\n{name} = {name}:x\n", tag, **fields))


def run(registry, *words, code=0):
    done = registryctl(*words, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token, NO_COLOR="1")
    assert done.code == code, (words, done.out, done.err)
    return done


def environment(registry, *words, code=0):
    return run(registry, "environment", *words, code=code)


def listed(registry, *names, pin="==1.0"):
    """An environment that takes only these packages."""
    name = registry.new_name("env")
    environment(registry, "create", name, "--plugins", "listed")
    for package in names:
        environment(registry, "enable", name, package, "--pin", pin)
    return name


def requirements(registry, name, *words, code=0):
    return run(registry, "--environment", name, "requirements", GROUP, *words, code=code)


# ---- locked, but forbidden ----

def test_a_plugin_that_is_quarantined_later_ends_a_deployment(registry):
    one, two = registry.new_name("locked"), registry.new_name("locked")
    publish(registry, one)
    publish(registry, two)
    name = listed(registry, one, two)
    assert not requirements(registry, name).err
    run(registry, "quarantine", f"{two}==1.0", "--reason", "steals keys")
    said = f"{two} is missing (quarantined): The release is quarantined: steals keys.\n"
    done = requirements(registry, name, code=1)
    assert done.err == said and f"{one}==1.0" in done.out and two not in done.out
    for form in ("pylock", "requirements"):
        done = environment(registry, "export", name, "--format", form, code=1)
        assert done.err == said
        assert f"# missing: {two}: quarantined: The release is quarantined: steals keys\n" in done.out
    document = json.loads(environment(registry, "export", name, "--format", "json", code=1).out)
    assert document["missing"] == [{"package": two, "code": "quarantined",
                                    "detail": "The release is quarantined: steals keys"}]
    text = registry.get(f"/v1/requirements?environment={name}&group={GROUP}").body.decode()
    assert f"# missing: {two}: quarantined: The release is quarantined: steals keys\n" in text
    run(registry, "quarantine", f"{two}==1.0", "--undo")
    run(registry, "yank", f"{two}==1.0", "--reason", "loses data")
    assert f"{two}==1.0" in requirements(registry, name).out  # pinned, so it stays


def test_a_plugin_that_does_not_fit_the_host(registry):
    package = registry.new_name("newer")
    publish(registry, package, Requires_Python=">=3.12")
    name = listed(registry, package)
    assert f"{package}==1.0" in requirements(registry, name, "--python", "3.12").out
    done = requirements(registry, name, "--python", "3.11", code=1)
    assert done.err == (f"{package} is missing (requires-python): The release requires Python >=3.12, "
                           "but the host has 3.11.\n")


@pytest.mark.parametrize("change, code", [
    (("pin", "==7"), "outside-pin"), (("unpin",), None), (("disable",), None)])
def test_which_packages_are_missing(registry, change, code):
    package = registry.new_name("chosen")
    publish(registry, package)
    name = listed(registry, package)
    environment(registry, change[0], name, package, *change[1:])
    done = requirements(registry, name, code=1 if code else 0)
    assert (f"{package} is missing ({code})" in done.err) == bool(code)


def test_a_package_of_another_group_is_not_missing(registry):
    package = registry.new_name("other")
    registry.publish(package, "1.0", {"other.plugins": {package: f"{package}:x"}})
    nothing = registry.new_name("nothing")
    registry.publish(nothing, "1.0", {})
    name = listed(registry, package)
    assert not requirements(registry, name).err
    environment(registry, "enable", name, nothing)
    done = environment(registry, "export", name, code=1)
    assert f"{nothing} is missing (no-entry-points)" in done.err
    assert f"{package} 1.0 has no compatible file" in done.err


def test_of_a_lock_everything_is_wanted(registry):
    one, two = registry.new_name("locked"), registry.new_name("locked")
    publish(registry, one)
    publish(registry, two)
    name = registry.new_name("env")
    environment(registry, "create", name, "--plugins", "listed")
    for package in (one, two):
        environment(registry, "enable", name, package)
    environment(registry, "freeze", name, "--reason", "release 5")
    publish(registry, one, "2.0")
    done = requirements(registry, name)
    assert f"{one}==1.0" in done.out and not done.err
    run(registry, "quarantine", f"{one}==1.0", "--reason", "worm")
    assert f"{one} is missing (quarantined): The release is quarantined: worm." in \
        requirements(registry, name, code=1).err
    environment(registry, "freeze", name, "--ignore-quarantine", f"{one}==1.0", code=2)
    done = environment(registry, "freeze", name, "--ignore-quarantine", f"{one}==1.0", "--reason", "no other way")
    assert f"ignored the quarantine of {one} 1.0" in done.out
    assert f"{one}==1.0" in requirements(registry, name).out
    audit = run(registry, "audit", "--format", "json").out
    assert "no other way" in audit and f"ignored the quarantine of {one} 1.0" in audit


# ---- pylock.toml, by the text of the specification ----

# Keys in the order of the specification: type, whether it is required.
TOP = {"lock-version": (str, True), "environments": (list, False), "requires-python": (str, False),
       "extras": (list, False), "dependency-groups": (list, False), "default-groups": (list, False),
       "created-by": (str, True), "packages": (list, True), "tool": (dict, False)}
PACKAGE = {"name": (str, True), "version": (str, False), "marker": (str, False), "requires-python": (str, False),
           "dependencies": (list, False), "vcs": (dict, False), "directory": (dict, False),
           "archive": (dict, False), "index": (str, False), "sdist": (dict, False), "wheels": (list, False),
           "attestation-identities": (list, False), "tool": (dict, False)}
FILE = {"name": (str, False), "upload-time": (object, False), "url": (str, True), "path": (str, False),
        "size": (int, False), "hashes": (dict, True)}


def check_keys(table, keys):
    """Known keys only, in their order, of their types, and the required ones."""
    assert [key for key in keys if key in table] == list(table)
    for key, (kind, is_required) in keys.items():
        assert key in table or not is_required, key
        assert key not in table or isinstance(table[key], kind), (key, table[key])


def check_file(file, url):
    check_keys(file, FILE)
    assert file["upload-time"].utcoffset().total_seconds() == 0
    assert file["size"] > 0 and list(file["hashes"]) == ["sha256"]
    assert re.fullmatch("[0-9a-f]{64}", file["hashes"]["sha256"])
    assert file["url"] == f"{url}/files/{file['hashes']['sha256']}/{file['name']}"


def check_pylock(text, url):
    document = tomllib.loads(text)
    check_keys(document, TOP)
    assert document["lock-version"] == "1.0" and document["created-by"] == "registryd"
    assert not document["extras"] and not document["dependency-groups"] and not document["default-groups"]
    names = [package["name"] for package in document["packages"]]
    assert names == sorted(set(names))
    for package in document["packages"]:
        check_keys(package, PACKAGE)
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", package["name"])
        assert package["index"] == f"{url}/simple/"
        # A version goes with files; an sdist or wheels exclude the other sources.
        assert package["version"] and ("sdist" in package or "wheels" in package)
        for file in [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]:
            check_file(file, url)
    assert set(document["tool"]) == {"registryd"}
    return document


def test_pylock_has_the_structure_of_the_specification(registry):
    one, two, bare = (registry.new_name("piece") for _ in range(3))
    publish(registry, one, Requires_Python=">=3.9")
    publish(registry, one, tag="cp27-cp27m-win32", Requires_Python=">=3.9")
    upload(registry, sdist(one, "1.0", Requires_Python=">=3.9"))
    publish(registry, two, "2.0rc1")
    registry.publish(bare, "1.0", {GROUP: {bare: f"{bare}:x"}})
    name = registry.new_name("env")
    document = {"facts": {"python": "3.11.2", "tags": ["py3-none-any"],
                          "markers": {"python_version": "3.11", "sys_platform": "linux",
                                      "platform_release": "6.1.0"}},
                "policy": {"plugins": "listed"},
                "plugins": {package: {"enabled": True, "settings": {"password": "secret-word"}}
                            for package in (one, two, bare)}}
    assert registry.put(f"/v1/environments/{name}", document).status == 201
    done = environment(registry, "export", name, code=1)
    assert done.err == f"{bare} 1.0 has no compatible file.\n"
    assert done.out.startswith(f"# environment {name}, revision 1: not frozen, the answer at change ")
    lock = check_pylock(done.out, registry.url)
    assert lock["environments"] == ["sys_platform == 'linux' and python_version == '3.11'"]
    assert lock["requires-python"] == ">=3.11" and lock["tool"]["registryd"]["frozen"] is False
    first, second = lock["packages"]
    assert (first["name"], first["version"], first["requires-python"]) == (one, "1.0", ">=3.9")
    assert [file["name"] for file in first["wheels"]] == [f"{one}-1.0-py3-none-any.whl"]
    assert first["sdist"]["name"] == f"{one}-1.0.tar.gz"
    assert (second["name"], second["version"]) == (two, "2.0rc1")
    assert f"# {bare}==1.0 has no file that fits\n" in done.out
    served = registry.get(f"/v1/environments/{name}/export?format=pylock")
    assert served.headers["Content-Type"] == "application/toml" and served.body.decode() == done.out
    for form in ("pylock", "requirements", "json"):
        assert "secret-word" not in environment(registry, "export", name, "--format", form, code=1).out
    environment(registry, "freeze", name, "--allow-without-files")
    publish(registry, two, "2.0")
    done = environment(registry, "export", name, code=1)
    assert done.out.startswith(f"# environment {name}, revision 2: frozen, lock ")
    frozen = check_pylock(done.out, registry.url)
    assert frozen["packages"] == lock["packages"] and frozen["tool"]["registryd"]["lock-revision"] == 1
    listing = environment(registry, "export", name, "--format", "requirements", code=1).out.splitlines()
    assert listing[3] == f"--index-url {registry.url}/simple/"
    hashes = [file["hashes"]["sha256"] for file in (*first["wheels"], first["sdist"])]
    assert listing[4:7] == [f"{one}==1.0 \\", f"    --hash=sha256:{hashes[0]} \\", f"    --hash=sha256:{hashes[1]}"]


PIP = ["/usr/bin/python3", "-m", "pip", "--disable-pip-version-check", "--isolated", "--no-cache-dir"]


def test_pip_installs_exactly_the_lock(registry, tmp_path):
    one, two = registry.new_name("piped"), registry.new_name("piped")
    publish(registry, one)
    publish(registry, two)
    name = listed(registry, one, two, pin=">=1")
    environment(registry, "freeze", name)
    publish(registry, one, "2.0")
    listing = tmp_path / "requirements.txt"
    listing.write_text(environment(registry, "export", name, "--format", "requirements").out)
    # The file names this registry's index: nothing else is asked.
    done = subprocess.run([*PIP, "install", "--no-deps", "--require-hashes", "--target", tmp_path / "site", "-r", listing],
                          capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    installed = sorted(path.name for path in (tmp_path / "site").glob("*.dist-info"))
    assert installed == [f"{one}-1.0.dist-info", f"{two}-1.0.dist-info"]


def test_an_export_of_nothing(registry):
    name = registry.new_name("env")
    environment(registry, "create", name, "--plugins", "listed")
    assert check_pylock(environment(registry, "export", name).out, registry.url)["packages"] == []
    assert "--index-url" not in environment(registry, "export", name, "--format", "requirements").out
    environment(registry, "export", name, "--format", "xml", code=2)
    environment(registry, "export", "nowhere", code=1)


# ---- the other commands ----

def test_promoting_and_going_back(registry):
    package = registry.new_name("moved")
    publish(registry, package)
    staging, production = listed(registry, package, pin=">=1"), listed(registry, package, pin=">=1")
    done = environment(registry, "promote", staging, production, code=3)
    assert "is not frozen" in done.err and f"environment freeze {staging}" in done.err
    environment(registry, "freeze", staging)
    assert f"took the lock of {staging}" in environment(registry, "promote", staging, production).out
    publish(registry, package, "2.0")
    done = environment(registry, "pin", production, package, "==2.0", code=3)
    assert f"registryctl environment thaw {production}" in done.err
    assert f"{package}==1.0" in environment(registry, "export", production, "--format", "requirements",
                                            "--group", GROUP).out
    assert "lock " in environment(registry, "show", production).out
    environment(registry, "thaw", staging)
    environment(registry, "freeze", staging)
    environment(registry, "promote", staging, production, "--reason", "tested")
    assert f"{package}==2.0" in environment(registry, "export", production, "--format", "requirements").out
    environment(registry, "rollback", production, "3")
    assert f"{package}==1.0" in environment(registry, "export", production, "--format", "requirements").out
    history = environment(registry, "history", production).out
    assert "back to revision 3" in history and f"took the lock of {staging}" in history


def test_putting_an_environment_away(registry):
    name = listed(registry)
    assert "--reason" in environment(registry, "archive", name, code=2).err
    environment(registry, "archive", name, "--reason", "a slip of the pen")
    done = run(registry, "--environment", name, "resolve", GROUP, code=3)
    assert "archived: a slip of the pen" in done.err and f"environment restore {name}" in done.err
    names = lambda *more: environment(registry, "list", "--format", "json", *more).out  # noqa: E731
    assert f'"{name}"' not in names() and f'"{name}"' in names("--archived")
    environment(registry, "create", name, code=3)
    assert "hosts get nothing" in environment(registry, "show", name).out
    environment(registry, "restore", name)
    run(registry, "--environment", name, "resolve", GROUP)
