# SPDX-License-Identifier: MIT
"""A registry that sends downloads on to its object store: every client of ours gets its files there, and what proves who
it is goes to the registry alone."""

import pytest
from support.artifacts import wheel
from support.daemon import Daemon
from support.registryctl import registryctl
from support.signed_store import SignedStore
from support.sync_host import SyncHost, plugin


@pytest.fixture(scope="module")
def store():
    with SignedStore() as running:
        yield running


@pytest.fixture(scope="module")
def daemon(store):
    """Reading needs a token, so that each request has one."""
    with Daemon(arguments=[*store.arguments, "--files-redirect", "--reading", "closed"], environment=store.environment) as running:
        yield running


@pytest.fixture(autouse=True)
def only_signed(store):
    store.seen.clear()
    yield
    gets = [headers for method, path, headers in store.seen if method == "GET" and "X-Amz-Signature" in path]
    assert gets, "nothing was asked of the object store"
    for headers in gets:
        assert not {"authorization", "cookie", "proxy-authorization"} & {name.lower() for name in headers}
        assert "plg" not in str(headers)
    assert store.refusals == []


def test_sync(daemon, tmp_path):
    host = SyncHost(daemon, tmp_path, "redirected")
    folder = plugin(tmp_path, "redcrm")
    host.publish(folder)
    assert host.sync()["changed"]
    assert (host.into / "redcrm" / "router.py").read_bytes() == (folder / "router.py").read_bytes()


def test_export_and_import(daemon, tmp_path):
    filename, data = wheel("redexport", "1.0")
    assert daemon.post(f"/v1/artifacts?filename={filename}", data, headers={"Content-Type": "application/octet-stream"}).status == 201
    reader = daemon.post("/v1/tokens", {"name": "reader", "scopes": ["read"], "grant": True}).json["token"]
    done = registryctl("export", "--format", "json", tmp_path / "out", REGISTRYD_URL=daemon.url, REGISTRYD_TOKEN=reader)
    assert done.code == 0, done.out + done.err
    assert [path.read_bytes() for path in (tmp_path / "out" / "files").rglob(filename)] == [data]
    with Daemon() as other:
        done = registryctl("import", "--from-index", daemon.url + "/simple/", "--package", "redexport", REGISTRYD_URL=other.url,
                           REGISTRYD_TOKEN=other.publisher_token, REGISTRYD_INDEX_USER=f"__token__:{daemon.publisher_token}")
        assert done.code == 0, done.out + done.err
        assert other.get("/simple/redexport/").status == 200
