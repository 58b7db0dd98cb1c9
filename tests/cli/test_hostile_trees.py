# SPDX-License-Identifier: MIT
"""What no repository can hold or should: pipes, oversized files, bytes that are no text, nesting without
end, in the place of every file that a convention reads. A good plugin lies beside each and is still found."""

import dataclasses
import os
import socket

import pytest
from support.registryctl import SOURCE_DIR, registryctl

KIB = 1024
META = b'PLUGIN_META = {"id": "%s", "name": "N", "version": "1.0"}\n\n\ndef register(ctx):\n    pass\n'
PLUGIN_PY = b'plugin = MountaineerPlugin(name="%s")\n'
PROJECT = b'[project]\nname = "%s"\nversion = "1.0"\n'
CLASSES = b"class %s(BasePlugin):\n    pass\n"
METADATA = b"Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n"
ENTRIES = b"[g]\n%s = m:a\n"


@dataclasses.dataclass
class Target:
    """A file that a convention reads, and how large it may be."""

    convention: str
    file: str  # in the place
    limit: int
    language: str
    whole: dict  # what a good place holds, {path: bytes} with %s for the name
    within: str = "."

    def __str__(self):
        return f"{self.convention.rsplit('/', 1)[-1]}-{self.file.rsplit('/', 1)[-1]}"

    def build(self, root, name):
        place = root / self.within / (f"{name}-1.0.dist-info" if self.convention == "dist-info" else name)
        for path, content in self.whole.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content.replace(b"%s", name.encode()))
        return place / self.file


MOUNTAINEER = {"pyproject.toml": PROJECT, "pkg/plugin.py": PLUGIN_PY}
SCRIPTS = {"pyproject.toml": PROJECT + b'[project.scripts]\n%s = "m:main"\n'}
INSTALLED = {"METADATA": METADATA, "entry_points.txt": ENTRIES}
TARGETS = [
    Target("plugin-yaml", "plugin.yaml", 64 * KIB, "yaml", {"plugin.yaml": b"name: %s\nversion: 1.0.0\n"}),
    Target("plugin-meta", "__init__.py", 4096 * KIB, "python", {"__init__.py": META}),
    Target("mountaineer", "pkg/plugin.py", 4096 * KIB, "python", MOUNTAINEER),
    Target("mountaineer", "pyproject.toml", 256 * KIB, "toml", MOUNTAINEER),
    Target("microcoreos", "plugins/a_plugin.py", 4096 * KIB, "python", {"plugins/a_plugin.py": CLASSES}, "domains"),
    Target("pyproject", "pyproject.toml", 256 * KIB, "toml", SCRIPTS),
    Target("dist-info", "METADATA", 1024 * KIB, "metadata", INSTALLED),
    Target("dist-info", "entry_points.txt", 1024 * KIB, "ini", INSTALLED),
    Target(str(SOURCE_DIR / "docs/examples/conventions/plugin-meta.yaml"), "__init__.py", 4096 * KIB, "python",
           {"__init__.py": META}),
]
PYTHON = [target for target in TARGETS if target.language == "python"]


@pytest.fixture(params=TARGETS, ids=str)
def target(request):
    return request.param


def walk(root, target):
    done = registryctl("walk", "--convention", target.convention, root)
    assert done.code == 0, done.err
    bad = [record for record in done.json if "victim" in record["origin"]]
    good = [record for record in done.json if "victim" not in record["origin"]]
    assert good and all(record["value"] and not record["errors"] for record in good), done.out
    return bad


def codes(records):
    return {error["code"] for record in records for error in record["errors"]}


def replace(path, make):
    path.unlink()
    make(path)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        at = os.open(path.parent, os.O_PATH)  # a socket's address is short
        server.bind(f"/proc/self/fd/{at}/{path.name}")
        os.close(at)


SPECIAL = {"pipe": os.mkfifo, "directory": os.mkdir, "socket": make_socket,
           "device": lambda path: path.symlink_to("/dev/zero")}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_never_opened(tmp_path, target, kind):
    target.build(tmp_path, "good")
    replace(target.build(tmp_path, "victim"), SPECIAL[kind])
    records = walk(tmp_path, target)
    if kind == "directory" and target.convention == "microcoreos":
        assert not records  # a folder with an odd name
        return
    assert codes(records) == {"link-outside-root" if kind == "device" else "special-file"}


def test_a_file_over_its_limit(tmp_path, target):
    target.build(tmp_path, "good")
    path = target.build(tmp_path, "victim")
    filler = b"X-Filler: 1\n" if target.language == "metadata" else b"# filler   \n"
    path.write_bytes((path.read_bytes() + filler * (target.limit // len(filler) + 1))[:target.limit + 1])
    assert codes(walk(tmp_path, target)) == {"too-large"}


GARBAGE = {"NUL": b"\0", "not UTF-8": b"\xff\xfe\xfa", "noise": bytes(range(256)) * 8,
           "UTF-16": "name: x\nversion = 1\n".encode("utf-16")}


@pytest.mark.parametrize("kind", GARBAGE)
def test_bytes_that_are_no_text(tmp_path, target, kind):
    """Appended to a good file. METADATA is not what Python looks into: there it is a warning."""
    target.build(tmp_path, "good")
    path = target.build(tmp_path, "victim")
    path.write_bytes(path.read_bytes() + GARBAGE[kind])
    records = walk(tmp_path, target)
    assert len(records) == 1
    assert codes(records) or records[0]["warnings"], records


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"], ids=["empty", "line break", "byte order mark"])
def test_nothing_in_it(tmp_path, target, content):
    target.build(tmp_path, "good")
    target.build(tmp_path, "victim").write_bytes(content)
    records = walk(tmp_path, target)
    assert all(not record["value"] or record["errors"] or record["warnings"] for record in records) or (
        target.file == "METADATA")


# ---- nesting and length ----

DEEP = {
    "yaml": [b"deep: " + b"[" * 1000 + b"\n", b"deep: " + b"{a: " * 1000 + b"1" + b"}" * 1000 + b"\n",
             b"".join(b" " * i + b"k:\n" for i in range(300))],
    "toml": [b"\n[tool]\ndeep = " + b"[" * 1000 + b"]" * 1000 + b"\n", b"\n[a" + b".a" * 1000 + b"]\n",
             b"\n[tool]\ndeep = " + b"{a=" * 1000 + b"1" + b"}" * 1000 + b"\n"],
    "python": [b"DEEP = " + b"(" * 1000 + b")" * 1000 + b"\n", b"DEEP = " + b"-" * 100000 + b"1\n",
               b"DEEP = " + b"[" * 1000 + b"\n", b"".join(b" " * i + b"if 1:\n" for i in range(200)),
               b"DEEP = " + b"a." * 100000 + b"a\n", b"DEEP = " + b"not " * 50000 + b"a\n",
               b"DEEP = " + b"lambda: " * 20000 + b"a\n", b"DEEP = " + b"a if b else " * 20000 + b"a\n"],
    "ini": [b"[" * 1000 + b"\n"],
    "metadata": [b"Requires-Dist: a; " + b"(" * 1000 + b"\n", b"Keywords: " + b"x" * 100000 + b"\n"],
}


@pytest.mark.parametrize("target, number", [(t, n) for t in TARGETS for n in range(len(DEEP[t.language]))], ids=str)
def test_nesting_without_end(tmp_path, target, number):
    """Told or taken, but never the end of the walk."""
    target.build(tmp_path, "good")
    path = target.build(tmp_path, "victim")
    path.write_bytes(path.read_bytes() + DEEP[target.language][number])
    assert len(walk(tmp_path, target)) == 1


@pytest.mark.parametrize("target", PYTHON, ids=str)
def test_a_file_of_a_hundred_thousand_lines(tmp_path, target):
    """What is below them is found."""
    target.build(tmp_path, "good")
    path = target.build(tmp_path, "victim")
    path.write_bytes(b"x = [1, 2]  # a line that says little\n" * 100_000 + path.read_bytes())
    assert path.stat().st_size < target.limit
    (record,) = walk(tmp_path, target)
    assert record["value"] and not record["errors"]


def test_links_that_multiply(tmp_path):
    """Ten links from each folder to the next, eight folders deep: a hundred million paths to one file."""
    domain = tmp_path / "domains" / "shop"
    (domain / ".level8").mkdir(parents=True)
    (domain / ".level8" / "one_plugin.py").write_bytes(CLASSES.replace(b"%s", b"One"))
    for level in range(8):
        folder = domain / f".level{level}" if level else domain
        folder.mkdir(exist_ok=True)
        for number in range(10):
            target = f"../.level{level + 1}" if level else ".level1"
            (folder / f"link{number}").symlink_to(target)
    done = registryctl("walk", tmp_path)
    assert done.code == 0 and [record["name"] for record in done.json] == ["shop.One"]


def test_nothing_of_a_plugin_runs(tmp_path):
    """Code at every place where a host would import it; each leaves a file behind when it runs."""
    plugin = tmp_path / "root" / "eager"
    plugin.mkdir(parents=True)
    code = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).write_text(__file__)\nraise SystemExit(3)\n"
    for name in ("__init__.py", "plugin.py", "setup.py", "main.py", "conftest.py", "router.py"):
        (plugin / name).write_text(code)
    (plugin / "pyproject.toml").write_text('[project]\nname = "eager"\nversion = "1.0"\n'
                                           '[project.entry-points."eager.plugins"]\neager = "eager.plugin:run"\n')
    (plugin / "plugin.yaml").write_text("name: eager\nversion: 1.0\n")
    done = registryctl("walk", plugin.parent)
    assert "eager" in done.out
    registryctl("check", plugin)
    assert not (tmp_path / "ran").exists()
