# SPDX-License-Identifier: MIT
"""Pictures in descriptions: of the hosts that the operator allows, and of no other."""

import subprocess

import pytest

from support.daemon import PROGRAM, Daemon

HTML = {"Accept": "text/html"}
README = "![one](https://img.example.org/1.png) ![two](https://cdn.example.org:8443/2.png) ![three](https://other.example/3.png)"


def page(daemon):
    document = {"name": "pictured", "version": "1.0", "description": README, "description_content_type": "text/markdown"}
    assert daemon.put("/v1/packages/pictured/releases/1.0", document).status in (200, 201)
    answer = daemon.get("/packages/pictured", headers=HTML)
    policy = answer.headers["Content-Security-Policy"]
    (sources,) = [part.strip() for part in policy.split(";") if part.strip().startswith("img-src")]
    return answer.body.decode(), sources


def test_only_allowed_hosts_are_named_and_shown():
    with Daemon(arguments=["--image-hosts", "img.example.org, cdn.example.org:8443"]) as daemon:
        body, sources = page(daemon)
        assert sources == "img-src 'self' https://img.example.org https://cdn.example.org:8443"
        assert body.count("<img ") == 2 and '<img src="https://img.example.org/1.png" alt="one"' in body
        assert '<a href="https://other.example/3.png"' in body
        assert "img-src 'self';" in daemon.get("/v1").headers["Content-Security-Policy"]


def test_by_default_no_picture_is_loaded():
    with Daemon() as daemon:
        body, sources = page(daemon)
        assert sources == "img-src 'self'" and "<img " not in body and body.count('rel="nofollow') == 3


@pytest.mark.parametrize("hosts", ["*", "https://img.example.org", "img.example.org/x", "a b", "IMG.example.org", "a:", "a;script-src *", "a,,b",
                                   ",".join(f"h{number}.example.org" for number in range(21))])  # fmt: skip
def test_what_is_no_host_is_refused(hosts, tmp_path):
    done = subprocess.run([PROGRAM, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0", "--image-hosts", hosts],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)  # fmt: skip
    assert done.returncode == 2 and b"image-hosts" in done.stderr, done
