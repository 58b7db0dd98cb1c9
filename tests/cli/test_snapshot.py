# SPDX-License-Identifier: MIT
"""registryctl snapshot: what a walk found as a file, the same records out of it, and nothing out of a file
that was cut, altered or is another."""

import os
import signal
import subprocess

import pytest
from support.registryctl import PROGRAM, SOURCE_DIR, registryctl

EXAMPLES = SOURCE_DIR / "docs" / "examples"
ROOTS = [f"install={EXAMPLES}/install/plugins", f"data={EXAMPLES}/data/plugins"]


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "plugins.snapshot"
    assert registryctl("snapshot", "build", path, *ROOTS).code == 0
    return path


def test_it_holds_what_the_walk_finds(snapshot):
    walked = registryctl("walk", *ROOTS).json
    assert registryctl("snapshot", "show", snapshot).json == walked
    assert registryctl("snapshot", "show", snapshot, "honeyframe.plugins").json == walked
    assert registryctl("--format", "table", "snapshot", "verify", snapshot).out.count("valid") == 1


def test_a_group_that_is_not_there_is_said(snapshot):
    done = registryctl("snapshot", "show", snapshot, "another.group")
    assert done.code == 1 and "does not hold this group" in done.err


def test_a_cut_or_altered_file_is_refused(snapshot, tmp_path):
    whole = snapshot.read_bytes()
    bad = tmp_path / "bad.snapshot"
    for damaged in (b"", whole[:-1], whole[:100], whole + b"x", b"x" + whole[1:],
                    whole[:600] + bytes([whole[600] ^ 1]) + whole[601:]):
        bad.write_bytes(damaged)
        done = registryctl("snapshot", "verify", bad)
        assert done.code == 3 and "bad.snapshot" in done.err and not done.out


def test_what_is_no_file_is_said(tmp_path):
    assert registryctl("snapshot", "verify", tmp_path / "none").code == 1
    assert registryctl("snapshot", "verify", tmp_path).code == 3
    os.mkfifo(tmp_path / "pipe")
    assert registryctl("snapshot", "verify", tmp_path / "pipe").code == 3
    for arguments in ((), ("build", tmp_path / "x"), ("pack", "x")):
        assert registryctl("snapshot", *arguments).code == 2


def test_a_failed_build_leaves_the_old_file(snapshot):
    before = snapshot.read_bytes()
    assert registryctl("snapshot", "build", snapshot, "/nowhere/at/all").code == 2
    assert snapshot.read_bytes() == before
    assert registryctl("snapshot", "build", snapshot.parent / "no" / "folder", *ROOTS).code != 0
    assert [path.name for path in snapshot.parent.iterdir()] == ["plugins.snapshot"]


def test_a_kill_leaves_the_old_file_or_the_new_one(snapshot):
    """Killed at whatever point: the file is sound afterwards."""
    for milliseconds in range(20):
        build = subprocess.Popen([PROGRAM, "snapshot", "build", snapshot, *ROOTS],
                                 stdout=subprocess.DEVNULL)
        try:
            build.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            build.send_signal(signal.SIGKILL)
            build.wait()
        assert registryctl("snapshot", "verify", snapshot).code == 0
