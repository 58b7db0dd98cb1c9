# SPDX-License-Identifier: MIT
"""A first import of small wheels: by registryctl, and by a bare client that sends the same on one connection."""

import http.client
import os
import subprocess
import tempfile
import time
from pathlib import Path

from tools import BUILD_DIR

from support.artifacts import wheel  # isort: skip (tools makes it found)

PROGRAM = BUILD_DIR / "bin" / "registryctl"


def make(folder, stem, count):
    """Lays `count` wheels of plugins into a folder; their paths."""
    paths = []
    for number in range(count):
        name = f"{stem}{number:05}"
        filename, data = wheel(name, "1.0", f"[bench.plugins]\n{name} = {name}:main\n")
        paths.append(Path(folder) / filename)
        paths[-1].write_bytes(data)
    return paths


def bare_rate(running, paths):
    """Wheels per second of a client that does nothing but send."""
    connection = http.client.HTTPConnection(running.address, timeout=120)
    headers = {"Content-Type": "application/octet-stream", "Authorization": f"Bearer {running.publisher_token}"}
    begin = time.perf_counter()
    for path in paths:
        connection.request("POST", f"/v1/artifacts?filename={path.name}", path.read_bytes(), headers)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == 201, told
    spent = time.perf_counter() - begin
    connection.close()
    return len(paths) / spent


def import_rate(running, folder, count):
    """Wheels per second of registryctl import."""
    settings = {**os.environ, "REGISTRYD_URL": running.url, "REGISTRYD_TOKEN": running.publisher_token}
    begin = time.perf_counter()
    done = subprocess.run([PROGRAM, "import", folder, "--format", "json"], env=settings, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - begin
    assert done.returncode == 0, done.stderr
    return count / spent


def imports(running, count=1000):
    """{"bare", "import", "again"}: wheels per second; "again": of an import whose files are all there."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare").mkdir()
        (Path(folder) / "import").mkdir()
        bare = bare_rate(running, make(Path(folder) / "bare", "bare", count))
        make(Path(folder) / "import", "moved", count)
        first = import_rate(running, Path(folder) / "import", count)
        return {"bare": bare, "import": first, "again": import_rate(running, Path(folder) / "import", count)}
