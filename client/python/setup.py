# SPDX-License-Identifier: MIT
"""Builds the wheel: CMake makes the two extension modules from the C sources beside this folder, in the
limited API of Python 3.10, so that one wheel serves every later version. What is made on the way lies in
<tree>/build-wheel.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

TREE = Path(__file__).resolve().parents[2]
WORK = Path(os.environ.get("REGISTRYD_WHEEL_DIR") or TREE / "build-wheel")
MODULES = ("_native", "_library")


def version():
    if not (TREE / "schema").is_dir():
        sys.exit("registryclient is built inside its source tree, which holds the C library: "
                 "pip install TREE/client/python")  # fmt: skip
    text = (TREE / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"^project\(registryd VERSION ([\d.]+)", text, re.MULTILINE)[1]


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


WORK.mkdir(parents=True, exist_ok=True)
setup(
    version=version(),
    ext_modules=[Extension(f"registryclient.{name}", [], py_limited_api=True) for name in MODULES],
    cmdclass={"build_ext": BuildByCMake},
    options={
        "bdist_wheel": {"py_limited_api": "cp310"},
        "build": {"build_base": str(WORK / "setuptools")},
        "egg_info": {"egg_base": str(WORK)},
    },
    zip_safe=False,
)
