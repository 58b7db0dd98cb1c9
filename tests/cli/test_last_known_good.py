# SPDX-License-Identifier: MIT
"""The last known answer: pulled from a registry that behaves in every bad way, kept, and used when the
registry is away. Whatever is answered, what is kept never goes back and the host gets its plugins."""

import itertools
import json
import os
import subprocess
import time

import pytest
from support.fake_registry import FakeRegistry
from support.registryctl import NOWHERE, PROGRAM, environment, registryctl
from support.snapshot_file import EPOCH, MEDIA_TYPE, Snapshot, key_pair, snapshot

GROUP = "app.plugins"
PATH = "/v1/snapshot"
OTHER_EPOCH = "22222222-2222-2222-2222-222222222222"


def record(version="1.0"):
    return {"name": "crm", "value": "crm:plugin", "package": "crm", "version": version, "source": "registry",
            "origin": "/v1/packages/crm/releases/" + version}


def file(serial=5, **more):
    return snapshot({GROUP: [record(f"{serial}.0")]}, serial=serial, **more)


@pytest.fixture
def registry():
    with FakeRegistry() as running:
        yield running


class Host:
    """One host: a cache folder and a registry it asks."""

    def __init__(self, folder, url):
        self.folder, self.url = folder, url

    def run(self, *arguments, **settings):
        return registryctl(*arguments, **{"REGISTRYD_URL": self.url, "REGISTRYD_CACHE_DIR": str(self.folder),
                                          **settings})

    def pull(self, *arguments, **settings):
        return self.run("snapshot", "pull", *arguments, **settings)

    def kept(self):
        """The one file that is kept, checked as Python reads it; None when there is none."""
        files = list(self.folder.glob("*.snapshot")) if self.folder.exists() else []
        assert len(files) <= 1
        return Snapshot(files[0].read_bytes()[:len(files[0].read_bytes())]) if files else None

    def file(self):
        return next(self.folder.glob("*.snapshot"))

    def discover(self, *arguments, **settings):
        """Versions of the plugins that a host gets while the registry is away, and what is said."""
        done = self.run("discover", GROUP, "--mode", "registry", *arguments, **settings)
        assert done.code == 0, done.err
        return [(one["source"], one["version"]) for one in done.json], done.err


@pytest.fixture
def host(tmp_path, registry):
    return Host(tmp_path / "cache", registry.url)


def answer(registry, raw, **headers):
    registry.replies.clear()
    registry.answer("GET", PATH, raw, headers={"Content-Type": MEDIA_TYPE, **headers})


@pytest.fixture
def holding(host, registry):
    """A host that holds serial 5."""
    answer(registry, file(5, made_at=1000))
    assert host.pull().code == 0
    return host


# ---- the good way ----

def test_it_is_pulled_and_kept(host, registry):
    answer(registry, file(5))
    done = host.pull()
    assert done.code == 0 and done.json == {"file": str(host.file()), "replaced": True, "serial": 5, "epoch": EPOCH, "epoch_number": 0}
    assert host.kept().serial == 5 and host.kept().content == file(5, made_at=host.kept().made_at)
    assert registry.url.encode() in host.kept().receipt
    assert "group" not in registry.requests[0].query and registry.requests[0].query["environment"] == ["default"]
    assert "gzip" not in (registry.requests[0].headers["Accept-Encoding"] or "")
    assert [path.name.rpartition(".")[2] for path in sorted(host.folder.iterdir())] == ["snapshot", "lock"]
    assert host.folder.stat().st_mode & 0o777 == 0o700


def test_the_next_time_it_is_asked_for_by_its_tag(holding, registry):
    registry.replies.clear()
    registry.answer("GET", PATH, b"", status=304)
    os.utime(holding.file(), (1, 1))
    done = holding.pull()
    assert done.code == 0 and done.json["replaced"] is False and done.json["serial"] == 5
    tag = registry.requests[-1].headers["If-None-Match"]
    assert len(tag) == 34 and tag[0] == tag[-1] == '"'
    assert time.time() - holding.file().stat().st_mtime < 600  # it is known to be the newest now


def test_the_facts_belong_to_the_file(host, registry):
    facts = ("--python", "3.11", "--have", "honeyframe==4.2", "--marker", "sys_platform=linux", "--tag", "py3-none-any",
             "--group", "b", "--group", "a")
    question = ("environment=prod&group=a&group=b&have=honeyframe%3D%3D4.2&marker=sys_platform%3Dlinux&python=3.11&"
                "tag=py3-none-any")
    answer(registry, file(5, question=question, environment="prod"))
    assert host.pull("--environment", "prod", *facts).code == 0
    assert registry.requests[0].query["have"] == ["honeyframe==4.2"]
    assert host.run("snapshot", "show", "--environment", "prod", *facts).json[0]["version"] == "5.0"
    assert host.run("snapshot", "show", "--environment", "prod").code == 1


def test_a_file_may_be_named(host, registry, tmp_path):
    answer(registry, file(5))
    named = tmp_path / "plugins.snapshot"
    assert host.pull(named).code == 0 and Snapshot(named.read_bytes()).serial == 5
    answer(registry, file(4))
    assert host.pull(named).code == 3 and Snapshot(named.read_bytes()).serial == 5
    assert not host.folder.exists()


# ---- the registry is away ----

def test_without_a_registry_the_kept_answer_stands_in(holding):
    found, told = holding.discover(REGISTRYD_URL=holding.url + "/")  # the same address
    assert "registry-fallback" in told  # the fake one has no /v1/resolve
    assert found == [("registry", "5.0")] and "1970-01-01T00:16:40Z" in told


@pytest.mark.parametrize("mode", ["walk-first", "registry-first", "registry", "compare"])
def test_every_mode_says_so(holding, mode):
    done = holding.run("discover", GROUP, "--mode", mode, "--root", str(holding.folder))
    assert done.code == 0 and "[registry-fallback]" in done.err and "stands in for it" in done.err
    assert [one["version"] for one in done.json] == ([] if mode == "compare" else ["5.0"])


def test_a_slow_registry_is_waited_for_only_briefly(holding, registry):
    registry.answer("GET", "/v1/resolve", {"records": []}, delay_seconds=30)
    start = time.monotonic()
    found, told = holding.discover()
    assert found == [("registry", "5.0")] and "did not answer within 300 ms" in told
    assert time.monotonic() - start < 15


def test_without_a_kept_answer_the_directories_answer(host, tmp_path):
    (tmp_path / "root").mkdir()
    done = host.run("discover", GROUP, "--root", tmp_path / "root")
    assert done.code == 0 and "The directories answer" in done.err and "snapshot-unusable" not in done.err


def test_another_address_has_another_file(holding):
    found, told = holding.discover(REGISTRYD_URL=NOWHERE)
    assert found == [] and "No source answers" in told


# ---- what is answered is bad ----

def whole():
    return file(6)


BAD = {
    "an older serial": (lambda: file(4), 3),
    "an older serial with a later clock": (lambda: file(4, made_at=2**40), 3),
    "another history from before": (lambda: file(900, epoch=OTHER_EPOCH, made_at=999), 3),
    "another environment": (lambda: file(6, environment="prod", question="environment=prod"), 3),
    "another question": (lambda: file(6, question="environment=default&python=3.1"), 3),
    "another format": (lambda: file(6, version=4), 3),
    "the format before": (lambda: file(6, version=1), 3),
    "nothing": (lambda: b"", 3),
    "a page": (lambda: b"<!doctype html><title>Sign in</title>", 3),
    "a text": (lambda: b"x" * 5000, 3),
    "a receipt behind it": (lambda: whole() + b"\x89RGKEPT\n" + bytes(40), 3),
    "one byte more": (lambda: whole() + b"x", 3),
    "one byte less": (lambda: whole()[:-1], 3),
    "the first half": (lambda: whole()[:len(whole()) // 2], 3),
    "the second half": (lambda: whole()[len(whole()) // 2:], 3),
    "two in one": (lambda: whole() + whole(), 3),
    "halves of two": (lambda: whole()[:400] + file(7)[400:], 3),
    "the header of another": (lambda: file(7)[:296] + whole()[296:], 3),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_changes_nothing(holding, registry, name):
    before = holding.file().read_bytes()
    make, code = BAD[name]
    answer(registry, make())
    done = holding.pull()
    assert (done.code, done.out) == (code, "") and done.err.startswith("registryctl: ")
    assert holding.file().read_bytes() == before
    assert holding.discover()[0] == [("registry", "5.0")]


@pytest.mark.parametrize("status, headers, code", [
    (200, {"Content-Type": "application/json"}, 4), (200, {"Content-Type": "text/html"}, 4),
    (206, {"Content-Type": MEDIA_TYPE}, 4), (302, {"Location": "http://127.0.0.1:9/"}, 4),
    (404, {}, 4), (500, {}, 4)])
def test_an_answer_of_another_kind_changes_nothing(holding, registry, status, headers, code):
    registry.replies.clear()
    registry.answer("GET", PATH, whole(), status=status, headers=headers)
    assert holding.pull().code == code and holding.kept().serial == 5


def test_a_refusal_is_told(holding, registry):
    registry.replies.clear()
    registry.problem("GET", PATH, 404, "not-found", 'There is no environment "prod"')
    done = holding.pull()
    assert done.code == 1 and "no environment" in done.err and holding.kept().serial == 5


def test_not_modified_without_having_asked_is_refused(host, registry):
    registry.answer("GET", PATH, b"", status=304)
    assert host.pull().code == 4 and host.kept() is None


def test_an_endless_body_is_cut_off(holding, registry):
    registry.replies.clear()
    registry.stream("GET", PATH, lambda: itertools.repeat(whole()[:1] * 65536), {"Content-Type": MEDIA_TYPE})
    start = time.monotonic()
    done = holding.pull("--timeout", "2")
    assert done.code in (3, 4) and holding.kept().serial == 5
    assert time.monotonic() - start < 30


def test_a_slow_body_is_cut_off(holding, registry):
    def drip():
        for byte in whole():
            yield bytes([byte])
            registry.stopping.wait(0.5)

    registry.replies.clear()
    registry.stream("GET", PATH, drip, {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(whole()))})
    start = time.monotonic()
    done = holding.pull("--timeout", "1")
    assert done.code == 4 and "did not answer within 1000 ms" in done.err and holding.kept().serial == 5
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("length", [10, 100, 300, 450])
def test_a_body_that_breaks_off_changes_nothing(holding, registry, length):
    registry.replies.clear()
    registry.stream("GET", PATH, lambda: [whole()[:length]],
                    {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(whole()))})
    assert holding.pull().code == 4 and holding.kept().serial == 5


def test_a_new_history_is_taken_and_an_old_one_is_not(holding, registry):
    answer(registry, file(1, epoch=OTHER_EPOCH, made_at=2000))
    assert holding.pull().code == 0 and holding.kept().epoch == OTHER_EPOCH
    answer(registry, file(900, made_at=3000))
    done = holding.pull()
    assert done.code == 3 and "remove the cached file" in done.err and holding.kept().epoch == OTHER_EPOCH
    holding.file().unlink()
    assert holding.pull().code == 0 and holding.kept().serial == 900


# ---- what is kept is bad ----

def spoil_by_link(path):
    path.rename(path.with_suffix(".aside"))
    path.symlink_to(path.with_suffix(".aside"))


SPOILED = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "altered": lambda path: path.write_bytes(path.read_bytes().replace(b"crm:plugin", b"bad:plugin")),
    "garbage": lambda path: path.write_bytes(b"garbage"),
    "empty": lambda path: path.write_bytes(b""),
    "without its receipt": lambda path: path.write_bytes(Snapshot(path.read_bytes()).content),
    "writable for all": lambda path: path.chmod(0o666),
    "a link": spoil_by_link,
    "a folder open for all": lambda path: path.parent.chmod(0o777),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_bad_file_is_not_used_and_not_fatal(holding, name):
    SPOILED[name](holding.file())
    found, told = holding.discover()
    assert found == [] and "[snapshot-unusable]" in told and "No source answers" in told


def test_a_bad_file_is_replaced_by_the_next_pull(holding, registry):
    holding.file().write_bytes(b"garbage")
    answer(registry, file(6))
    assert holding.pull().code == 0 and holding.kept().serial == 6


def test_no_home_is_said_and_not_fatal(holding):
    nowhere = {name: "" for name in ("HOME", "XDG_CACHE_HOME", "REGISTRYD_CACHE_DIR")}
    done = holding.pull(**nowhere)
    assert done.code == 1 and "REGISTRYD_CACHE_DIR" in done.err
    found, told = holding.discover(**nowhere)
    assert found == [] and "snapshot-unusable" not in told


def test_a_folder_that_cannot_be_written_or_read(holding, registry):
    """As another user than root, for whom no mode is a hindrance."""
    if os.geteuid():
        become = []
    else:
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        subprocess.run(["chown", "-R", "65534:65534", holding.folder], check=True)
        for above in holding.folder.parents:
            if above.stat().st_uid == 0 and above != above.parent and not above.stat().st_mode & 0o001:
                above.chmod(0o755)

    def run(*arguments):
        settings = environment(REGISTRYD_URL=holding.url, REGISTRYD_CACHE_DIR=str(holding.folder))
        return subprocess.run([*become, PROGRAM, "--format", "json", *arguments], env=settings, capture_output=True, text=True)

    answer(registry, file(6))
    holding.folder.chmod(0o500)
    done = run("snapshot", "pull")
    assert done.returncode == 5 and "Permission denied" in done.stderr and holding.kept().serial == 5
    assert run("snapshot", "verify").returncode == 0
    holding.folder.chmod(0o000)
    done = run("discover", GROUP, "--mode", "registry")
    assert done.returncode == 0 and json.loads(done.stdout) == [] and "[snapshot-unusable]" in done.stderr


# ---- several at once ----

def test_many_pulls_at_once_end_with_the_highest_serial(host, registry):
    for serial in range(20, 0, -1):
        registry.answer("GET", PATH, file(serial), headers={"Content-Type": MEDIA_TYPE})
    settings = environment(REGISTRYD_URL=host.url, REGISTRYD_CACHE_DIR=str(host.folder))
    running = [subprocess.Popen([PROGRAM, "snapshot", "pull"], env=settings, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for _ in range(8)]
    assert {process.wait(60) for process in running} <= {0, 3}
    assert host.kept().serial == 20


# ---- signatures ----

@pytest.fixture(scope="module")
def keys():
    return key_pair(), key_pair()


def test_with_a_pinned_key_only_what_it_signed_is_taken(host, registry, keys):
    (public, sign), (_, other) = keys
    for raw, words in ((file(5), "not signed"), (file(5, sign=other), "not with the pinned key"),
                       (file(5, sign=(sign[0], other[1])), "signature of the snapshot is not valid")):
        answer(registry, raw)
        done = host.pull("--snapshot-key", public)
        assert done.code == 3 and words in done.err and host.kept() is None
    answer(registry, file(5, sign=sign))
    assert host.pull(REGISTRYD_SNAPSHOT_KEY=public).code == 0
    assert host.discover("--snapshot-key", public)[0] == [("registry", "5.0")]
    told = host.run("--format", "table", "snapshot", "verify", "--snapshot-key", public).out
    assert f"signed with {public}\n" in told


def test_what_was_kept_unsigned_is_not_used_with_a_key(holding, registry, keys):
    (public, sign), _ = keys
    found, told = holding.discover("--snapshot-key", public)
    assert found == [] and "[snapshot-unusable]" in told and "not signed" in told
    answer(registry, file(5, sign=sign))
    assert holding.pull("--snapshot-key", public).code == 0  # and is not asked for by its tag
    assert holding.kept().flags == 1


def test_no_part_of_a_signed_file_can_be_altered(host, registry, keys):
    """Every value of the header that an attacker could want to change, with all checksums made right."""
    (public, sign), _ = keys
    good = file(5, sign=sign, made_at=1000)
    signature = good[96:160]
    for changed in (file(6, made_at=1000), file(5, made_at=1001), file(5, epoch=OTHER_EPOCH, made_at=1000),
                    snapshot({GROUP: [record("evil")]}, serial=5, made_at=1000)):
        answer(registry, snapshot_with_signature(changed, sign[0], signature))
        done = host.pull("--snapshot-key", public)
        assert done.code == 3 and "signature of the snapshot is not valid" in done.err and host.kept() is None


def snapshot_with_signature(raw, key, signature):
    from support.snapshot_file import blake

    head = raw[24:28] + (1).to_bytes(4, "little") + raw[32:64] + key + signature
    return raw[:8] + blake(head, 16) + head + raw[160:]


def test_a_key_is_made_once(tmp_path):
    path = tmp_path / "key"
    first = registryctl("snapshot", "key", path).json
    assert first["made"] is True and path.stat().st_mode & 0o777 == 0o600
    assert registryctl("snapshot", "key", path).json == {**first, "made": False}
    assert registryctl("--format", "table", "snapshot", "key", path).out.strip() == first["public_key"]
    path.write_text("nothing\n")
    assert registryctl("snapshot", "key", path).code == 3
    assert registryctl("snapshot", "key", tmp_path / "no" / "key").code == 5
    assert registryctl("snapshot", "pull", "--snapshot-key", "abc").code == 2
