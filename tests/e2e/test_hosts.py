# SPDX-License-Identifier: MIT
"""The four hosts, each with plugins as it keeps them: walk, publish every place, resolve, compare says
equal; then one plugin changed in every way, and compare names exactly that."""

import dataclasses
import pathlib
import shutil

import pytest
from support.registryctl import registryctl

LISTS = ["only_walk", "only_registry", "value", "version", "manifest", "shadowed", "invalid"]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def damage(path):
    """What an editor leaves behind when it dies: no YAML and no Python, but still with its mark."""
    path.write_text(path.read_text() + "([{\n")


def project(folder, name, version, more=""):
    write(folder / "pyproject.toml", f'[project]\nname = "{name}"\nversion = "{version}"\n{more}')


# ---- how each host keeps a plugin ----


def honeyframe(root, name, version="1.0.0"):
    write(root / name / "plugin.yaml", f"name: {name}\nversion: {version}\n"
          f"routers:\n  - plugins.{name}.backend.routers:router\n")


def honeyframe_moved(root, name):
    shutil.rmtree(root / name)
    project(root / name, name, "1.0.0", f'[project.entry-points."honeyframe.plugins"]\n{name} = "acme.{name}:manifest"\n')


def fastcms(root, name, version="1.0.0", folder=None):
    write(root / (folder or name) / "__init__.py",
          f'PLUGIN_META = {{\n    "id": "{name}",\n    "name": "{name.title()}",\n    "version": "{version}",\n}}\n\n\n'
          "def register(ctx):\n    raise SystemExit('nothing is run')\n")


def fastcms_moved(root, name):
    shutil.rmtree(root / name)
    fastcms(root, name, folder=f"{name}_plugin")


def mountaineer(root, name, version="1.0.0", package=None):
    project(root / name, f"mountaineer-{name}", version, 'dependencies = ["mountaineer>=0.1.0"]\n')
    write(root / name / (package or name) / "plugin.py",
          "from mountaineer.plugin import MountaineerPlugin\n\n"
          f'plugin = MountaineerPlugin(name="{name}", controllers=[])\n')


def mountaineer_moved(root, name):
    shutil.rmtree(root / name)
    mountaineer(root, name, package=f"{name}_core")


def microcoreos(root, name, version=None, file="main_plugin.py"):
    domain, cls = name.split(".")
    write(root / "domains" / domain / "plugins" / file,
          f"from core.base_plugin import BasePlugin\n\n\nclass {cls}(BasePlugin):\n"
          "    def __init__(self, db, http):\n        self.http = http\n\n    async def on_boot(self):\n"
          f'        self.http.add_endpoint(path="/{domain}", method="GET", handler=None)\n')
    if version:
        project(root / "domains" / domain, domain, version)


def microcoreos_moved(root, name):
    domain = root / "domains" / name.split(".")[0] / "plugins"
    (domain / "main_plugin.py").rename(domain / "moved_plugin.py")


@dataclasses.dataclass
class Host:
    group: str
    names: list  # three plugins
    plugin: object  # (root, name, version)
    moved: object  # (root, name): another value under the same name
    file: str  # what breaks it: a path with {0}, the name's first part
    new: str = "warehouse"
    publish: tuple = ()
    broken_as: str = "{0}"  # the name of the record of a broken one

    def places(self, root):
        within = root / "domains"
        return sorted(path for path in (within if within.is_dir() else root).iterdir() if path.is_dir())

    def path(self, root, name):
        return root / self.file.format(name.split(".")[0])

    def place(self, root, name):
        parts = pathlib.PurePath(self.file).parts
        return root.joinpath(*parts[:parts.index("{0}")], name.split(".")[0])


HOSTS = {
    "honeyframe": Host("honeyframe.plugins", ["crm", "finance", "hr"], honeyframe, honeyframe_moved, "{0}/plugin.yaml"),
    "fastcms": Host("fastcms.plugins", ["blog", "gallery", "seo"], fastcms, fastcms_moved, "{0}/__init__.py"),
    "mountaineer": Host("mountaineer.plugins", ["auth", "billing", "cloud"], mountaineer, mountaineer_moved,
                        "{0}/{0}/plugin.py"),
    "microcoreos": Host("microcoreos.plugins", ["orders.Place", "products.Create", "users.Delete"], microcoreos,
                        microcoreos_moved, "domains/{0}/plugins/main_plugin.py", "warehouse.Count",
                        ("--version", "1.0.0"), "{0}.plugins/main_plugin.py"),
}


@pytest.fixture(scope="module")
def call(daemon):
    def run(*arguments):
        return registryctl(*arguments, REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=daemon.publisher_token)

    return run


@pytest.fixture(scope="module", params=HOSTS)
def published(request, call, tmp_path_factory):
    """The host, and the root from which its plugins were published."""
    host = HOSTS[request.param]
    root = tmp_path_factory.mktemp(request.param)
    for name in host.names:
        host.plugin(root, name)
    done = call("publish", *host.publish, *host.places(root))
    assert done.code == 0, done.err
    assert [result["outcome"] for result in done.json] == ["published"] * 3
    return host, root


@pytest.fixture
def roots(published, tmp_path):
    """The host, and two roots: a copy of what was published, to change, and an empty one."""
    host, root = published
    shutil.copytree(root, tmp_path / "install")
    (tmp_path / "data").mkdir()
    return host, tmp_path / "install", tmp_path / "data"


def compare(call, roots, *arguments):
    host, install, data = roots
    done = call("compare", host.group, f"install={install}", f"data={data}", *arguments)
    assert done.code in (0, 1), done.err
    assert (done.code == 0) == done.json["equal"]
    return done.json, {key: [item["name"] for item in done.json[key]] for key in LISTS if done.json[key]}


def test_walk_gives_what_resolve_gives(call, published):
    host, root = published
    walked = call("walk", f"install={root}").json
    resolved = call("resolve", host.group).json
    keys = ("group", "name", "value", "package", "manifest", "warnings", "errors")
    assert [r["name"] for r in walked] == host.names
    assert [[r[key] for key in keys] for r in walked] == [[r[key] for key in keys] for r in resolved]
    assert [r["version"] for r in resolved] == ["1.0.0"] * 3


def test_publishing_the_whole_root_changes_nothing(call, published):
    host, root = published
    done = call("publish", "--all", *host.publish, root)
    assert done.code == 0, done.err
    assert [result["outcome"] for result in done.json] == ["unchanged"] * 3


def test_equal(call, roots):
    report, names = compare(call, roots, "--strict")
    assert (report["equal"], report["same"], names) == (True, 3, {})


def test_value(call, roots):
    host, install, _ = roots
    host.moved(install, host.names[1])
    report, names = compare(call, roots)
    assert names == {"value": [host.names[1]]} and report["same"] == 2


def test_version(call, roots):
    host, install, _ = roots
    host.plugin(install, host.names[1], "1.1.0")
    report, names = compare(call, roots)
    assert names == {"version": [host.names[1]]} and report["same"] == 2
    (pair,) = report["version"]
    assert (pair["walk"]["version"], pair["registry"]["version"]) == ("1.1.0", "1.0.0")


def test_added(call, roots):
    host, _, data = roots
    host.plugin(data, host.new)
    assert compare(call, roots)[1] == {"only_walk": [host.new]}


def test_removed(call, roots):
    host, install, _ = roots
    shutil.rmtree(host.place(install, host.names[2]))
    assert compare(call, roots)[1] == {"only_registry": [host.names[2]]}


def test_broken(call, roots):
    host, install, _ = roots
    name = host.names[0]
    damage(host.path(install, name))
    broken = host.broken_as.format(name.split(".")[0])
    assert compare(call, roots)[1] == {"invalid": [broken], "only_registry": [name]}


def test_broken_beside(call, roots):
    host, _, data = roots
    host.plugin(data, host.new)
    damage(host.path(data, host.new))
    report, names = compare(call, roots)
    assert report["equal"] and names == {"invalid": [host.broken_as.format("warehouse")]}
    assert not compare(call, roots, "--strict")[0]["equal"]


def test_shadowed(call, roots):
    host, _, data = roots
    host.plugin(data, host.names[1], "9.0.0")
    report, names = compare(call, roots)
    assert report["equal"] and names == {"shadowed": [host.names[1]]}
    assert not compare(call, roots, "--strict")[0]["equal"]


# ---- what only one host has ----


def test_an_unknown_version_is_no_difference(call, tmp_path):
    """A domain of MicroCoreOS declares no version: it is published with one, and stays equal; its own
    pyproject.toml then makes it known."""
    (tmp_path / "data").mkdir()
    root = tmp_path / "install"
    microcoreos(root, "stock.Count")
    refused = call("publish", root / "domains" / "stock")
    assert refused.code == 3 and "version" in refused.err
    done = call("publish", "--version", "7.2", root / "domains" / "stock")
    assert done.code == 0, done.err
    (walked,) = call("walk", root).json
    assert walked["version"] is None
    roots = HOSTS["microcoreos"], root, tmp_path / "data"
    report, names = compare(call, roots)
    others = {"only_registry": [name for name in names.get("only_registry", []) if not name.startswith("stock")]}
    assert report["same"] == 1 and names == (others if others["only_registry"] else {})
    project(root / "domains" / "stock", "stock", "7.3")
    assert compare(call, roots)[1]["version"] == ["stock.Count"]
    assert call("publish", root / "domains" / "stock").code == 0
    report, names = compare(call, roots)
    assert report["same"] == 1 and names == (others if others["only_registry"] else {})


def test_one_in_a_hundred_broken(tmp_path):
    """1,000 plugins of every convention in one root, ten of them broken: 990 records, ten with errors
    that name their file."""
    root = tmp_path / "install"
    conventions = [honeyframe, fastcms, mountaineer, microcoreos]
    for number in range(1000):
        plugin = conventions[number % 4]
        plugin(root, f"d{number}.Plugin" if plugin is microcoreos else f"p{number}")
    broken = [HOSTS[plugin.__name__].path(root, f"{'d' if plugin is microcoreos else 'p'}{number}")
              for number in range(17, 1000, 99) for plugin in [conventions[number % 4]]]
    assert len(broken) == 10 and len({path.name for path in broken}) == 4
    for path in broken:
        damage(path)
    done = registryctl("walk", f"install={root}")
    assert done.code == 0 and len(done.json) == 1000
    bad = [record for record in done.json if record["errors"]]
    assert sorted(error["where"].rsplit(":", 1)[0] for record in bad for error in record["errors"]) == sorted(
        map(str, broken))
    assert all(record["value"] and record["manifest"] for record in done.json if not record["errors"])
