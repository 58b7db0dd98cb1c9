# SPDX-License-Identifier: MIT
"""The package index: pages beside a bare server, a project of 40,000 files, 600 names asked again, uploads and
the memory that large ones take."""

import base64
import gzip
import hashlib
import http.client
import os
import subprocess
import threading
import time

from tools import POSTGRES, daemon, median, resident_mib

from support.artifacts import wheel  # isort: skip (tools makes it found)

PIP = ("application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01")
FILES = 40_000
NAMES = 600
MIB = 1024 * 1024

# Ten files to a release; version keys only have to be in order.
MANY_FILES = """
WITH package AS (
    INSERT INTO packages (name, display_name, release_count) OVERRIDING SYSTEM VALUE
    VALUES ('enormous', 'enormous', {releases}) RETURNING id
), made AS (
    INSERT INTO releases (package_id, version, version_key, prerelease, document, digest, published_by, requires_python)
    SELECT package.id, '1.' || n, int4send(n), false,
           format('{{"name": "enormous", "version": "1.%s"}}', n), sha256(int4send(n)), 'bench', '>=3.8'
      FROM package, generate_series(1, {releases}) n RETURNING id, version
), stored AS (
    INSERT INTO blobs (sha256, size, piece_bytes)
    SELECT sha256(convert_to(version || '-' || f, 'UTF8')), 12345, 262144
      FROM made, generate_series(1, 10) f RETURNING sha256
)
INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by)
SELECT made.id, format('enormous-%s-%s-py3-none-any.whl', made.version, f), 'wheel', 12345,
       sha256(convert_to(made.version || '-' || f, 'UTF8')), ARRAY['py3-none-any'], repeat('Name: enormous ', 60), 'bench'
  FROM made, generate_series(1, 10) f, (SELECT count(*) FROM stored) s
"""


def psql(running, statement):
    lines = (running.data_dir / "postgres/postmaster.pid").read_text().splitlines()
    command = [POSTGRES / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", lines[4], "-p", lines[3], "-U", "registryd",
               "-d", "postgres", "-c", statement]  # fmt: skip
    subprocess.run([str(word) for word in command], check=True, capture_output=True, cwd="/")


def get(connection, path, **headers):
    """(milliseconds, answer's status, its headers, its body)"""
    begin = time.perf_counter()
    connection.request("GET", path, headers={"Accept": PIP, **headers})
    answer = connection.getresponse()
    body = answer.read()
    return (time.perf_counter() - begin) * 1000, answer.status, answer.headers, body


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def large_project(running, asks=200):
    """{name: milliseconds} for a project of 40,000 files, as pip asks for it (packed)."""
    psql(running, MANY_FILES.format(releases=FILES // 10))
    connection = http.client.HTTPConnection(running.address)
    packed = {"Accept-Encoding": "gzip"}
    first, _, _, body = get(connection, "/simple/enormous/", **packed)
    kept = [get(connection, "/simple/enormous/", **packed)[0] for _ in range(asks)]
    anew = []
    for number in range(1, 6):
        running.post(f"/v1/packages/enormous/releases/1.{number}/yank", {"reason": "bench"})
        anew.append(get(connection, "/simple/enormous/", **packed)[0])
    connection.close()
    return {"first": first, "p99": percentile(kept, 0.99), "median": median(kept), "anew": max(anew),
            "MiB": len(gzip.decompress(body)) / MIB}


def names_again(running):
    """Milliseconds to ask for 600 names again, all of which are unchanged."""
    for number in range(NAMES):
        name = f"name-{number}"
        assert running.put(f"/v1/packages/{name}/releases/1.0", {"name": name, "version": "1.0"}).status == 201
    connection = http.client.HTTPConnection(running.address)
    tags = [get(connection, f"/simple/name-{number}/")[2]["ETag"] for number in range(NAMES)]
    begin = time.perf_counter()
    for number, tag in enumerate(tags):
        assert get(connection, f"/simple/name-{number}/", **{"If-None-Match": tag})[1] == 304
    spent = (time.perf_counter() - begin) * 1000
    connection.close()
    return spent


def small_project(running):
    """The path of a page of about 40 KB."""
    for number in range(90):
        send(running, *wheel("usual", f"1.{number}", "[bench.plugins]\nusual = usual:main\n"))
    return "/simple/usual/"


def form(filename, data, boundary="bench1234"):
    name, version = filename.split("-")[:2]
    fields = {":action": "file_upload", "metadata_version": "2.1", "name": name, "version": version,
              "sha256_digest": hashlib.sha256(data).hexdigest()}
    texts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                    for key, value in fields.items())
    head = (f'{texts}--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n")
    return f"multipart/form-data; boundary={boundary}", head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


def send(running, filename, data, connection=None):
    """Milliseconds of an upload as a tool sends it."""
    content_type, body = form(filename, data)
    basic = base64.b64encode(f"__token__:{running.publisher_token}".encode()).decode()
    mine = connection or http.client.HTTPConnection(running.address, timeout=120)
    begin = time.perf_counter()
    mine.request("POST", "/legacy/", body, {"Content-Type": content_type, "Authorization": f"Basic {basic}"})
    answer = mine.getresponse()
    told = answer.read()
    spent = (time.perf_counter() - begin) * 1000
    assert answer.status == 200, told
    if not connection:
        mine.close()
    return spent


def uploads(running, count=100):
    """Milliseconds of an upload of a plugin's wheel, one after the other on one connection."""
    connection = http.client.HTTPConnection(running.address)
    spent = [send(running, *wheel("uploaded", f"1.{number}", "[bench.plugins]\nu = uploaded:main\n"), connection)
             for number in range(count)]
    connection.close()
    return median(spent)


def large_uploads(running, count=8, size=60 * MIB):
    """MiB that the daemon takes above idle while so many large wheels arrive at once."""
    wheels = [wheel(f"large{number}", "1.0", files={f"large{number}.bin": os.urandom(size - 64 * 1024)})
              for number in range(count)]
    send(running, *wheel("before", "1.0"))
    idle = resident_mib(running.process.pid)
    highest, done = [idle], threading.Event()

    def watch():
        while not done.wait(0.01):
            highest.append(resident_mib(running.process.pid))

    watcher = threading.Thread(target=watch)
    senders = [threading.Thread(target=send, args=(running, *one)) for one in wheels]
    watcher.start()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    done.set()
    watcher.join()
    return max(highest) - idle


if __name__ == "__main__":
    with daemon() as found:
        print("uploads, ms:", uploads(found))
        print("large uploads, MiB:", large_uploads(found))
        print("names again, ms:", names_again(found))
        print("large project:", large_project(found))
