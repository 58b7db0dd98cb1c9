# SPDX-License-Identifier: MIT
"""The wheel in Python alone, and the sdist: built by wheels.py, without a network, and used in an empty virtual environment
of each Python, with nothing else in it."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest
from support import python
from support.artifacts import wheel as plugin_wheel

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def clean_environment(**more):
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "PIP_", "REGISTRYD_", "LD_", "TEST_"))}  # fmt: skip
    return {**kept, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **{key: str(value) for key, value in more.items()}}


def run(*command, cwd="/", check=True, **environment):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd, env=clean_environment(**environment))
    assert not check or done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """{"pure": path, "sdist": path}"""
    folder = tmp_path_factory.mktemp("made")
    run(python.SYSTEM, python.SOURCE_DIR / "client/python/wheels.py", folder, "pure", "sdist")
    (pure,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return {"pure": pure, "sdist": sdist}


def test_the_wheel_is_of_every_python_and_holds_no_binary(made):
    assert re.fullmatch(r"registryclient-[\d.]+-py3-none-any\.whl", made["pure"].name)
    source = python.SOURCE_DIR / "client/python/registryclient"
    wanted = {f"registryclient/{path.relative_to(source)}" for path in source.rglob("*") if path.suffix in (".py", ".pyi") or path.name == "py.typed"}
    with zipfile.ZipFile(made["pure"]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    assert names == wanted | {"registryclient/_generated.py"}
    assert "Requires-Dist" not in metadata and "Requires-Python: >=3.10" in metadata


# ---- every Python ----


def interpreter(version):
    """The Python of that version: Debian's own, else one of PATH or of pyenv."""
    if version == f"{sysconfig.get_config_var('py_version_short')}":
        return python.SYSTEM
    found = python.others().get(version)
    if found is None:
        pytest.skip(f"This machine has no Python {version}, neither on PATH nor in pyenv")
    return found


USE = """
import json, os, sys
import registryclient
from registryclient import Registry, _engine, _engine_calls, errors
def say(*values):
    print(json.dumps(values))
say(_engine.NAME, _engine_calls.NAME, registryclient.__file__.startswith(sys.prefix), registryclient.version("registryclient"))
registry = Registry(sys.argv[1], environment="default")
say(registry.refresh(), registry.refresh(), registry.state()["serial"] > 0)
say([one.name for one in registry.resolve("pure.plugins")], [one.name for one in registry.lookup("pure.plugins")])
found = registryclient.entry_points(group="pure.plugins")
say([(one.name, one.value, one.registry.package, one.registry.version) for one in found], [str(one) for one in registryclient.diagnostics()])
registryclient.install("registry")
import importlib.metadata as m
say([one.name for one in m.entry_points(group="pure.plugins")], sorted(d.metadata["Name"] for d in m.distributions()), m.version("pure-demo"))
try:
    next(iter(found)).load()
except ModuleNotFoundError as error:
    say("pip install" in str(error))
say(sorted(name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names | {"__main__"}
           and not name.startswith(("registryclient", "_sysconfigdata", "_virtualenv", "sitecustomize"))))
"""


@pytest.fixture(scope="module")
def registry(daemon, tmp_path_factory):
    name, raw = plugin_wheel("pure-demo", "2.0", "[pure.plugins]\none = pure_demo:x\n")
    path = tmp_path_factory.mktemp("demo") / name
    path.write_bytes(raw)
    run(python.BUILD_DIR / "bin/registryctl", "publish", path, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)
    return daemon


def environment_of(version, made, folder):
    """An environment without pip: Debian's pip, which does not run on newer Pythons, installs into its folder."""
    run(interpreter(version), "-m", "venv", "--without-pip", folder)
    site = folder / f"lib/python{version}/site-packages"
    run(python.SYSTEM, "-m", "pip", "install", "-q", "--no-deps", "--target", site, made["pure"])
    return folder / "bin/python"


@pytest.mark.parametrize("version", VERSIONS)
def test_it_works_alone_in_an_empty_environment(version, made, registry, tmp_path):
    program = environment_of(version, made, tmp_path / "venv")
    done = run(program, "-c", USE, registry.url, REGISTRYD_URL=registry.url, REGISTRYD_CACHE_DIR=tmp_path / "cache", REGISTRYD_MODE="registry")
    engine, refreshed, asked, found, hooked, refused, foreign = [json.loads(line) for line in done.stdout.splitlines()]
    assert engine[:3] == ["pure", "pure", True]
    assert refreshed == [True, False, True]
    assert asked == [["one"], ["one"]]
    assert found == [[["one", "pure_demo:x", "pure-demo", "2.0"]], []]
    assert hooked == [["one"], ["pure-demo"], "2.0"]
    assert refused == [True]
    assert foreign == [[]]


def test_it_works_from_a_zip_file(made):
    code = "import registryclient as r; print(len(r.entry_points(group='none')), '.whl' in r.__file__)"
    assert run(python.SYSTEM, "-c", code, PYTHONPATH=made["pure"], REGISTRYD_MODE="walk").stdout == "0 True\n"


# ---- the sdist ----


def index_of_build_tools(folder):
    """A simple index with setuptools and wheel, packed again from what Debian has installed."""
    site = Path(run(python.SYSTEM, "-c", "import setuptools; print(setuptools.__path__[0])").stdout.strip()).parent
    for name, packages in (("setuptools", ("setuptools", "pkg_resources", "_distutils_hack")), ("wheel", ("wheel",))):
        version = run(python.SYSTEM, "-c", f"from importlib.metadata import version; print(version('{name}'))").stdout.strip()
        (folder / name).mkdir(parents=True)
        path = folder / name / f"{name}-{version}-py3-none-any.whl"
        pack(path, site, packages, name, version)
        (folder / name / "index.html").write_text(f'<a href="{path.name}">{path.name}</a>')


def pack(path, site, packages, name, version):
    (info,) = [one for one in site.glob(f"{name}-{version}*-info")]
    stem, files = f"{name}-{version}.dist-info", {}
    for package in packages:
        files.update({str(one.relative_to(site)): one.read_bytes() for one in (site / package).rglob("*")
                      if one.is_file() and "__pycache__" not in one.parts})  # fmt: skip
    metadata = next(info / one for one in ("METADATA", "PKG-INFO") if (info / one).exists())
    files[f"{stem}/METADATA"] = metadata.read_bytes()
    files[f"{stem}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if (info / "entry_points.txt").exists():
        files[f"{stem}/entry_points.txt"] = (info / "entry_points.txt").read_bytes()
    digest = {one: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode() for one, data in files.items()}
    files[f"{stem}/RECORD"] = ("".join(f"{one},sha256={digest[one]},{len(files[one])}\n" for one in digest) + f"{stem}/RECORD,,\n").encode()
    with zipfile.ZipFile(path, "w") as archive:
        for one, data in files.items():
            archive.writestr(one, data)


def test_the_sdist_builds_the_same_wheel_in_isolation(made, tmp_path):
    index_of_build_tools(tmp_path / "simple")
    environment = {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": (tmp_path / "simple").as_uri(), "HOME": tmp_path}
    done = run(python.SYSTEM, "-m", "pip", "wheel", "-v", "--no-deps", "--no-cache-dir", "-w", tmp_path / "out", made["sdist"], **environment)
    assert "Installing build dependencies" in done.stdout, "pip did not isolate the build"
    (built,) = (tmp_path / "out").glob("*.whl")
    assert built.name == made["pure"].name
    with zipfile.ZipFile(built) as mine, zipfile.ZipFile(made["pure"]) as theirs:
        assert set(mine.namelist()) == set(theirs.namelist())
        for name in mine.namelist():
            assert ".dist-info/" in name or mine.read(name) == theirs.read(name), name


def test_without_its_index_the_isolated_build_fails(made, tmp_path):
    """So the test above did use the index."""
    done = run(python.SYSTEM, "-m", "pip", "wheel", "--no-deps", "-w", tmp_path, made["sdist"], check=False, HOME=tmp_path)
    assert done.returncode != 0 and "setuptools" in done.stderr
