# SPDX-License-Identifier: MIT
"""A host over a registry's day: it watches, the registry is killed and comes back, is restored under another
history; at every moment the host gets its plugins, and never older ones."""

import json
import subprocess
import time

import pytest
from support.daemon import Daemon
from support.registryctl import PROGRAM, environment, registryctl

GROUP = "app.plugins"
SECONDS = 60


def publish(daemon, version):
    document = {"name": "crm", "version": version, "entry_points": {GROUP: {"crm": "crm:plugin"}}}
    answer = daemon.put(f"/v1/packages/crm/releases/{version}", document)
    assert answer.status == 201, answer.body
    return answer.json["serial"]


@pytest.fixture
def settings(tmp_path):
    return {"REGISTRYD_CACHE_DIR": str(tmp_path / "cache")}


def found(daemon, settings):
    """The version that the host gets, wherever it comes from."""
    done = registryctl("discover", GROUP, "--mode", "registry", REGISTRYD_URL=daemon.url, **settings)
    assert done.code == 0, done.err
    return [record["version"] for record in done.json]


def kept(daemon, settings):
    """(serial, versions) of what is kept; a file that is not sound would fail here."""
    done = registryctl("snapshot", "verify", REGISTRYD_URL=daemon.url, **settings)
    shown = registryctl("snapshot", "show", REGISTRYD_URL=daemon.url, **settings)
    assert done.code == shown.code == 0, done.err
    return done.json["serial"], [record["version"] for record in shown.json]


def wait_for(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_host_gets_its_plugins_all_day(tmp_path, settings):
    with Daemon() as daemon:
        publish(daemon, "1.0")
        watch = subprocess.Popen([PROGRAM, "watch", "--format", "json"], env=environment(REGISTRYD_URL=daemon.url, **settings), text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert json.loads(watch.stdout.readline())["event"] == "snapshot"
            publish(daemon, "2.0")
            wait_for(lambda: kept(daemon, settings)[1] == ["2.0"])
            serials = [kept(daemon, settings)[0]]
            for version in ("3.0", "4.0"):
                daemon.kill()
                assert found(daemon, settings) == [f"{float(version) - 1:.1f}"]
                daemon.start(arguments=["--listen", daemon.address])
                publish(daemon, version)
                wait_for(lambda wanted=version: kept(daemon, settings)[1] == [wanted])
                serials.append(kept(daemon, settings)[0])
            assert serials == sorted(serials)
        finally:
            watch.terminate()
            _, told = watch.communicate(timeout=SECONDS)
        assert watch.returncode == 0 and "retrying in" in told
        daemon.stop()
        assert found(daemon, settings) == ["4.0"]


def test_of_two_histories_only_the_later_counts(tmp_path, settings):
    """Two registries at one address, one after the other: the first does not come back."""
    with Daemon() as first:
        publish(first, "1.0")
        publish(first, "1.1")
        time.sleep(1.1)  # the number of an epoch is at least the second in which it began
        with Daemon() as second:
            publish(second, "2.0")
            first.stop()
            second.stop()

            def pull(daemon):
                daemon.start(arguments=["--listen", first.address])
                done = registryctl("snapshot", "pull", REGISTRYD_URL=f"http://{first.address}", **settings)
                daemon.stop()
                return done

            assert pull(first).code == 0
            assert pull(second).code == 0 and kept(first, settings)[1] == ["2.0"]
            refused = pull(first)
            assert refused.code == 3 and "which a newer history has replaced" in refused.err
            assert kept(first, settings)[1] == ["2.0"]
