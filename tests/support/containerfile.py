# SPDX-License-Identifier: MIT
"""The instructions of a Containerfile, and a way to run them without a container engine: each stage is a bare Debian
in a folder. Known are the instructions that ours uses; any other is an error."""

import json
import re
import shlex
import shutil
import subprocess


def instructions(text):
    """[(instruction, words)], continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    lines = [line.strip() for line in re.sub(r"\\\n", " ", text).splitlines()]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line]


def stages(text):
    """{name: its instructions}: a stage without a name has its number."""
    found = {}
    for word, rest in instructions(text):
        if word == "FROM":
            image, _, name = rest.partition(" AS ")
            assert image == "debian:12-slim", image
            current = found[name or str(len(found))] = []
        else:
            current.append((word, rest))
    return found


class Stage:
    """What the instructions of a stage have made so far."""

    def __init__(self, debian, context, others):
        self.debian = debian
        self.context = context  # a folder with the files that COPY sees
        self.others = others  # {name: Stage}
        self.folder = "/"
        self.user = "root"
        self.variables = {}
        self.facts = {}  # of the image: ENTRYPOINT, VOLUME, HEALTHCHECK, EXPOSE

    def run(self, word, rest):
        getattr(self, f"do_{word.lower()}")(rest)

    def do_workdir(self, rest):
        self.folder = rest
        (self.debian.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def do_arg(self, rest):
        name, _, value = rest.partition("=")
        self.variables[name] = value.strip('"')

    def do_env(self, rest):
        self.variables.update(pair.split("=", 1) for pair in shlex.split(rest))

    def do_copy(self, rest):
        words = rest.split()
        source = self.context
        if words[0].startswith("--from="):
            source = self.others[words.pop(0).removeprefix("--from=")].debian.root
        origin, target = words
        folder = self.debian.root / target.lstrip("/") if target.startswith("/") else self.inside(target)
        shutil.copytree(source / origin.lstrip("/"), folder, symlinks=True, dirs_exist_ok=True)

    def inside(self, path):
        return self.debian.root / self.folder.lstrip("/") / path

    def do_run(self, rest):
        self.debian.run("sh", "-c", f"cd {self.folder} && {rest}", **self.variables)

    def do_user(self, rest):
        self.user = rest

    def do_volume(self, rest):
        self.facts["VOLUME"] = rest

    def do_expose(self, rest):
        self.facts["EXPOSE"] = rest

    def do_healthcheck(self, rest):
        self.facts["HEALTHCHECK"] = json.loads(rest.partition(" CMD ")[2])

    def do_entrypoint(self, rest):
        self.facts["ENTRYPOINT"] = json.loads(rest)

    def command(self, *words):
        """As the image's user, with its variables and without capabilities."""
        variables = [f"{name}={value}" for name, value in self.variables.items()]
        return self.debian.command("setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
                                   "--bounding-set=-all", "--no-new-privs", "--reset-env", "env", *variables, *words)  # fmt: skip

    def is_healthy(self):
        return subprocess.run(self.command(*self.facts["HEALTHCHECK"]), check=False, capture_output=True).returncode == 0
