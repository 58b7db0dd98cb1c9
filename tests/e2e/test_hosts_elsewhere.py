# SPDX-License-Identifier: MIT
"""A plugin travels: an author publishes directories on one machine, and the four hosts load them on another one,
unchanged, after `pip install` and after `registryctl sync`.

The author's directories are gone before the other machine begins, and each host runs in a network of its own that
leads nowhere (where the system lets us make one): what it loads came through the registry, which it needs no more."""

import dataclasses
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.daemon import SOURCE_DIR, Daemon
from support.python_program import run_program
from support.registryctl import registryctl

EXAMPLES = SOURCE_DIR / "docs" / "examples"
PYTHON = "/usr/bin/python3"
SECONDS = 240


@dataclasses.dataclass
class Host:
    group: str
    plugins: list  # below docs/examples/, as the author has them
    arrives: str  # where the host walks, below its own folder
    installed: str  # the folder of site-packages that is linked there after pip; "" for all of it
    options: tuple = ()  # of publish
    settings: dict = dataclasses.field(default_factory=dict)  # its environment; {0}: its own folder


HOSTS = {
    "honeyframe": Host("honeyframe.plugins", ["install/plugins/_demo", "install/plugins/crm", "install/plugins/finance",
                                              "install/plugins/field-service", "data/plugins/warehouse"],
                       "install/plugins", "plugins", settings={"INSTALL_DIR": "{0}/install", "DATA_DIR": "{0}/data"}),
    "fastcms": Host("fastcms.plugins", ["fastcms/plugins/example_plugin", "fastcms/plugins/hello_world"],
                    "plugins", "plugins"),
    "mountaineer": Host("mountaineer.plugins", ["mountaineer/projects/mountaineer-notes",
                                                "mountaineer/projects/mountaineer-status"],
                        "projects/site", "", options=("--build",)),
    "microcoreos": Host("microcoreos.plugins", ["microcoreos/domains/orders", "microcoreos/domains/products"],
                        "domains", "domains", options=("--version", "1.0.0")),
}
APART = ["unshare", "--net", "--map-root-user"]
ALONE = APART if not subprocess.run([*APART, "true"], capture_output=True, check=False).returncode else []
FIELD_SERVICE = {  # Honeyframe's slugs are hyphenated, which no module's name can be
    "plugin.yaml": "name: field-service\nversion: 3.1.0\nrouters:\n  - plugins.field-service.backend.routers.visits:router\n"
                   "dbt_workspace: dbt/\n",
    "backend/routers/visits.py": "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n@router.get('/api/field-service/visits')\n"
                                 "def visits():\n    return []\n",
    "dbt/dbt_project.yml": "name: field_service\n",
}
PLUGINS = {"plugins", "projects", "domains"}  # the folders of a host that stay at home


@pytest.fixture(scope="module")
def registry():
    with Daemon() as running:
        yield running


@pytest.fixture(scope="module")
def author(registry, tmp_path_factory):
    """Publishes everything. {host: ([(package, version)], what the host prints at home, {path: bytes} of the plugins)}"""
    home = tmp_path_factory.mktemp("author") / "examples"
    shutil.copytree(EXAMPLES, home)
    for path, text in FIELD_SERVICE.items():
        place = home / "install/plugins/field-service" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    settings = {"REGISTRYD_URL": registry.url, "REGISTRYD_TOKEN": registry.publisher_token, "PATH": "/usr/bin:/bin"}
    known = {}
    for name, host in HOSTS.items():
        folders = [home / plugin for plugin in host.plugins]
        if name == "mountaineer":
            declare(home / "mountaineer/projects", "mountaineer-notes")
        done = registryctl("publish", "--format", "json", *host.options, *folders, **settings)
        assert done.code == 0, done.out + done.err
        files = {f"{folder.name}/{path.relative_to(folder)}": path.read_bytes()
                 for folder in folders for path in folder.rglob("*") if path.is_file()}
        known[name] = ([(item["package"], item["version"]) for item in json.loads(done.out)], files)
    for broken in ("data/plugins/helpdesk", "data/plugins/crm", "fastcms/plugins/fails_at_start",
                   "fastcms/plugins/no_version", "microcoreos/domains/mail"):
        shutil.rmtree(home / broken)
    at_home = {name: loaded(run(name, home / name, {})) for name in HOSTS}
    shutil.rmtree(home)
    return {name: (*known[name], at_home[name]) for name in HOSTS}


def declare(root, project):
    """The author of a project without entry points adds the table that the command prints."""
    done = registryctl("entry-points", "--package", project, root)
    assert done.code == 0 and "mountaineer.plugins" in done.out, done.out + done.err
    with (root / project / "pyproject.toml").open("a") as file:
        file.write(f"\n{done.out}")


def run(name, folder, settings, python=PYTHON):
    """What the host prints, in a network without a way out."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    settings = {key: value.format(folder) for key, value in settings.items()}
    done = subprocess.run([*ALONE, str(python), str(folder / "main.py")], cwd=folder,
                          env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **settings}, text=True, capture_output=True,
                          timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loaded(text):
    """Without the log: its order of roots and its warnings are the machine's."""
    lines = [line.replace(" data    ", " install ") for line in text.splitlines()]
    return [line for line in lines if not line.startswith(("WARNING ", "ERROR "))]


@pytest.fixture
def machine(tmp_path, request):
    """The host's own code on another machine, without any plugin."""
    name = request.getfixturevalue("name")
    folder = tmp_path / "machine" / name
    shutil.copytree(EXAMPLES / name, folder, ignore=lambda path, names: PLUGINS & set(names) if Path(path) == EXAMPLES / name
                    else set())
    (folder / HOSTS[name].arrives).parent.mkdir(exist_ok=True)
    return folder


def pip(arguments, home):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INPUT": "1",
                   "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run([str(word) for word in arguments], env=environment, text=True, capture_output=True,
                          timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def by_pip(registry, host, packages, folder, tmp_path):
    """The plugins in an environment of their own (FastAPI is Debian's), of which the host sees its part by a link."""
    venv = tmp_path / "venv"
    pip([PYTHON, "-m", "venv", "--without-pip", "--system-site-packages", venv], tmp_path)
    pip([venv / "bin/python", "-m", "pip", "install", "--index-url", f"{registry.url}/simple/", "--no-deps",
         *[f"{package}=={version}" for package, version in packages]], tmp_path)
    (site,) = venv.glob("lib/python3.*/site-packages")
    (folder / host.arrives).symlink_to(site / host.installed)
    return venv / "bin/python"


def by_sync(registry, host, packages, folder, tmp_path):
    done = registryctl("sync", host.group, "--into", folder / host.arrives, "--format", "json", REGISTRYD_URL=registry.url,
                       REGISTRYD_CACHE_DIR=str(tmp_path / "cache"))
    assert done.code == 0, done.out + done.err
    assert sorted((item["package"], item["version"]) for item in json.loads(done.out)["packages"]) == sorted(packages)
    return PYTHON


@pytest.mark.parametrize("way", [by_pip, by_sync], ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", HOSTS)
def test_the_host_loads_what_was_published_elsewhere(registry, author, machine, name, way, tmp_path):
    host, (packages, files, at_home) = HOSTS[name], author[name]
    assert len(at_home) > len(packages) == len(host.plugins)
    python = way(registry, host, packages, machine, tmp_path)
    assert loaded(run(name, machine, host.settings, python)) == at_home
    if name != "mountaineer":  # whose wheel is what its own build backend makes of the project
        arrived = machine / host.arrives
        assert {path: (arrived / path).read_bytes() for path in files} == files
    if name == "honeyframe":  # what no Python imports: the page and the dbt workspace that the manifest names
        assert {"crm/frontend/src/index.tsx", "crm/dbt/dbt_project.yml", "crm/dbt/models/customer_seats.sql"} <= set(files)


MODES = ("registry", "registry-first", "walk-first", "compare", "walk")
WALKED = ("honeyframe", "fastcms")  # a root may be a link into site-packages; the two others do not follow one below a root


@pytest.mark.parametrize("name", HOSTS)
def test_the_adapter_loads_what_pip_installed_in_every_mode(registry, author, machine, name, tmp_path):
    """With one line changed the host loads the same, whichever of the directories and the registry answers."""
    host, (packages, _, at_home) = HOSTS[name], author[name]
    python = by_pip(registry, host, packages, machine, tmp_path)
    settings = {key: value.format(machine) for key, value in host.settings.items()}
    for mode in MODES if name in WALKED else MODES[:2]:
        done = run_program([python, machine / "with_registry.py"], cwd=machine, REGISTRYD_URL=registry.url, REGISTRYD_MODE=mode,
                           **settings)
        assert loaded(done.out) == at_home, (mode, done.out, done.err)
