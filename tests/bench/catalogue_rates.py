# SPDX-License-Identifier: MIT
"""How long the pages and a search take, asked one after the other on one connection, in milliseconds.
Packages are written straight into the database; what is measured goes through the whole daemon."""

import http.client
import statistics
import time
from contextlib import contextmanager

import tools  # noqa: F401  (puts tests/ on the path)

from support.daemon import Daemon  # noqa: E402
from support.postgres import Cluster  # noqa: E402

WORDS = (
    "finance invoice billing calendar document customer account report analytics inventory warehouse shipping payment ledger "
    "sales forecast mail chat search catalog export import backup audit login oauth ldap metrics trace queue storage image video "
    "audio map route weather stock price order basket coupon review rating survey form table chart graph theme widget bridge "
    "adapter driver parser render editor viewer monitor alert notify schedule worker batch stream cache index vector model train "
    "predict label cluster tenant policy secret vault token session profile avatar contact ticket helpdesk incident change deploy "
    "pipeline artifact toolkit"
).split()

SEED = """
CREATE TEMP TABLE w AS SELECT '{%(words)s}'::text[] AS a;
INSERT INTO packages (name, display_name, release_count)
SELECT n, n, 1 FROM w, generate_series(1, %(count)d) i,
       LATERAL (SELECT a[1 + i * 7 %% 90] || '-' || a[1 + (i * 31 + i / 90) %% 90] || '-' || i AS n) x;
INSERT INTO releases (package_id, version, version_key, prerelease, requires_python, summary, document, digest, published_by)
SELECT p.id, '1.0', '\\x01', false, '>=3.9', s,
       json_build_object('name', p.name, 'version', '1.0', 'summary', s, 'requires_python', '>=3.9',
                         'keywords', json_build_array(a[1 + p.id * 3 %% 90], a[1 + p.id * 11 %% 90]),
                         'classifiers', json_build_array('Framework :: Host ' || p.id %% 5),
                         'entry_points', json_build_object(g, json_build_object(p.name, 'host.plugins:plugin')))::text,
       sha256(p.name::bytea), 'bench'
  FROM packages p, w,
       LATERAL (SELECT 'A ' || a[1 + p.id * 13 %% 90] || ' ' || a[1 + (p.id * 17 + p.id / 90) %% 90] || ' for every '
                       || a[1 + p.id * 19 %% 90] || ' in the team' AS s,
                       'host' || p.id %% %(groups)d || '.plugins' AS g) x;
INSERT INTO entry_points SELECT r.id, 'host' || p.id %% %(groups)d || '.plugins', p.name, 'host.plugins:plugin', NULL
  FROM releases r JOIN packages p ON p.id = r.package_id;
INSERT INTO group_entries SELECT 'host' || p.id %% %(groups)d || '.plugins', p.id, p.name FROM packages p;
SELECT count(search_refresh(ids)::text) FROM (SELECT array_agg(id) AS ids FROM packages GROUP BY id / 1000) x;
SELECT count(*) FROM packages p, record_change('publish', p.name, '1.0', ARRAY['host0.plugins'], 'bench', '{}') WHERE p.id <= 200;
UPDATE search_state SET serial = (SELECT serial FROM registry);
"""

PAGES = ("/", "/packages", "/packages?q=invoice", "/packages/{name}", "/groups", "/groups/host0.plugins", "/environments",
         "/environments/default", "/transition", "/activity", "/status")  # fmt: skip

# What people type: names, two words, a beginning, mistypings, with a group, everything there is.
SEARCHES = (
    "q=finance", "q=invoice+billing", "q=invo", "q=finanse", "q=analitics", "q=calendr+event", "q=helpdesk+ticket",
    "q=report&group=host3.plugins", "q=order&classifier=Framework+%3A%3A+Host+3", "group=host7.plugins", "status=active", "q=a",
)  # fmt: skip


@contextmanager
def filled(count, groups):
    """A daemon of the release build on a database with so many packages."""
    with Cluster(shared_buffers="'128MB'") as cluster:
        conninfo = cluster.create_database()
        with Daemon(arguments=["--database-url", conninfo]) as maker:  # of the schema
            token = maker.admin_token
        cluster.sql(conninfo, SEED % {"words": ",".join(WORDS), "count": count, "groups": groups})
        cluster.sql(conninfo, "VACUUM ANALYZE")
        with Daemon(arguments=["--database-url", conninfo]) as running:
            running.admin_token = token
            yield running


def times_of(connection, path, rounds):
    """(median milliseconds, bytes sent packed)"""
    taken, size = [], 0
    for _ in range(rounds):
        begin = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - begin) * 1000)
        assert answer.status == 200, (path, body[:200])
        size = len(body)
    return statistics.median(taken), size


def measure_pages(rounds):
    """(page, milliseconds, bytes) of every page at 1,000 packages of one group."""
    with filled(1000, 1) as running:
        connection = http.client.HTTPConnection(running.address)
        name = running.get("/v1/packages?limit=1").json["packages"][0]["name"]
        for page in PAGES:
            yield page, *times_of(connection, page.replace("{name}", name), 10 * rounds)


def measure_search(rounds):
    """(query, milliseconds) over 100,000 packages."""
    with filled(100000, 20) as running:
        connection = http.client.HTTPConnection(running.address)
        for query in SEARCHES:
            yield query, times_of(connection, f"/v1/packages?{query}", 5 * rounds)[0]
