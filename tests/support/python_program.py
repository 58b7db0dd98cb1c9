# SPDX-License-Identifier: MIT
"""Programs in a Python of their own, with the package `registryclient` of the build on the path.

    run_python("-m", "registryclient", "walk", folder, REGISTRYD_URL=daemon.url).out

The package may be built with sanitizers; then their run-time library has to be loaded before Python.
"""

import dataclasses
import functools
import os
import subprocess
import tempfile

from support.daemon import BUILD_DIR

PYTHON = "/usr/bin/python3"
PACKAGE_FOLDER = BUILD_DIR / "python"


@dataclasses.dataclass
class Done:
    """How a program ended."""

    code: int
    out: str
    err: str


@functools.cache
def sanitizer():
    """The sanitizers' library, when the package needs it, else "". With the library of C++ behind it: the
    sanitizer looks for its exceptions when it starts, and our TOML parser throws them."""
    module = (PACKAGE_FOLDER / "registryclient" / "_native.abi3.so").read_bytes()
    if b"__asan_init" not in module:
        return ""
    return ":".join(
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("libasan.so", "libstdc++.so.6"))  # fmt: skip


def python_environment(**changes):
    """The environment of such a program; nothing of the caller's settings reaches it. PYTHONPATH is added
    to, what is None is left out. TEST_PYTHON_ENGINE of the caller chooses the engine: pure or native. The pure
    one loads nothing that was built with sanitizers, so their library stays out of it."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("REGISTRYD_", "PYTHON", "XDG_"))}  # fmt: skip
    engine = os.environ.get("TEST_PYTHON_ENGINE")
    if engine:
        changes.setdefault("REGISTRYD_PYTHON_ENGINE", engine)
    path = [changes.pop("PYTHONPATH", None), str(PACKAGE_FOLDER)]
    made = {**kept, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1",
            "PYTHONPATH": os.pathsep.join(str(one) for one in path if one),
            "LD_PRELOAD": "" if changes.get("REGISTRYD_PYTHON_ENGINE") == "pure" else sanitizer(), "ASAN_OPTIONS": "detect_leaks=0:use_sigaltstack=0",
            **{name: str(value) for name, value in changes.items() if value is not None}}  # fmt: skip
    return {name: value for name, value in made.items() if value}


def run_program(command, cwd=None, code=0, stdin="", **environment):
    """Runs a program and expects its exit code (None: any). What it caches is gone afterwards, unless
    XDG_CACHE_HOME is given."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [str(word) for word in command], cwd=cwd, input=stdin, capture_output=True, text=True,
            env=python_environment(**{"XDG_CACHE_HOME": cache, **environment}), timeout=120,
        )  # fmt: skip
    assert code is None or done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
    return Done(done.returncode, done.stdout, done.stderr)


def run_python(*arguments, **options):
    return run_program([PYTHON, *arguments], **options)
