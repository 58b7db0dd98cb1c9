# SPDX-License-Identifier: MIT
"""kill -9 while tools upload: what was acknowledged is whole, what was not succeeds when it is sent again, and no
file of an upload is left on disk.

REGISTRYD_UPLOADS and REGISTRYD_UPLOAD_KILLS say how much: 160 files and 5 kills unless told; 1,000 and 20 in a long run.
"""

import base64
import hashlib
import os
import random
import threading
import time

from support.artifacts import wheel
from support.daemon import Daemon

UPLOADS = int(os.environ.get("REGISTRYD_UPLOADS", "160"))
KILLS = int(os.environ.get("REGISTRYD_UPLOAD_KILLS", "5"))
CLIENTS = 16
BOUNDARY = "kill1234"
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def form(name, filename, data):
    fields = {":action": "file_upload", "metadata_version": "2.1", "name": name, "version": "1.0",
              "sha256_digest": hashlib.sha256(data).hexdigest()}
    texts = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
                    for key, value in fields.items())
    head = f'{texts}--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


class Client(threading.Thread):
    """Uploads one file after another, each until it is acknowledged; `wrong` holds what must not be answered."""

    def __init__(self, daemon, number, token):
        super().__init__()
        self.daemon_under_test, self.number, self.wrong, self.repeated, self.done = daemon, number, [], 0, {}
        basic = base64.b64encode(f"__token__:{token}".encode()).decode()
        self.headers = {"Authorization": f"Basic {basic}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def run(self):
        for count in range(UPLOADS // CLIENTS):
            name = f"kill-{self.number:02}-{count:03}"  # of one length: no two look alike
            noise = random.Random(name).randbytes(150_000)
            filename, data = wheel(name, "1.0", files={f"{name.replace('-', '_')}.bin": noise})
            self.upload(name, filename, data)

    def upload(self, name, filename, data):
        body = form(name, filename, data)
        while not self.wrong:
            try:
                answer = self.daemon_under_test.request("POST", "/legacy/", body, headers=self.headers, timeout=60)
            except OSError:  # no daemon, or one that died while answering
                answer = None
            if answer and answer.status == 200:
                self.done[name] = (filename, data)
                return
            if answer and answer.status not in (401, 429, 503):
                self.wrong.append((name, answer.status, answer.body))
            self.repeated += 1
            time.sleep(0.1)


def test_uploads_survive_kills():
    with Daemon() as daemon:
        address = daemon.address
        daemon.arguments += ["--listen", address]  # the same again: the clients know it
        clients = [Client(daemon, number, daemon.publisher_token) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        dice = random.Random(int(os.environ.get("REGISTRYD_SEED", "1")))
        for kill in range(KILLS):  # spread over the uploads, so that each one is felt
            enough = int(UPLOADS * (kill + dice.random()) / (KILLS + 1))
            while sum(len(client.done) for client in clients) < enough and not any(client.wrong for client in clients):
                time.sleep(0.01)
            time.sleep(dice.random() / 20)
            assert any(client.is_alive() for client in clients)
            daemon.kill()
            daemon.start()
        for client in clients:
            client.join()
        assert [client.wrong for client in clients if client.wrong] == []
        assert sum(client.repeated for client in clients) > 0  # the kills were felt
        done = {name: file for client in clients for name, file in client.done.items()}
        assert len(done) == UPLOADS // CLIENTS * CLIENTS
        for name, (filename, data) in done.items():
            (file,) = daemon.get(f"/simple/{name}/", headers=JSON).json["files"]
            digest = hashlib.sha256(data).hexdigest()
            assert (file["filename"], file["hashes"]["sha256"], file["size"]) == (filename, digest, len(data))
            assert daemon.get(f"/files/{digest}/{filename}").body == data
        assert [path.name for path in daemon.data_dir.iterdir() if "upload" in path.name] == []
