# SPDX-License-Identifier: MIT
"""Changes by package, group, environment, actor and kind, in both directions; and the plans of the two statements: many
changes are never read to find a few, also with a plan that knows no values."""
import re

import pytest
from support.daemon import SOURCE_DIR
from support.store import release

CHANGES = 30000
COLUMNS = ("package", "group", "environment", "actor", "kind")
FILL = f"""
INSERT INTO changes (serial, kind, package, groups, at, actor, environment)
SELECT n, CASE WHEN n % 1000 = 0 THEN 'quarantine' ELSE 'publish' END, 'p' || n % 3000, ARRAY['common', 'g' || n % 300], now(),
       't' || n % 30, CASE WHEN n % 100 = 0 THEN 'live' END
  FROM generate_series(1, {CHANGES}) n;
INSERT INTO change_groups (group_name, serial) SELECT g.name, c.serial FROM changes c, unnest(c.groups) g (name);
UPDATE registry SET serial = {CHANGES};
ANALYZE changes; ANALYZE change_groups;
"""


def serials(store, **query):
    return [change["serial"] for change in store.ok("changes", **query)["items"]]


def test_both_directions_and_every_filter(store):
    store.ok("publish", **release("shop", "1.0", [["a.plugins", "shop", "shop:a"]]), actor="shop/ci")
    store.ok("publish", **release("shop", "2.0", [["b.plugins", "shop", "shop:b"], ["a.plugins", "till", "shop:t"]]))
    store.ok("publish", **release("mart", "1.0", [["b.plugins", "mart", "mart:b"]]))
    store.ok("yank", name="shop", version="1.0", reason="loses orders", actor="shop/ci")
    everything = store.ok("changes")["items"]
    actors = [change["actor"] for change in everything]
    assert None not in actors
    assert serials(store, before=2**31 - 1) == [4, 3, 2, 1] and serials(store, before=3, limit=1) == [2]
    for asked, expected in [({"package": "shop"}, [1, 2, 4]), ({"group": "a.plugins"}, [1, 2, 4]),
                            ({"group": "b.plugins", "package": "shop"}, [2, 4]), ({"kind": "yank"}, [4]),
                            ({"group": "b.plugins", "kind": "publish"}, [2, 3]), ({"environment": "live"}, []),
                            ({"actor": actors[3]}, [n for n in (1, 2, 3, 4) if actors[n - 1] == actors[3]]),
                            ({"package": "nix"}, []), ({"group": "plugins"}, [])]:
        assert serials(store, **asked) == expected, asked
        assert serials(store, before=2**31 - 1, **asked) == expected[::-1], asked
        assert serials(store, since=expected[0] if expected else 0, **asked) == expected[1:], asked
        assert serials(store, limit=1, **asked) == expected[:1], asked
        assert store.ok("changes", **asked)["serial"] == 4, "the point is there also when nothing matches"


def statement(name):
    text = (SOURCE_DIR / f"sql/queries/{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


@pytest.fixture(scope="module")
def filled(cluster):
    database = cluster.create_database()
    for path in sorted((SOURCE_DIR / "sql/migrations").glob("*.sql")):
        cluster.script(database, path)
    cluster.sql(database, FILL)
    return lambda text: [row[0] for row in cluster.sql(database, text)]


GIVEN = [{}, {"package": "p7"}, {"group": "g7"}, {"group": "common"}, {"environment": "live"}, {"actor": "t7"},
         {"kind": "quarantine"}, {"kind": "publish"}, {"package": "p7", "kind": "publish"}, {"group": "common", "actor": "t7"}]
READ = re.compile(r"Scan.*\(actual time=\S+ rows=(\d+)\S* loops=(\d+)\)")


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("name, places", [("changes_matching", (0, CHANGES // 2)), ("changes_before", (2**62, CHANGES // 2))])
def test_few_rows_are_read(filled, name, places, mode):
    asked = [(place, given) for place in places for given in GIVEN]
    script = [f"SET plan_cache_mode = {mode}; PREPARE one (int8, int8, text, text, text, text, text) AS {statement(name)}"]
    for place, given in asked:
        values = ", ".join(f"'{given[column]}'" if column in given else "NULL" for column in COLUMNS)
        script.append(f"EXPLAIN (ANALYZE) EXECUTE one ({place}, 51, {values})")
    plans = "\n".join(filled(";".join(script))).split("Execution Time")[:-1]
    assert len(plans) == len(asked)
    for (place, given), plan in zip(asked, plans):
        read = [int(rows) * int(loops) for rows, loops in READ.findall(plan)]
        assert read and sum(read) <= 6000, f"{place} {given}\n{plan}"


def test_changes_of_before_get_their_actor_from_the_audit(cluster):
    database = cluster.create_database()
    before, after = [], []
    for path in sorted((SOURCE_DIR / "sql/migrations").glob("*.sql")):
        (after if after or path.stem.endswith("_activity") else before).append(path)
    for path in before:
        cluster.script(database, path)
    cluster.sql(database, """
SELECT record_change('yank', 'shop', '1.0', '{a.plugins,b.plugins}', 'shop/ci', '{"reason": "x"}');
SELECT record_change('owner', 'shop', NULL, '{}', 'admin/me', '{"team": "mart", "before": null}');
SELECT record_access_change('grant-add', 'mart', 'admin/me', '{"name": "secret"}');""")
    for path in after:
        cluster.script(database, path)
    assert cluster.sql(database, "SELECT kind, actor, detail FROM changes ORDER BY serial") == [
        ["yank", "shop/ci", ""], ["owner", "admin/me", "mart"], ["grant-add", "", ""]]
    assert cluster.sql(database, "SELECT group_name, serial FROM change_groups ORDER BY 1") == [
        ["a.plugins", "1"], ["b.plugins", "1"]]
