# SPDX-License-Identifier: MIT
"""What an error says when the database fails inside a request. Every table is gone, so every route that
asks the store fails; an answer must hold no SQL, no name of a table, no path of a source file and no token,
and the log no token."""

import json
import re
import subprocess

import pytest

from support.access import make_token
from support.daemon import BUILD_DIR, Daemon

ROUTES = json.loads(subprocess.run([BUILD_DIR / "bin" / "registryd", "--print-routes"], capture_output=True,
                                   check=True).stdout)
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|FROM|WHERE|LINE \d|relation|SQLSTATE|"
                 r"pg_\w+|public\.|column|schema \"|\w+\.(c|sql):\d+)\b")
TOKEN = re.compile(r"plg[ac]?_[0-9A-Za-z]{46}")
VALUES = {"id": "1", "sha256": "0" * 64, "filename": "x-1.0-py3-none-any.whl", "revision": "1"}
BODIES = [b"{}", b'{"name": "x", "version": "1.0"}', b'{"token": "%s"}']


@pytest.fixture(scope="module")
def broken(cluster):
    """A daemon whose tables went away while it ran, and the tokens that are sent to it."""
    database = cluster.create_database()
    with Daemon(arguments=["--database-url", database, "--requests-per-second", "0"]) as daemon:
        token = make_token(daemon, "team", ["publish:new", "publish:update", "read"], grant=True)
        tables = [name for name, in cluster.sql(database, "SELECT schemaname || '.' || tablename FROM pg_tables "
                                                "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")]
        cluster.sql(database, "".join(f"DROP TABLE {name} CASCADE;" for name in tables))
        yield daemon, [token, daemon.admin_token, None]


def ask(daemon, route, token):
    path = re.sub(r"\{(\w+)\}", lambda match: VALUES.get(match[1], "x"), route["path"])
    if route["max_body_bytes"] == 0:
        return [daemon.request(route["method"], path, token=token)]
    sent = [body.replace(b"%s", (token or "").encode()) for body in BODIES]
    return [daemon.request(route["method"], path, body, token=token,
                           headers={"Content-Type": "application/json"}) for body in sent]


def test_a_failing_database_shows_no_sql_and_no_token(broken):
    daemon, tokens = broken
    failed = set()
    for route in ROUTES:
        for token in tokens:
            for answer in ask(daemon, route, token):
                if answer.status < 400:
                    continue
                text = answer.body.decode()
                assert not TOKEN.search(text), (route["path"], text)
                if answer.headers["Content-Type"].startswith("application/problem+json"):
                    detail = json.dumps([answer.json["detail"], answer.json["where"], answer.json["errors"]])
                    assert not SQL.search(detail), (route["path"], detail)
                else:
                    assert not re.search(r"\b(SELECT|relation|SQLSTATE|does not exist)\b", text), (route["path"], text)
                failed.add(route["path"]) if answer.status >= 500 else None
    assert len(failed) > 20  # or the database did not fail
    assert "event=fault" in daemon.log()
    assert not TOKEN.search(daemon.log())
