# SPDX-License-Identifier: MIT
"""A first import, an export and its way into another registry, while both sides are killed: run again, everything is
there once and whole.

REGISTRYD_IMPORTS and REGISTRYD_IMPORT_KILLS say how much: 40 wheels and 2 kills of each kind unless told; 3,000 and 10 in
a long run.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import time

from support.access import make_token
from support.artifacts import sdist, wheel
from support.daemon import Daemon
from support.registryctl import PROGRAM, environment

WHEELS = int(os.environ.get("REGISTRYD_IMPORTS", "40"))
KILLS = int(os.environ.get("REGISTRYD_IMPORT_KILLS", "2"))
DICE = random.Random(int(os.environ.get("REGISTRYD_SEED", "1")))
PUBLISH = ["publish:new", "publish:update", "group:publish", "yank", "import"]
SECONDS = 1200


def steady(**options):
    """A daemon that comes back at its address."""
    daemon = Daemon(**options)
    daemon.arguments += ["--listen", daemon.address]
    return daemon


def until_done(arguments, daemon, token, kill_daemon=True):
    """Runs the command again and again; KILLS runs are killed, and as often the daemon is, as long as there is work to
    do: a kill that comes too late is tried earlier in the next run. The number of runs, and the last answer."""
    settings = environment(REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=token)
    command = [str(PROGRAM), "--format", "json", *map(str, arguments)]
    runs, done, pause, kills = 0, 0, 0.1, {"client": KILLS, "daemon": KILLS if kill_daemon else 0}
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        runs += 1
        process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        left = [kind for kind, count in kills.items() if count]
        if left:
            time.sleep(pause * (0.5 + DICE.random()))
            kind = DICE.choice(left)
            if process.poll() is None:
                kills[kind] -= 1
                pause *= 1.2
                if kind == "client":
                    process.send_signal(signal.SIGKILL)
                else:
                    daemon.kill()
                    daemon.start()
            else:
                pause *= 0.5
        out, err = process.communicate(timeout=SECONDS)
        done += process.returncode == 0
        if process.returncode == 0 and (done == 3 or not any(kills.values())):
            return runs, json.loads(out)
        assert process.returncode in (0, 4, -signal.SIGKILL), (process.returncode, out[-2000:], err[-2000:])
    raise AssertionError("the command does not come to an end")


def changes_of(daemon):
    """How often each change was recorded: {(kind, package, version): count}."""
    counts, since = {}, 0
    while True:
        answer = daemon.get(f"/v1/changes?since={since}&limit=1000").json
        for change in answer["changes"]:
            key = (change["kind"], change["package"], change["version"])
            counts[key] = counts.get(key, 0) + 1
            since = change["serial"]
        if not answer["changes"]:
            return counts


def check(daemon, made):
    """Every file is there once, byte by byte."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    for (name, _), files in made.items():
        page = {file["filename"]: file for file in daemon.get(f"/simple/{name}/", headers=accept).json["files"]}
        for filename, data in files:
            digest = hashlib.sha256(data).hexdigest()
            assert page[filename]["hashes"]["sha256"] == digest
            if DICE.random() < 200 / WHEELS:
                assert daemon.get(f"/files/{digest}/{filename}").body == data
    counts = changes_of(daemon)
    assert {key: count for key, count in counts.items() if key[0] == "publish" and count != 1} == {}
    for (name, version), files in made.items():
        assert counts[("publish", name, version)] == 1 and counts[("artifact", name, version)] == len(files)


def make(folder):
    """{(package, version): files}, laid into folders."""
    made = {}
    for number in range(WHEELS):
        name, version = f"k{number // 2:05}", f"1.{number % 2}"
        files = [wheel(name, version, f"[k.plugins]\n{name} = {name}:x\n")]
        files += [sdist(name, version)] if number % 10 == 0 else []
        made[(name, version)] = files
        place = folder / f"{number % 7}"
        place.mkdir(exist_ok=True)
        for filename, data in files:
            (place / filename).write_bytes(data)
    return made


def test_nothing_is_doubled_and_nothing_is_lost(tmp_path):
    (tmp_path / "files").mkdir()
    made = make(tmp_path / "files")
    with steady() as source, steady() as target:
        token = make_token(source, "mover", PUBLISH, grant=True, days=1)
        _, answer = until_done(["import", tmp_path / "files"], source, token)
        assert answer["refused"] == 0 and answer["added"] + answer["unchanged"] == sum(map(len, made.values()))
        check(source, made)
        until_done(["export", tmp_path / "out"], source, token)
        manifest = json.loads((tmp_path / "out" / "manifest").read_text().splitlines()[0])
        held = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
        assert {path for path in held if not path.startswith(".")} == {"manifest", *manifest["files"]}
        for path, entry in manifest["files"].items():
            data = (tmp_path / "out" / path).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (entry["sha256"], entry["size"])
        token = make_token(target, "mover", PUBLISH, grant=True, days=1)
        _, answer = until_done(["import", tmp_path / "out"], target, token)
        assert answer["refused"] == 0
        check(target, made)
