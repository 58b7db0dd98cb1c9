# SPDX-License-Identifier: MIT
"""registryctl import and publish with folders of wheels and sdists."""

import hashlib
import re

import pytest
from support.access import make_token
from support.artifacts import sdist, wheel
from support.daemon import Daemon
from support.registryctl import on_terminal, registryctl

PUBLISH = ["publish:new", "publish:update", "group:publish"]


def settings(daemon, token=None):
    return {"REGISTRYD_URL": daemon.url, "REGISTRYD_TOKEN": token or daemon.publisher_token}


def lay(folder, *files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        (folder / name).write_bytes(data)
    return folder


def files_of(daemon, name):
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    page = daemon.get(f"/simple/{name}/", headers=accept)
    return {file["filename"]: file for file in page.json["files"]} if page.status == 200 else {}


def run(daemon, *arguments, code=0, token=None):
    done = registryctl("import", "--format", "json", *arguments, **settings(daemon, token))
    assert done.code == code, done.out + done.err
    return done.json


def test_a_folder(daemon, tmp_path):
    made = [wheel("i1-b", "1.0"), sdist("i1-b", "1.0"), wheel("i1-b", "1.10"), wheel("i1-b", "1.9"), sdist("i1-a", "2.0")]
    lay(tmp_path / "deep" / "er", *made[:3])
    lay(tmp_path / "other", *made[3:])
    lay(tmp_path / ".hidden", wheel("i1-hidden", "1.0"))
    (tmp_path / "notes.txt").write_text("no file of a package")
    (tmp_path / "data.zip").write_bytes(b"neither")
    answer = run(daemon, tmp_path)
    assert [(file["package"], file["version"], file["file"].endswith(".whl")) for file in answer["files"]] == [
        ("i1-a", "2.0", False), ("i1-b", "1.0", True), ("i1-b", "1.0", False), ("i1-b", "1.9", True), ("i1-b", "1.10", True)]
    assert answer["added"] == 5 and answer["refused"] == 0
    for name, data in made:
        package = "i1-a" if "i1_a" in name else "i1-b"
        assert files_of(daemon, package)[name]["hashes"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert not files_of(daemon, "i1-hidden")
    again = run(daemon, tmp_path)
    assert again["unchanged"] == 5 and again["added"] == 0


def test_a_refused_file_does_not_stop_the_others(daemon, tmp_path):
    good = wheel("i2", "2.0")
    lay(tmp_path, wheel("i2", "1.0"), good, ("i2-3.0-py3-none-any.whl", b"no zip"), ("odd.whl", b"x"),
        ("i2-4.0-py3-none-any.whl", wheel("i2", "4.1")[1]))
    answer = run(daemon, tmp_path, code=3)
    outcome = {file["file"].rpartition("/")[2]: file for file in answer["files"]}
    assert {name: file["outcome"] for name, file in outcome.items()} == {
        "i2-1.0-py3-none-any.whl": "added", good[0]: "added", "i2-3.0-py3-none-any.whl": "refused",
        "odd.whl": "refused", "i2-4.0-py3-none-any.whl": "refused"}
    assert all(file["error"]["message"] for file in answer["files"] if file["outcome"] == "refused")
    other = lay(tmp_path / "other", wheel("i2", "2.0", files={"i2.py": b"y = 2\n"}))
    shown = on_terminal("import", other, **settings(daemon))
    assert shown.code == 3 and "refused" in shown.out and "(file-exists)" in shown.out
    assert "0 added, 0 unchanged, 1 refused" in re.sub(r"\x1b\[\d*m", "", shown.out)
    assert "waiting" not in shown.out


def test_only_some_groups(daemon, tmp_path):
    lay(tmp_path, wheel("i3-a", "1.0", "[i3.plugins]\na = i3_a:x\n"), wheel("i3-b", "1.0", "[other]\nb = i3_b:x\n"))
    answer = run(daemon, tmp_path, "--group", "i3.plugins")
    assert answer["added"] == 1 and answer["left_out"] == 1
    assert files_of(daemon, "i3-a") and not files_of(daemon, "i3-b")


def test_nothing_there(daemon, tmp_path):
    (tmp_path / "x.txt").write_text("x")
    assert registryctl("import", tmp_path, **settings(daemon)).code == 2
    assert registryctl("import", tmp_path / "absent", **settings(daemon)).code == 2
    assert registryctl("import", **settings(daemon)).code == 2
    lay(tmp_path, wheel("i4", "1.0"), wheel("i4", "2.0"))
    done = registryctl("import", "--format", "json", tmp_path, REGISTRYD_TOKEN="plg_x")
    assert done.code == 4 and [file["outcome"] for file in done.json["files"]] == ["refused", "not sent"]
    assert run(daemon, tmp_path, token="plg_wrong", code=3)["not_sent"] == 1


def test_publish_takes_a_folder(daemon, tmp_path):
    lay(tmp_path / "a", wheel("i5", "1.0"))
    lay(tmp_path / "b", sdist("i5", "1.0"), wheel("i5", "2.0"))
    done = registryctl("publish", "--format", "json", tmp_path, **settings(daemon))
    assert done.code == 0, done.err
    assert [(o["version"], o["outcome"]) for o in done.json] == [("1.0", "published"), ("1.0", "published"), ("2.0", "published")]
    checked = registryctl("check", "--format", "json", tmp_path, **settings(daemon))
    assert checked.code == 0 and len(checked.json) == 3
    (tmp_path / "none").mkdir()
    assert registryctl("publish", tmp_path / "none", **settings(daemon)).code == 2


@pytest.fixture(scope="module")
def slow():
    with Daemon(arguments=["--publishes-per-minute", "60", "--new-names-per-hour", "1200", "--new-names-burst", "2"]) as running:
        yield running


def test_a_rate_limit_is_waited_for(slow, tmp_path):
    lay(tmp_path / "pipe", *(wheel(f"i6-{number}", "1.0") for number in range(3)))
    token = make_token(slow, "hurry", PUBLISH, grant=True)
    done = registryctl("import", "--format", "json", tmp_path / "pipe", **settings(slow, token))
    assert done.code == 0 and done.json["added"] == 3, done.out + done.err
    lines = [line for line in done.err.splitlines() if "waiting" in line]
    assert lines and all(re.fullmatch(r"registryctl: waiting \d s: rate limit of the registry", line) for line in lines)
    lay(tmp_path / "terminal", *(wheel(f"i6-{number}", "1.0") for number in range(3, 6)))
    other = make_token(slow, "hasty", PUBLISH, grant=True)
    shown = on_terminal("publish", tmp_path / "terminal", **settings(slow, other))
    assert shown.code == 0 and re.search(r"waiting \d s: rate limit of the registry", shown.out)


def test_with_the_scope_import_there_is_no_limit(slow, tmp_path):
    token = make_token(slow, "mover", [*PUBLISH, "import"], grant=True, days=1)
    lay(tmp_path, *(wheel(f"i7-{number}", "1.0") for number in range(40)))
    done = registryctl("import", "--format", "json", tmp_path, **settings(slow, token))
    assert done.code == 0 and done.json["added"] == 40 and "waiting" not in done.err
