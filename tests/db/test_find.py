# SPDX-License-Identifier: MIT
"""Finding entry points never reads a whole table nor a whole group, whatever the planner guesses. FIND_PACKAGES says how
many packages there are (3,000); with 100,000 the test also prints how long each way takes."""

import os
import re

import pytest
from support.daemon import SOURCE_DIR

PACKAGES = int(os.environ.get("FIND_PACKAGES", "3000"))
RELEASES = 3
PAGE = 101
PLACE = "'', '', ''"
# way, key, group, name, package, value, module, then the place and the limit
CASES = {
    "module": "'module', 'm77.mod', NULL, NULL, NULL, NULL, NULL",
    "module of all": "'module', 'shared.mod', NULL, NULL, NULL, NULL, NULL",
    "attribute": "'attribute', 'register', NULL, NULL, NULL, NULL, NULL",
    "name": "'name', 'name77', NULL, NULL, NULL, NULL, NULL",
    "group": "'group', 'group1', NULL, NULL, NULL, NULL, NULL",
    "package": "'package', 'p77', NULL, NULL, NULL, NULL, NULL",
}
# A few groups hold nearly everything, and very many hold one package each: the average says nothing of either.
FILL = f"""
INSERT INTO packages (name, display_name, release_count)
SELECT 'p' || n, 'p' || n, {RELEASES} FROM generate_series(1, {PACKAGES}) n;
INSERT INTO releases (package_id, version, version_key, prerelease, document, digest, published_by)
SELECT p.id, v || '.0', decode(lpad(v::text, 2, '0'), 'hex'), false, '{{}}', sha256(p.name::bytea), 'x'
  FROM packages p, generate_series(1, {RELEASES}) v;
INSERT INTO entry_points (release_id, group_name, name, value)
SELECT r.id, 'group' || r.package_id % 3, 'name' || r.package_id, 'm' || r.package_id || '.mod:register' FROM releases r
 UNION ALL
SELECT r.id, 'own' || r.package_id, 'name' || r.package_id, 'shared.mod:run' FROM releases r;
ANALYZE packages; ANALYZE releases; ANALYZE entry_points;
"""
READ = """SELECT coalesce(sum(seq_tup_read), 0), coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables
           WHERE relname IN ('packages', 'releases', 'entry_points')"""


@pytest.fixture(scope="module")
def filled(cluster):
    database = cluster.create_database()
    for path in sorted((SOURCE_DIR / "sql/migrations").glob("*.sql")):
        cluster.script(database, path)
    cluster.sql(database, FILL)
    return lambda text: cluster.sql(database, text)


# A row of a page costs its own reading, that of its release and package, and of the newest release; other releases
# of the package stand beside it.
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("place", [PLACE, "'group1', 'name77', 'p77'"])
def test_a_page_reads_little_more_than_its_rows(filled, case, place):
    call = f"find_entries({CASES[case]}, {place}, {PAGE})"
    (rows,), (scanned, fetched) = filled(f"BEGIN; SELECT count(*) FROM {call}; {READ}; COMMIT")
    assert int(rows) <= PAGE
    assert int(scanned) == 0
    assert int(fetched) <= 4 * RELEASES * (PAGE + 10)
    if PACKAGES >= 100000:
        plan = "\n".join(row[0] for row in filled(f"SELECT count(*) FROM {call}; EXPLAIN (ANALYZE) SELECT * FROM {call}"))
        print(case, place, re.search(r"Execution Time: (\S+) ms", plan)[1], "ms")


@pytest.mark.parametrize("case", ["group", "module of all", "attribute"])
def test_pages_together_are_everything_once(filled, case):
    place, seen = PLACE, []
    while rows := filled(f"SELECT group_name, name, package FROM find_entries({CASES[case]}, {place}, 700)"):
        seen += rows
        place = ", ".join(f"'{part}'" for part in rows[-1])
        if len(seen) >= 5000:
            break
    whole = filled(f"SELECT group_name, name, package FROM find_entries({CASES[case]}, {PLACE}, {len(seen)})")
    assert seen == whole == sorted(seen)
    assert len({tuple(row) for row in seen}) == len(seen) >= min(PACKAGES // 3, 5000)
