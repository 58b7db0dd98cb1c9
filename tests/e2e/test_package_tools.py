# SPDX-License-Identifier: MIT
"""The package tools of Debian against a real daemon: build, upload, resolve, install into an empty environment, load in
a host of docs/examples. Nothing of them is configured but the address and the token."""

import hashlib
import http.client
import http.server
import json
import os
import re
import subprocess
import textwrap
import threading

import pytest

from support.artifacts import wheel
from support.daemon import SOURCE_DIR, Daemon
from support.python_program import python_environment
from support.registryctl import registryctl

PYTHON = "/usr/bin/python3"
GROUP = "tools.plugins"
HOST = SOURCE_DIR / "docs/examples/mountaineer/with_registry.py"
HOST_GROUP = "mountaineer.plugins"
SECONDS = 240
RAW = {"Content-Type": "application/octet-stream"}


@pytest.fixture(scope="module")
def registry():
    with Daemon(arguments=["--log-level", "debug"]) as running:
        yield running


def clean(home, **settings):
    """An environment in which no tool finds settings, credentials or indexes of the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    path = os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"])
    return {**kept, "PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "SOURCE_DATE_EPOCH": "1700000000",
            **settings}


def run(command, home, cwd=None, code=0, **settings):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env=clean(home, **settings), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=SECONDS, check=False)
    assert code is None or done.returncode == code, done.stdout
    return done.stdout


BACKENDS = {
    "hatchling": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n',
    "setuptools": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
    "flit": '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n',
}


def project(folder, name, backend, version="1.0"):
    """A plugin whose entry point says who it is, and which is a plugin of Mountaineer, too."""
    module = name.replace("-", "_")
    folder.mkdir()
    (folder / module).mkdir()
    (folder / module / "__init__.py").write_text(f'"""A plugin."""\n\n\ndef main():\n    return "{name} {version}"\n')
    (folder / module / "plugin.py").write_text(
        f'from mountaineer.plugin import MountaineerPlugin\n\nplugin = MountaineerPlugin(name="{name}")\n')
    (folder / "README.md").write_text("# A plugin\n")
    (folder / "pyproject.toml").write_text(BACKENDS[backend] + textwrap.dedent(f"""
        [project]
        name = "{name}"
        version = "{version}"
        description = "A plugin"
        readme = "README.md"
        requires-python = ">=3.8"
        authors = [{{name = "A", email = "a@example.org"}}]

        [project.entry-points."{GROUP}"]
        "{name}" = "{module}:main"

        [project.entry-points."{HOST_GROUP}"]
        "{name}" = "{module}.plugin:plugin"
        """))
    return folder


def poetry_project(folder, name, version="1.0"):
    project(folder, name, "flit", version)
    module = name.replace("-", "_")
    (folder / "pyproject.toml").write_text(textwrap.dedent(f"""
        [build-system]
        requires = ["poetry-core"]
        build-backend = "poetry.core.masonry.api"

        [tool.poetry]
        name = "{name}"
        version = "{version}"
        description = "A plugin"
        readme = "README.md"
        authors = ["A <a@example.org>"]
        packages = [{{include = "{module}"}}]

        [tool.poetry.dependencies]
        python = ">=3.8"

        [tool.poetry.plugins."{GROUP}"]
        "{name}" = "{module}:main"

        [tool.poetry.plugins."{HOST_GROUP}"]
        "{name}" = "{module}.plugin:plugin"
        """))
    return folder


@pytest.fixture
def empty(tmp_path):
    """An empty virtual environment, made by Debian's own venv; Debian's pip installs into it from outside."""
    place = tmp_path / "venv"
    run([PYTHON, "-m", "venv", "--without-pip", place], tmp_path)
    return place


def pip_install(registry, venv, home, *wanted, code=0, index=None, **settings):
    index = index or f"{registry.url}/simple/"
    return run([PYTHON, "-m", "pip", "--python", venv / "bin/python", "install", "--index-url", index, *wanted], home, code=code, **settings)


def load(venv, home, name):
    """What the plugin answers in that environment: found and loaded as a host does it."""
    program = ("import importlib.metadata as m\n"
               f"e, = [e for e in m.entry_points(group='{GROUP}') if e.name == '{name}']\nprint(e.load()())")
    return run([venv / "bin" / "python", "-c", program], home).strip()


def host_plugins(registry, venv):
    """The plugins that a host of docs/examples registers in that environment: it asks the registry and imports what is
    installed. FastAPI is Debian's."""
    settings = python_environment(PYTHONPATH="/usr/lib/python3/dist-packages", REGISTRYD_URL=registry.url,
                                  REGISTRYD_MODE="registry", XDG_CACHE_HOME=venv / "cache")
    done = subprocess.run([str(venv / "bin/python"), str(HOST)], env=settings, text=True, capture_output=True,
                          timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split()[0] for line in done.stdout.splitlines() if line.endswith("controllers")]


def assert_works(registry, venv, home, name, version="1.0"):
    told = registryctl("resolve", GROUP, "--format", "json", REGISTRYD_URL=registry.url)
    assert told.code == 0, told.err
    assert version in [r["version"] for r in json.loads(told.out) if r["package"] == name]
    pip_install(registry, venv, home, name)
    assert load(venv, home, name) == f"{name} {version}"
    assert host_plugins(registry, venv) == [name]


# ---- build, upload, resolve, install, load ----

def twine(registry, home, *files, code=0, options=()):
    return run(["twine", "upload", "--non-interactive", "--disable-progress-bar", *options, *files], home, code=code,
               TWINE_REPOSITORY_URL=f"{registry.url}/legacy/", TWINE_USERNAME="__token__",
               TWINE_PASSWORD=registry.publisher_token)


@pytest.mark.parametrize("backend", ["hatchling", "setuptools"])
def test_build_and_twine(registry, tmp_path, empty, backend):
    name = f"by-twine-{backend}"
    folder = project(tmp_path / "project", name, backend)
    run([PYTHON, "-m", "build", "--no-isolation", "--skip-dependency-check"], tmp_path, folder)
    files = sorted((folder / "dist").iterdir(), key=lambda path: path.suffix != ".whl")
    assert [path.suffix for path in files] == [".whl", ".gz"]
    twine(registry, tmp_path, *files)
    assert_works(registry, empty, tmp_path, name)
    twine(registry, tmp_path, *files)  # the same again is no error


def test_twine_skips_what_exists_and_shows_why(registry, tmp_path):
    name = "twice"
    first = project(tmp_path / "first", name, "hatchling")
    run([PYTHON, "-m", "build", "--no-isolation", "--skip-dependency-check", "--wheel"], tmp_path, first)
    twine(registry, tmp_path, *(first / "dist").iterdir())
    second = project(tmp_path / "second", name, "hatchling")
    (second / "twice" / "more.py").write_text("x = 1\n")
    run([PYTHON, "-m", "build", "--no-isolation", "--skip-dependency-check", "--wheel"], tmp_path, second)
    told = twine(registry, tmp_path, *(second / "dist").iterdir(), code=1)
    assert "File already exists" in told
    told = twine(registry, tmp_path, *(second / "dist").iterdir(), options=["--skip-existing"])
    assert "Skipping" in told


def test_flit(registry, tmp_path, empty):
    folder = project(tmp_path / "project", "by-flit", "flit")
    run(["flit", "publish"], tmp_path, folder, FLIT_INDEX_URL=f"{registry.url}/legacy/",
        FLIT_USERNAME="__token__", FLIT_PASSWORD=registry.publisher_token)
    assert_works(registry, empty, tmp_path, "by-flit")


def test_poetry(registry, tmp_path, empty):
    folder = poetry_project(tmp_path / "project", "by-poetry")
    run(["poetry", "publish", "--build", "--no-interaction", "--repository", "plugins"], tmp_path, folder,
        POETRY_REPOSITORIES_PLUGINS_URL=f"{registry.url}/legacy/", POETRY_HTTP_BASIC_PLUGINS_USERNAME="__token__",
        POETRY_HTTP_BASIC_PLUGINS_PASSWORD=registry.publisher_token)
    assert_works(registry, empty, tmp_path, "by-poetry")


# ---- what pip honours ----

def publish(registry, name, version, **fields):
    module = name.replace("-", "_")
    code = f'def main():\n    return "{name} {version}"\n'.encode()
    filename, data = wheel(name, version, f"[{GROUP}]\n{name} = {module}:main\n", files={f"{module}.py": code}, **fields)
    answer = registry.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)
    assert answer.status == 201, answer.body
    return filename, data


def test_pip_honours_yank(registry, tmp_path, empty):
    for version in ("1.0", "2.0"):
        publish(registry, "yanked-tool", version)
    registry.post("/v1/packages/yanked-tool/releases/2.0/yank", {"reason": "it burns"})
    pip_install(registry, empty, tmp_path, "yanked-tool")
    assert load(empty, tmp_path, "yanked-tool") == "yanked-tool 1.0"
    told = pip_install(registry, empty, tmp_path, "yanked-tool==2.0")
    assert "it burns" in told and load(empty, tmp_path, "yanked-tool") == "yanked-tool 2.0"


def test_pip_honours_requires_python(registry, tmp_path, empty):
    publish(registry, "future", "1.0")
    publish(registry, "future", "2.0", Requires_Python=">=4")
    pip_install(registry, empty, tmp_path, "future")
    assert load(empty, tmp_path, "future") == "future 1.0"


def test_pip_honours_hashes(registry, tmp_path, empty):
    _, data = publish(registry, "hashed", "1.0")
    good = tmp_path / "good.txt"
    good.write_text(f"hashed==1.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")
    pip_install(registry, empty, tmp_path, "--require-hashes", "-r", good)
    assert load(empty, tmp_path, "hashed") == "hashed 1.0"
    bad = tmp_path / "bad.txt"
    bad.write_text(f"hashed==1.0 --hash=sha256:{'0' * 64}\n")
    told = pip_install(registry, empty, tmp_path, "--force-reinstall", "--require-hashes", "-r", bad, code=1)
    assert "DO NOT MATCH THE HASHES" in told


@pytest.mark.parametrize("of", ["package", "release"])
def test_pip_gets_nothing_that_is_quarantined(registry, tmp_path, empty, of):
    name = f"poison-{of}"
    publish(registry, name, "1.0")
    place = f"/v1/packages/{name}" if of == "package" else f"/v1/packages/{name}/releases/1.0"
    assert registry.put(f"{place}/status", {"status": "quarantined", "reason": "r"}).status == 200
    told = pip_install(registry, empty, tmp_path, name, code=1)
    assert "No matching distribution found" in told


def test_pip_follows_dependencies_between_plugins(registry, tmp_path, empty):
    publish(registry, "base-tool", "1.0")
    publish(registry, "upper-tool", "1.0", Requires_Dist=["base_tool>=1"])
    pip_install(registry, empty, tmp_path, "Upper.Tool")
    assert load(empty, tmp_path, "base-tool") == "base-tool 1.0"


class HtmlOnly(http.server.BaseHTTPRequestHandler):
    """Passes requests on, but asks for HTML: Debian's pip 23.0 reads PEP 658 only there (PEP 714 says why)."""

    address = None

    def do_GET(self):
        upstream = http.client.HTTPConnection(self.address, timeout=60)
        upstream.request("GET", self.path, headers={"Accept": "text/html"})
        answer = upstream.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name in ("Content-Type", "Location"):
            if answer.headers[name]:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        upstream.close()

    def log_message(self, *_):
        pass


def test_pip_reads_metadata_in_place_of_wheels(registry, tmp_path, empty):
    """Two versions of an upper plugin: the newer cannot be met, and pip learns that without its wheel."""
    publish(registry, "meta-base", "1.0")
    publish(registry, "meta-upper", "1.0", Requires_Dist=["meta-base==1.0"])
    newer, data = publish(registry, "meta-upper", "2.0", Requires_Dist=["meta-base==9.9"])
    HtmlOnly.address = registry.address
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), HtmlOnly)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        pip_install(registry, empty, tmp_path, "meta-upper", index=f"http://127.0.0.1:{server.server_port}/simple/")
    finally:
        server.shutdown()
        server.server_close()
    assert load(empty, tmp_path, "meta-upper") == "meta-upper 1.0"
    asked = re.findall(r"event=request .*?target=(\S+) status=(\d+)", registry.log())
    address = f"/files/{hashlib.sha256(data).hexdigest()}/{newer}"
    assert (address + ".metadata", "200") in asked
    assert not [status for target, status in asked if target == address]


def test_pip_signs_in_where_reading_is_closed(tmp_path, empty):
    with Daemon(arguments=["--reading", "closed"]) as closed:
        publish(closed, "secret-tool", "1.0")
        token = closed.post("/v1/tokens", {"name": "reader", "scopes": ["read"], "grant": True},
                            token=closed.admin_token).json["token"]
        told = pip_install(closed, empty, tmp_path, "secret-tool", code=1)
        assert "401" in told or "User for" in told or "No matching" in told
        index = f"http://__token__:{token}@{closed.address}/simple/"
        told = pip_install(closed, empty, tmp_path, "secret-tool", index=index)
        assert token not in told
        assert load(empty, tmp_path, "secret-tool") == "secret-tool 1.0"
        (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login anybody password {token}\n")
        (tmp_path / ".netrc").chmod(0o600)
        pip_install(closed, empty, tmp_path, "--force-reinstall", "--no-cache-dir", "secret-tool")
