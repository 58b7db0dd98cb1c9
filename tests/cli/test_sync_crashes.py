# SPDX-License-Identifier: MIT
"""registryctl sync dies at any moment: while it makes a set, exchanges it, goes back, or removes old sets. The directory
then holds one whole set, every kept set is whole and has its own number, and the next run works.

REGISTRYD_SYNC_KILLS says how often it is killed: 15 times unless told; 200 in a long run.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from support.registryctl import PROGRAM, environment
from support.sync_host import GROUP, MARKER, SyncHost, plugin

KILLS = int(os.environ.get("REGISTRYD_SYNC_KILLS", "15"))
SEED = int(os.environ.get("REGISTRYD_SEED", "4"))
PLUGINS = [f"killed{number}" for number in range(8)]
OPERATIONS = {"sync": (GROUP,), "prune": (GROUP, "--keep", "1"), "rollback": ("--rollback",)}


@pytest.fixture
def host(daemon, tmp_path, request):
    return SyncHost(daemon, tmp_path, "crash-" + str(abs(hash(request.node.name)) % 10**9))


def pin(host, version, names=PLUGINS):
    document = {"policy": {"plugins": "listed"}, "plugins": {name: {"enabled": True, "pin": f"=={version}"} for name in names}}
    answer = host.daemon.put(f"/v1/environments/{host.name}", document, token=host.daemon.admin_token)
    assert answer.status in (200, 201), answer.body


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and path.name != MARKER}


def number(folder):
    return json.loads((folder / MARKER).read_text())["set"]


def kept(host):
    """{number in the marker: folder} of the earlier sets."""
    folders = list((host.into.parent / ".plugins.sync/sets").iterdir())
    found = {number(folder): folder for folder in folders}
    assert len(found) == len(folders)
    return found


def assert_whole(host, sets):
    """The directory and every kept set is one of the sets that were whole, and no number is there twice."""
    assert content(host.into) in sets, "half a set"
    assert number(host.into) not in kept(host)
    for folder in kept(host).values():
        assert content(folder) in sets, f"half a set in {folder}"


def kill(host, operation, seconds):
    """Whether the command was still at work."""
    command = [str(PROGRAM), "sync", *OPERATIONS[operation], "--into", str(host.into)]
    process = subprocess.Popen(command, env=environment(**host.settings), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_a_killed_sync_leaves_one_set_or_the_other(host, tmp_path):
    dice = random.Random(SEED)
    sets, longest = {}, {}
    for version in ("1.0", "2.0"):
        host.publish(*[plugin(tmp_path, name, version) for name in PLUGINS], enable=False)
        pin(host, version)
        begun = time.monotonic()
        host.sync()
        sets[version] = host.holds()
        longest["sync"] = longest["prune"] = time.monotonic() - begun
    begun = time.monotonic()
    host.sync("--rollback")
    longest["rollback"] = time.monotonic() - begun
    killed = dict.fromkeys(OPERATIONS, 0)
    for attempt in range(KILLS):
        version = ("1.0", "2.0")[attempt % 2]
        pin(host, version)
        operation = dice.choice(list(OPERATIONS))
        killed[operation] += kill(host, operation, dice.random() * longest[operation])
        assert_whole(host, sets.values())
        host.sync()
        assert host.holds() == sets[version]
        assert_whole(host, sets.values())
        assert sorted(path.name for path in (tmp_path / ".plugins.sync").iterdir()) == ["lock", "sets", "wheels"]
        assert all(folder.name == str(number) for number, folder in kept(host).items())
    assert sum(killed.values()) > KILLS // 3, killed


# ---- the steps between which a crash is rare, one by one ----

@pytest.fixture
def three(host, tmp_path):
    """Sets 1 and 2 are kept, 3 is in the directory; {number: content}."""
    held = {}
    for count, version in enumerate(("1.0", "2.0", "3.0"), 1):
        host.publish(plugin(tmp_path, "steps", version), enable=False)
        pin(host, version, ["steps"])
        host.sync()
        held[count] = host.holds()
    return held


def exchange(one, other):
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_between_the_exchange_of_a_rollback_and_its_renaming(host, three, tmp_path):
    """sets/2 holds set 3, as its marker says: it is neither lost nor taken for set 2."""
    sets = tmp_path / ".plugins.sync/sets"
    exchange(sets / "2", host.into)
    assert host.sync("--rollback")["set"] == 1 and host.holds() == three[1]
    assert {number: content(folder) for number, folder in kept(host).items()} == {2: three[2], 3: three[3]}
    assert sorted(path.name for path in sets.iterdir()) == ["2", "3"]
    assert host.sync()["set"] == 4 and host.holds() == three[3]  # the environment's answer again
    assert {number: content(folder) for number, folder in kept(host).items()} == three


def test_between_the_exchange_of_a_new_set_and_its_filing(host, three, tmp_path):
    """"next" holds the set that was replaced, by its number below the current one."""
    (tmp_path / ".plugins.sync/sets/2").rename(tmp_path / ".plugins.sync/next")
    assert not host.sync()["changed"]
    assert {number: content(folder) for number, folder in kept(host).items()} == {1: three[1], 2: three[2]}


def test_before_the_exchange_of_a_new_set(host, three, tmp_path):
    later = tmp_path / ".plugins.sync/next"
    shutil.copytree(host.into, later)
    (later / MARKER).write_text((later / MARKER).read_text().replace('"set": 3', '"set": 4'))
    assert not host.sync()["changed"] and host.holds() == three[3]
    assert not later.exists() and sorted(kept(host)) == [1, 2]


def test_in_the_middle_of_removing_a_set(host, three, tmp_path):
    """What is being removed is no set any more: it is not gone back to."""
    state = tmp_path / ".plugins.sync"
    (state / "sets/2").rename(state / "trash")
    next((state / "trash").rglob("router.py")).unlink()
    assert host.sync("--rollback")["set"] == 1 and host.holds() == three[1]
    assert not (state / "trash").exists() and sorted(kept(host)) == [3]


def test_a_folder_of_somebody_else_is_no_set(host, three, tmp_path):
    other = tmp_path / ".plugins.sync/sets/9"
    other.mkdir()
    (other / "theirs.txt").write_text("x")
    assert host.sync("--rollback")["set"] == 2 and host.holds() == three[2]
    assert (other / "theirs.txt").read_text() == "x"
