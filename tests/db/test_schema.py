# SPDX-License-Identifier: MIT
"""The SQL itself: every statement is what its opening comment says, the schema is as written down, and
migrations run once, in order, whoever starts them."""
import importlib.util
import os
import pathlib

import pytest

from support.store import Probe, release

SOURCE = pathlib.Path(os.environ["REGISTRYD_SOURCE_DIR"])


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


embed_sql = load(SOURCE / "cmake" / "embed_sql.py")
schema_now = load(SOURCE / "sql" / "schema_now.py")
QUERIES = embed_sql.load_queries(SOURCE / "sql" / "queries")
LONG_NAMES = {"bool": "boolean", "int8": "bigint", "int4": "integer", "int8[]": "bigint[]"}
PREPARABLE = [q for q in QUERIES if q["text"].startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"))]


@pytest.fixture(scope="module")
def migrated(cluster):
    database = cluster.create_database()
    with Probe(database) as probe:
        probe.ok("migrate")
    return database


@pytest.mark.parametrize("query", PREPARABLE, ids=lambda query: query["name"])
def test_statement_prepares_as_declared(cluster, migrated, query):
    types = [kind for _, kind in query["parameters"]]
    declared = f" ({', '.join(types)})" if types else ""
    nulls = f" ({', '.join('NULL' for _ in types)})" if types else ""
    rows = cluster.sql(migrated, f"PREPARE tried{declared} AS {query['text']};\n"
                                 "SELECT parameter_types FROM pg_prepared_statements;\n"
                                 f"EXECUTE tried{nulls} \\gdesc\n")
    assert rows[0] == ["{" + ",".join(LONG_NAMES.get(kind, kind) for kind in types) + "}"]
    columns = [[name, LONG_NAMES.get(kind, kind)] for name, kind in query["columns"]]
    if query["shape"] != "none":
        assert rows[1:] == columns


def test_every_other_statement_runs(cluster, migrated):
    others = [q for q in QUERIES if q not in PREPARABLE]
    assert sorted(q["text"].split()[0] for q in others) == ["BEGIN", "BEGIN", "COMMIT", "LISTEN",
                                                            "ROLLBACK"]
    begins = [q["text"] for q in others if q["text"].startswith("BEGIN")]
    for begin in begins:
        cluster.sql(migrated, f"{begin};\nSELECT 1;\nCOMMIT;\nLISTEN registry_changes;\nROLLBACK;")


def test_schema_now_is_current(cluster):
    written = (SOURCE / "sql" / "schema_now.sql").read_text(encoding="utf-8")
    assert schema_now.dump(cluster) == written, "run: /usr/bin/python3 sql/schema_now.py"


def test_migrations_raced_by_four(cluster, database):
    probes = [Probe(database) for _ in range(4)]
    for probe in probes:
        probe.send("migrate")
    answers = [probe.receive()["status"] for probe in probes]
    points = [probe.ok("history") for probe in probes]
    for probe in probes:
        probe.__exit__()
    assert answers == ["ok"] * 4
    assert len({point["epoch"] for point in points}) == 1
    count = len(list((SOURCE / "sql" / "migrations").glob("*.sql")))
    assert cluster.sql(database, "SELECT count(*) FROM schema_migrations") == [[str(count)]]


def test_migrating_again_changes_nothing(cluster, database, store):
    before = cluster.dump_schema(database), store.ok("history")
    store.ok("migrate")
    assert (cluster.dump_schema(database), store.ok("history")) == before


def test_a_newer_database_is_refused(cluster, database, store):
    cluster.sql(database, "INSERT INTO schema_migrations (version, name, checksum)"
                          " SELECT max(version) + 1, 'from_tomorrow', repeat('0', 64)"
                          " FROM schema_migrations")
    answer = store.call("migrate")
    assert answer["status"] == "conflict"
    assert "newer registryd" in answer["message"] and "from_tomorrow" in answer["message"]


def test_an_altered_migration_is_refused(cluster, database, store):
    cluster.sql(database, "UPDATE schema_migrations SET checksum = repeat('0', 64)")
    answer = store.call("migrate")
    assert answer["status"] == "conflict" and "differs" in answer["message"]


def test_a_missing_migration_is_refused(cluster, database, store):
    cluster.sql(database, "DELETE FROM schema_migrations WHERE version = 1")
    assert store.call("migrate")["status"] == "conflict"


def test_a_failing_migration_leaves_nothing(cluster, database):
    # What the first migration makes last but one is there already, in another form.
    cluster.sql(database, "CREATE TABLE audit_events (id int)")
    with Probe(database) as probe:
        assert probe.call("migrate")["status"] == "internal"
        assert cluster.sql(database, "SELECT to_regclass('packages') IS NULL") == [["t"]]
        cluster.sql(database, "DROP TABLE audit_events")
        probe.ok("migrate")


def test_a_database_of_another_encoding_is_refused(cluster):
    cluster.sql(cluster.conninfo("postgres"),
                "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with Probe(cluster.conninfo("latin")) as probe:
        answer = probe.call("migrate")
    assert answer["status"] == "conflict" and "LATIN1" in answer["message"]


def test_the_owner_of_the_database_is_enough(cluster):
    """No superuser is needed on a server that belongs to somebody else."""
    cluster.sql(cluster.conninfo("postgres"),
                "CREATE ROLE plain LOGIN; CREATE DATABASE plain OWNER plain")
    with Probe(cluster.conninfo("plain").replace("user=postgres", "user=plain")) as probe:
        probe.ok("migrate")
        assert probe.ok("publish", **release("shop", "1.0", [["g", "x", "m:x"]]))["serial"] == 1
        probe.ok("listen")
        assert probe.ok("token_bootstrap", name="admin", hash="ab" * 32)["created"]


def test_the_user_s_own_options_hold_too(cluster, database):
    with Probe(database + " options='-c search_path=elsewhere'") as probe:
        assert probe.call("migrate")["status"] == "internal"  # there is no such schema
        cluster.sql(database, "CREATE SCHEMA elsewhere")
        probe.ok("migrate")
    assert cluster.sql(database, "SELECT to_regclass('elsewhere.packages') IS NOT NULL,"
                                 " to_regclass('public.packages') IS NULL") == [["t", "t"]]


def test_rows_from_another_history_get_a_new_epoch(cluster, database, store):
    before = store.ok("history")
    store.ok("migrate")
    assert store.ok("history") == before
    cluster.sql(database, "UPDATE registry SET history = 'another cluster/00000001'")
    store.ok("migrate")
    after = store.ok("history")
    assert after["epoch"] != before["epoch"] and after["serial"] == before["serial"]


def test_history_is_kept(cluster, database, store):
    for statement in ("DELETE FROM changes", "TRUNCATE changes", "UPDATE changes SET kind = 'x'",
                      "DELETE FROM audit_events", "TRUNCATE audit_events",
                      "UPDATE audit_events SET actor = 'x'", "DELETE FROM releases",
                      "DELETE FROM packages", "UPDATE releases SET version = '2'"):
        with pytest.raises(RuntimeError, match="kept for ever"):
            cluster.sql(database, statement)


def test_only_a_file_completes_a_release(cluster, database, store):
    cluster.sql(database, "INSERT INTO packages (name, display_name, release_count) VALUES ('kept', 'kept', 1)")
    cluster.sql(database, "INSERT INTO releases (package_id, version, version_key, prerelease, document, digest,"
                " published_by) SELECT id, '1', 'x', false, '{}', decode(repeat('ab', 32), 'hex'), 'me' FROM packages"
                " WHERE name = 'kept'")
    with pytest.raises(RuntimeError, match="only when a file completes it"):
        cluster.sql(database, "UPDATE releases SET document = '{\"a\": 1}'")
    with pytest.raises(RuntimeError, match="only when a file completes it"):
        cluster.sql(database, "UPDATE releases SET document = '{}', completed_at = now(),"
                    " first_digest = decode(repeat('cd', 32), 'hex')")
    complete = "UPDATE releases SET document = '{}', completed_at = now(), first_digest = decode(repeat('ab', 32), 'hex')"
    cluster.sql(database, complete)
    cluster.sql(database, "INSERT INTO blobs (sha256, size, piece_bytes) VALUES (decode(repeat('ef', 32), 'hex'), 1, 1)")
    cluster.sql(database, "INSERT INTO artifacts (release_id, filename, kind, size, sha256, tags, metadata, uploaded_by)"
                " SELECT id, 'kept-1-py3-none-any.whl', 'wheel', 1, decode(repeat('ef', 32), 'hex'),"
                " '{py3-none-any}', '', 'me' FROM releases WHERE version = '1'")
    with pytest.raises(RuntimeError, match="only when a file completes it"):
        cluster.sql(database, complete)
