# SPDX-License-Identifier: MIT
"""Finding entry points never reads a whole table: the plans of its statements over many packages. FIND_PACKAGES says how
many (3,000); with 100,000 the test also prints how long each statement takes."""

import os
import re

import pytest
from support.daemon import SOURCE_DIR

PACKAGES = int(os.environ.get("FIND_PACKAGES", "3000"))
RELEASES = 3
PLACE = "'', '', ''"
# key, group, name, package, value, module, then the place and the limit
CASES = {
    "find_by_module": "'m77.mod', NULL, NULL, NULL, NULL, NULL",
    "find_by_attribute": "'register', NULL, NULL, NULL, NULL, NULL",
    "find_by_name": "'name77', NULL, NULL, NULL, NULL, NULL",
    "find_by_group": "'group1', NULL, NULL, NULL, NULL, NULL",
    "find_by_package": "'p77', NULL, NULL, NULL, NULL, NULL",
}
FILL = f"""
INSERT INTO packages (name, display_name, release_count)
SELECT 'p' || n, 'p' || n, {RELEASES} FROM generate_series(1, {PACKAGES}) n;
INSERT INTO releases (package_id, version, version_key, prerelease, document, digest, published_by)
SELECT p.id, v || '.0', decode(lpad(v::text, 2, '0'), 'hex'), false, '{{}}', sha256(p.name::bytea), 'x'
  FROM packages p, generate_series(1, {RELEASES}) v;
INSERT INTO entry_points (release_id, group_name, name, value)
SELECT r.id, 'group' || r.package_id % 10, 'name' || r.package_id, 'm' || r.package_id || '.mod:register' FROM releases r;
ANALYZE packages; ANALYZE releases; ANALYZE entry_points;
"""


def statement(name):
    text = (SOURCE_DIR / f"sql/queries/{name}.sql").read_text()
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


@pytest.fixture(scope="module")
def filled(cluster):
    database = cluster.create_database()
    for path in sorted((SOURCE_DIR / "sql/migrations").glob("*.sql")):
        cluster.script(database, path)
    cluster.sql(database, FILL)
    return lambda text: [row[0] for row in cluster.sql(database, text)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("place", [PLACE, "'group1', 'name77', 'p77'"])
def test_no_table_is_read_whole(filled, name, mode, place):
    types = ", ".join(["text"] * 9 + ["int8"])
    values = f"{CASES[name]}, {place}, 101"
    plan = "\n".join(filled(f"SET plan_cache_mode = {mode}; PREPARE one ({types}) AS {statement(name)}; EXPLAIN (ANALYZE) EXECUTE one ({values})"))
    assert "Seq Scan" not in plan, plan
    read = [int(rows) for rows in re.findall(r"Scan.*rows=(\d+) loops=1\)", plan)]
    assert sum(read) <= 2000, plan
    if PACKAGES >= 100000:
        print(name, mode, place, re.search(r"Execution Time: (\S+) ms", plan)[1], "ms")
