# SPDX-License-Identifier: MIT
"""Builds the wheels of registryclient.

In the source tree: the platform wheel, whose two extension modules CMake makes from the C sources beside this folder, in
the limited API of Python 3.10, so that one wheel serves every later version. What is made on the way lies in
<tree>/build-wheel. With REGISTRYD_WHEEL=pure, and from an sdist, which has no C sources: the wheel in Python alone.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
TREE = HERE.parents[1]
IN_TREE = (TREE / "schema/base/status.h").is_file()
KIND = os.environ.get("REGISTRYD_WHEEL") or ("native" if IN_TREE else "pure")
WORK = Path(os.environ.get("REGISTRYD_WHEEL_DIR") or (TREE / "build-wheel" if IN_TREE else HERE / "build"))
MODULES = ("_native", "_library")
GENERATED = "registryclient/_generated.py"

if KIND not in ("native", "pure"):
    sys.exit(f"REGISTRYD_WHEEL is {KIND!r}; use native or pure")
if KIND == "native" and not IN_TREE:
    sys.exit("The platform wheel is built inside the source tree, which holds the C library: pip install TREE/client/python")


def generate(target):
    """The version and the statuses: from the tree, or as the sdist has them."""
    if IN_TREE:
        subprocess.run([sys.executable, HERE / "generate.py", TREE, target], check=True)


def version():
    if IN_TREE:
        sys.path.insert(0, str(HERE))
        from generate import version as version_of

        return version_of(TREE)
    made = {}
    exec((HERE / GENERATED).read_text(encoding="utf-8"), made)  # noqa: S102 - it is our own file
    return made["VERSION"]


class BuildPackage(build_py):
    def run(self):
        super().run()
        generate(Path(self.build_lib) / GENERATED)


class MakeSource(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        generate(Path(base_dir) / GENERATED)


class BuildByCMake(build_ext):
    def run(self):
        folder = WORK / "cmake"
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        subprocess.run(
            ["cmake", "-S", str(TREE), "-B", str(folder), *generator, "-DCMAKE_BUILD_TYPE=Release",
             "-DREGISTRYD_PYTHON_ONLY=ON", f"-DPython3_EXECUTABLE={sys.executable}"],
            check=True,
        )  # fmt: skip
        jobs = str(len(os.sched_getaffinity(0)))
        targets = [f"python{name}" for name in MODULES]
        subprocess.run(["cmake", "--build", str(folder), "-j", jobs, "--target", *targets], check=True)
        for extension in self.extensions:
            target = Path(self.get_ext_fullpath(extension.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            made = folder / "python/registryclient" / f"{extension.name.rpartition('.')[2]}.abi3.so"
            shutil.copy(made, target)
            subprocess.run(["strip", "--strip-unneeded", str(target)], check=False)


NATIVE = {
    "ext_modules": [Extension(f"registryclient.{name}", [], py_limited_api=True) for name in MODULES],
}
BUILD = {"build": {"build_base": str(WORK / f"setuptools-{KIND}")}, "egg_info": {"egg_base": str(WORK)}}

WORK.mkdir(parents=True, exist_ok=True)
setup(
    version=version(),
    cmdclass={"build_ext": BuildByCMake, "build_py": BuildPackage, "sdist": MakeSource},
    options={**BUILD, **({"bdist_wheel": {"py_limited_api": "cp310"}} if KIND == "native" else {})},
    zip_safe=KIND == "pure",
    **(NATIVE if KIND == "native" else {}),
)
