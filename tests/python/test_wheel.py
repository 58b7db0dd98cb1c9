# SPDX-License-Identifier: MIT
"""The wheel: built from the tree by pip and Debian's setuptools, one for every Python from 3.10 on, and used
in an empty virtual environment of each Python of the machine."""

import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from support import python


def clean_environment(**more):
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "PIP_", "REGISTRYD_", "LD_"))}  # fmt: skip
    return {**kept, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built with what is installed: the tests have no network, and pip's isolation would want it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [python.SYSTEM, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-q", "-w", folder / "out",
               python.SOURCE_DIR / "client/python"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True,
                          env=clean_environment(REGISTRYD_WHEEL_DIR=str(folder / "work")))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = (folder / "out").iterdir()
    return made


def test_its_name_says_that_it_fits_every_python(wheel):
    assert re.fullmatch(r"registryclient-[\d.]+-cp310-abi3-linux_\w+\.whl", wheel.name)


def test_it_holds_the_whole_package_and_nothing_else(wheel):
    source = python.SOURCE_DIR / "client/python/registryclient"
    wanted = {f"registryclient/{path.relative_to(source)}" for path in source.rglob("*")
              if path.suffix in (".py", ".pyi") or path.name == "py.typed"}  # fmt: skip
    wanted |= {f"registryclient/{name}" for name in ("_native.abi3.so", "_library.abi3.so", "_generated.py")}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == wanted


def needed(archive, name, folder):
    archive.extract(name, folder)
    told = subprocess.run(["readelf", "-d", folder / name], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"NEEDED.*\[(.+)\]", told))


def test_the_extension_needs_the_system_s_libraries_alone(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        look_up = needed(archive, "registryclient/_native.abi3.so", tmp_path)
        library = needed(archive, "registryclient/_library.abi3.so", tmp_path)
    assert look_up <= {"libsodium.so.23", "libjansson.so.4", "libc.so.6"}
    assert not [name for name in library if name.startswith("libregistry") or name.startswith("libpython")]
    exported = subprocess.run(["nm", "-D", "--defined-only", tmp_path / "registryclient/_library.abi3.so"],
                              capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert re.findall(r" T (\w+)", exported) == ["PyInit__library"]


USE = """
import registryclient, registryclient.errors
print(registryclient.__file__)
found = registryclient.entry_points(group="console_scripts")
assert registryclient.distribution("registryclient").metadata["Name"] == "registryclient"
assert [str(file) for file in registryclient.files("registryclient") if file.name == "_native.abi3.so"]
registryclient.install("walk")
import importlib.metadata
assert sorted(found.names) == sorted(one.name for one in importlib.metadata.entry_points(group="console_scripts"))
try:
    registryclient.Registry("http://127.0.0.1:9", timeout=1).resolve("a.group")
except registryclient.errors.UnreachableError:
    print("unreachable")
"""


def test_it_works_in_an_empty_environment_of_each_python(wheel, tmp_path):
    for number, program in enumerate(python.all_pythons()):
        home = tmp_path / f"venv{number}"
        subprocess.run([program, "-m", "venv", home], check=True, env=clean_environment())
        subprocess.run([home / "bin/pip", "install", "-q", wheel], check=True, env=clean_environment())
        done = subprocess.run([home / "bin/python", "-c", USE], capture_output=True, text=True, cwd="/",
                              env=clean_environment())  # fmt: skip
        assert done.returncode == 0, (program, done.stderr)
        place, last = done.stdout.splitlines()
        assert Path(place).is_relative_to(home) and last == "unreachable"
