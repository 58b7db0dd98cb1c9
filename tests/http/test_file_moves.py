# SPDX-License-Identifier: MIT
"""Moving files between the database and an object store: every file stays whole and can be had at every moment, however
often the move is stopped and whatever is published meanwhile."""

import hashlib
import http.client
import os
import threading

import pytest

from support.artifacts import wheel
from support.object_store import BUCKET, ObjectStore
from support.postgres import wait_until
from support.registry import Registry
from support.registryctl import registryctl

RAW = {"Content-Type": "application/octet-stream"}


class Moving(Registry):
    """A registry whose settings change with each start."""

    def __init__(self, cluster, store):
        self.store, self.more = store, []
        super().__init__(cluster)

    def command(self, arguments=()):
        return super().command([*self.more, *arguments])

    def _environment(self):
        return super()._environment() | self.store.environment

    def restart(self, *more):
        self.stop()
        self.more = list(more)
        self.start()

    def upload(self, name, size):
        filename, data = wheel(name, "1.0", files={"pad.bin": os.urandom(size)})
        answer = self.post(f"/v1/artifacts?filename={filename}", data, headers=RAW)
        assert answer.status == 201, answer.body
        return answer.json["url"], data

    def move(self, place, **body):
        return self.post("/v1/files/move", {"to": place, **body})

    def places(self):
        """Of the blobs: how many have an object, and how many have pieces."""
        ((objects, pieces, both),) = self.sql(
            "SELECT count(o.key), count(p.sha256), count(*) FILTER (WHERE o.key IS NOT NULL AND p.sha256 IS NOT NULL) FROM blobs b "
            "LEFT JOIN blob_objects o USING (sha256) LEFT JOIN (SELECT DISTINCT sha256 FROM blob_pieces) p USING (sha256)")
        assert both == "0"
        return int(objects), int(pieces)


@pytest.fixture(scope="module")
def store():
    with ObjectStore() as running:
        yield running


@pytest.fixture
def registry(cluster, store):
    with Moving(cluster, store) as running:
        yield running


def ctl(registry, place, code=0):
    done = registryctl("files", "move", "--to", place, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)
    assert done.code == code, done.out + done.err
    return done.json


def test_there_and_back(registry, store):
    files = [registry.upload(f"mover{number}", size) for number, size in enumerate((1, 5000, 262_144, 1_500_000, 3_000_000))]
    objects = store.arguments("there")
    registry.restart(*objects, "--files-grace-seconds", "1")
    files.append(registry.upload("moverlate", 9000))
    assert registry.places() == (1, 5)

    def whole():
        assert all(registry.get(url).body == data for url, data in files)
        assert all(registry.get(url, headers={"Range": "bytes=7-"}).body == data[7:] for url, data in files)
    whole()
    told = ctl(registry, "objects")
    assert (told["moved"], told["problems"]) == (5, [])
    assert registry.places() == (6, 0)
    whole()
    assert sorted(hashlib.sha256(data).hexdigest() for key, data in store.objects().items() if key.startswith("there/")) == \
        sorted(hashlib.sha256(data).hexdigest() for _, data in files)
    assert ctl(registry, "objects")["moved"] == 0  # again changes nothing
    registry.restart(*objects, "--files-grace-seconds", "1", "--files-new", "database")
    files.append(registry.upload("moverinside", 9000))
    assert ctl(registry, "database")["moved"] == 6
    assert registry.places() == (0, 7)
    wait_until(lambda: not any(key.startswith("there/") for key in store.objects()))
    registry.restart()
    whole()


def test_downloads_and_publishes_go_on_and_a_kill_harms_nothing(registry, store):
    files = [registry.upload(f"busy{number:02}", 400_000) for number in range(24)]
    address = registry.address
    registry.restart(*store.arguments("busy"), "--files-grace-seconds", "1", "--listen", address)
    wrong, stop, added = [], threading.Event(), []

    def read(number):
        while not stop.is_set():
            for url, data in files[number::2]:
                try:
                    answer = registry.get(url)
                except OSError:
                    continue  # killed
                if answer.status == 200 and answer.body != data or answer.status not in (200, 503):
                    wrong.append((url, answer.status, answer.body[:200]))

    def publish():
        for number in range(200):
            if stop.is_set():
                return
            try:
                added.append(registry.upload(f"added{number:03}", 5000))
            except (OSError, AssertionError):
                continue
    threads = [threading.Thread(target=read, args=(number,)) for number in range(2)] + [threading.Thread(target=publish)]
    for thread in threads:
        thread.start()
    try:
        for kill in range(3):
            before = registry.places()[0]
            asking = threading.Thread(target=lambda: registryctl("files", "move", "--to", "objects", REGISTRYD_URL=registry.url,
                                                                 REGISTRYD_TOKEN=registry.admin_token))
            asking.start()
            wait_until(lambda: registry.places()[0] > before or not asking.is_alive(), 60)
            registry.kill()
            asking.join()
            registry.start()
        ctl(registry, "objects")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    ctl(registry, "objects")
    assert wrong == []
    assert registry.places()[1] == 0
    assert all(registry.get(url).body == data for url, data in files + added)
    wait_until(lambda: {key.removeprefix("busy/") for key in store.objects() if key.startswith("busy/")} ==
               {row[0] for row in registry.sql("SELECT key FROM blob_objects")})


def test_two_moves_at_once(registry, store):
    files = [registry.upload(f"twofold{number}", 50_000) for number in range(12)]
    registry.restart(*store.arguments("twofold"), "--files-grace-seconds", "1")
    threads = [threading.Thread(target=ctl, args=(registry, "objects")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.places() == (12, 0)
    assert all(registry.get(url).body == data for url, data in files)
    wait_until(lambda: len([key for key in store.objects() if key.startswith("twofold/")]) == 12)


def test_a_download_goes_on_in_the_other_place(registry, store):
    """The file moves between two pieces of one answer."""
    url, data = registry.upload("running", 20_000_000)
    registry.restart(*store.arguments("running"))
    connection = http.client.HTTPConnection(registry.address)
    connection.request("GET", url)
    answer = connection.getresponse()
    got = answer.read(100_000)
    assert registry.move("objects", seconds=30).json["moved"] == 1
    assert registry.places() == (1, 0)
    assert got + answer.read() == data
    connection.close()


def test_damaged_bytes_stay_and_are_told(registry, store):
    (good, data), (bad, _) = registry.upload("sound", 5000), registry.upload("spoilt", 5000)
    digest = bad.split("/")[2]
    registry.sql(f"BEGIN; SELECT set_config('registryd.is_moving_files', 'yes', true); UPDATE blob_pieces SET bytes = "
                 f"set_byte(bytes, 100, 255 - get_byte(bytes, 100)) WHERE sha256 = decode('{digest}', 'hex'); COMMIT")
    registry.restart(*store.arguments("damaged"), "--files-grace-seconds", "1")
    told = ctl(registry, "objects", code=1)
    assert told["moved"] == 1 and [row["sha256"] for row in told["problems"]] == [digest]
    assert registry.places() == (1, 1)
    registry.restart(*store.arguments("damaged"), "--files-grace-seconds", "1", "--files-new", "database")
    (key,) = [key for key in store.objects() if key.startswith("damaged/")]
    path = store.folder / "data" / BUCKET / (key + "._S3rver_object")
    path.write_bytes(b"x" * path.stat().st_size)
    told = ctl(registry, "database", code=1)
    assert told["moved"] == 0 and "object store" in told["problems"][0]["reason"]
    assert registry.places() == (1, 1)
    path.write_bytes(data)
    assert ctl(registry, "database")["moved"] == 1
    assert registry.get(good).body == data


def test_wrong_requests(registry, store, refused):
    refused(registry.move("objects"), 409, "conflict")  # no object store
    registry.restart(*store.arguments("wrong"))
    refused(registry.move("moon"), 422, "invalid")
    refused(registry.move("objects", after="xyz"), 422, "invalid")
    refused(registry.move("objects", seconds=0), 422, "invalid")
    refused(registry.post("/v1/files/move", {"to": "objects"}, token=registry.publisher_token), 403, "forbidden")
    registry.upload("going", 100)
    registry.restart(*store.arguments("wrong"), "--files-new", "database")
    registry.upload("gone", 100)
    with store.away():
        refused(registry.move("objects"), 503, "unavailable")
    assert registry.places() == (1, 1)
    assert registryctl("files", "move", REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token).code == 2


def test_the_role_may_move_only_with_a_store(registry, store):
    """Without an object store the daemon's role cannot remove a piece; with one, never the only copy."""
    url, _ = registry.upload("guarded", 100)
    digest = url.split("/")[2]
    as_daemon = registry.conninfo.replace("user=postgres", "user=registryd_app")

    def attempt(statement):
        with pytest.raises(RuntimeError) as refusal:
            registry.cluster.sql(as_daemon, statement)
        return str(refusal.value)
    remove = "SELECT set_config('registryd.is_moving_files', 'yes', false); DELETE FROM blob_pieces"
    move = f"SELECT move_blob_to_object(decode('{digest}', 'hex'), 'k')"
    assert "permission denied" in attempt(remove) and "permission denied" in attempt(move)
    registry.restart(*store.arguments("guarded"))
    assert "permission denied" in attempt(remove)
    assert registry.cluster.sql(as_daemon, move) == [["f"]]  # no claim, no move
    registry.restart()
    assert "permission denied" in attempt(move)
    assert registry.get(url).status == 200
