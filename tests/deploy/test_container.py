# SPDX-License-Identifier: MIT
"""The container example, without a container engine: the steps of the Containerfile run in bare Debians, and the image
runs as compose.yaml says, beside a PostgreSQL."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
import yaml
from support.bare_debian import BareDebian, reason_to_skip, usual_port
from support.containerfile import Stage, instructions, stages
from support.postgres import Cluster
from support.registryctl import SOURCE_DIR

EXAMPLE = SOURCE_DIR / "docs" / "examples" / "container"
PORT = usual_port()
CONTAINERFILE = (EXAMPLE / "Containerfile").read_text().replace("7621", str(PORT))
COMPOSE = yaml.safe_load((EXAMPLE / "compose.yaml").read_text())

reason = reason_to_skip()


def test_the_image_is_not_run_by_root():
    words = [word for word, _ in instructions(CONTAINERFILE)]
    assert words[words.index("USER"):].count("RUN") == 0
    assert dict(instructions(CONTAINERFILE))["USER"] == "registryd"
    assert words.count("VOLUME") == words.count("HEALTHCHECK") == words.count("USER") == 1


def test_the_parts_of_compose_fit_the_image():
    service = COMPOSE["services"]["registryd"]
    image = dict(instructions(CONTAINERFILE))
    (volume,) = service["volumes"]
    assert volume.split(":")[1] == image["VOLUME"]
    assert service["ports"][0].replace("7621", str(PORT)).endswith(f":{image['EXPOSE']}")
    assert (EXAMPLE / service["build"]["context"]).resolve() == SOURCE_DIR.resolve()
    assert service["build"]["dockerfile"] == str((EXAMPLE / "Containerfile").relative_to(SOURCE_DIR))
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])


def context(folder):
    """What COPY sees: the files of the sources, without what .dockerignore names."""
    listed = subprocess.run(["git", "-C", SOURCE_DIR, "ls-files", "-z", "-co", "--exclude-standard"], check=True,
                            capture_output=True).stdout  # fmt: skip
    for name in listed.decode().split("\0"):
        if name and os.path.lexists(SOURCE_DIR / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SOURCE_DIR / name, folder / name, follow_symlinks=False)
    return folder


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    if reason:
        pytest.skip(reason)
    sources = context(tmp_path_factory.mktemp("context"))
    made = {}
    try:
        for name, lines in stages(CONTAINERFILE).items():
            made[name] = Stage(BareDebian(), sources, dict(made))
            for word, rest in lines:
                begin = time.monotonic()
                made[name].run(word, rest)
                if word == "RUN":
                    print(f"stage {name}: {time.monotonic() - begin:5.1f} s  {rest[:60]}")
        yield made[name]
    finally:
        for stage in made.values():
            stage.debian.close()


class ServedCluster(Cluster):
    """One that answers on a port of this machine."""

    def __init__(self):
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            super().__init__(listen_addresses="'127.0.0.1'", port=listening.getsockname()[1])

    def conninfo(self, database):
        return f"{super().conninfo(database)} port={self.settings['port']}"


@pytest.fixture(scope="module")
def database():
    with ServedCluster() as cluster:
        cluster.create_database()
        yield cluster


def write_secrets(image, port):
    """By the commands of the README; the address is that of the test's database."""
    (script,) = re.findall(r"```sh\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.DOTALL)
    home = image.debian.root / "run/secrets"
    home.mkdir(parents=True)
    work = script.replace("cd docs/examples/container", f"cd {home.parent}")
    subprocess.run(["sh", "-ec", work], check=True)
    password = (home / "postgres-password").read_text()
    assert re.fullmatch(r"[0-9A-Za-z]{20,}", password)
    config = (home / "registryd.yaml").read_text()
    assert f"registry:{password}@database/registry" in config
    config = config.replace(f"registry:{password}@database/registry", f"postgres@127.0.0.1:{port}/test1")
    (home / "registryd.yaml").write_text(config)
    (home / "registryd.yaml").chmod(0o444)  # as compose mounts it


def test_the_image_runs_beside_a_database(image, database):
    write_secrets(image, database.settings["port"])
    log = image.debian.home / "log"
    with open(log, "w") as output:
        process = subprocess.Popen(image.command(*image.facts["ENTRYPOINT"], *COMPOSE["services"]["registryd"]["command"]),
                                   stdout=output, stderr=output)  # fmt: skip
    try:
        end = time.monotonic() + 60
        assert not image.is_healthy() or "event=ready" in log.read_text()
        while not image.is_healthy():
            assert process.poll() is None and time.monotonic() < end, log.read_text()
            time.sleep(0.2)
        token = (image.debian.root / "var/lib/registryd/admin.token").read_text().strip()
        said = subprocess.run(image.command("env", f"REGISTRYD_TOKEN={token}", "registryctl", "token", "list", "--format", "json"),
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert said.returncode == 0, said.stderr
        database.stop()
        time.sleep(6)
        assert not image.is_healthy()  # the database is away
        database.start()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0, log.read_text()
    assert not image.is_healthy()
