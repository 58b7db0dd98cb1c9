# SPDX-License-Identifier: MIT
"""Programs in C that see the installed client library alone: its header, its pkg-config file, its files."""

import os
import re
import subprocess

from support.registryctl import BUILD_DIR, SOURCE_DIR, environment


def install_library(folder):
    """Installs what a host in C needs, as docs/C.md says."""
    for component in ("library", "development"):
        subprocess.run(["cmake", "--install", BUILD_DIR, "--component", component, "--prefix", folder], check=True,
                       capture_output=True)  # fmt: skip


def sanitizer_options():
    """What a program needs that links a library of this build."""
    found = re.search(r"^REGISTRYD_SANITIZE:\w+=(.+)$", (BUILD_DIR / "CMakeCache.txt").read_text(), re.M)
    return [f"-fsanitize={found[1]}"] if found else []


def installed_program(folder, name):
    """Installs the library into the folder and builds tests/data/client/NAME.c there. A function that runs the program
    with words and gives the lines that it prints."""
    install_library(folder)
    (pc,) = folder.rglob("registryclient.pc")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "registryclient"], capture_output=True, text=True, check=True,
                           env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}).stdout.split()  # fmt: skip
    source = SOURCE_DIR / "tests" / "data" / "client" / f"{name}.c"
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", *sanitizer_options(), source, "-o", folder / name, *flags], check=True)

    def call(*words, **settings):
        done = subprocess.run([folder / name, *map(str, words)], capture_output=True, text=True, check=True,
                              env=environment(LD_LIBRARY_PATH=str(pc.parent.parent), **settings))  # fmt: skip
        return done.stdout.splitlines()

    return call
