# SPDX-License-Identifier: MIT
"""Names inside the publishing transaction: reservations hold against look-alikes, the owner of a reserved
prefix is never kept out, and of two look-alikes published at the same moment one is refused. The calls go past
the checks of the API, so what decides here is the transaction alone."""
import pathlib
import os

import pytest

from support.store import Probe, release

MIGRATIONS = sorted((pathlib.Path(os.environ["REGISTRYD_SOURCE_DIR"]) / "sql" / "migrations").glob("*.sql"))

# Reserved before: prefix `corp` and prefix `acme-labs` for the team owner, the name `solo` for the team owner,
# the prefix `nobody` for no team. Then: package, team, what becomes of it.
UNDER_CORP = ["corp", "c0rp", "co-rp", "corp-x", "c0rp-wallet", "co-rp-hr", "c-o-r-p-pay", "c0-rp-a-b"]
UNDER_LABS = ["acme-labs", "acmelabs", "acme-labs-ui", "acmelabs-ui", "acme-1abs-ui", "acme-iabs", "ac-me-labs-x"]
UNDER_SOLO = ["solo", "s0lo", "so-lo", "s-o-l-0", "so1o"]
GLUED = ["corpbilling", "corpse", "corporate-tools", "corps-band", "corpora", "acmelabsui", "acme-labsui"]
NEAR = ["solo-tools", "soloist", "cor-p1", "co-r-q", "acme-lab", "acme-lab-s2", "acme", "labs-acme", "x-corp",
        "billing-corp", "kcorp", "cop", "crop", "corq"]
PAIRS = [("modern", "modem"), ("savvy", "sawy"), ("pool", "poo1"), ("a-bc", "ab-c"), ("turn", "tum"),
         ("oil", "0il"), ("fill", "flll"), ("kern-el", "kemel"), ("dr-n", "drn"), ("vv-a", "wa")]
OTHERS = [("models", "model"), ("cart", "tarc"), ("beta", "betb"), ("vest", "west"), ("ran", "man")]


def decided():
    for names, mine in ((UNDER_CORP, "ok"), (UNDER_LABS, "ok"), (UNDER_SOLO, "ok")):
        for name in names:
            yield (), name, "owner", mine
            yield (), name, "stranger", "forbidden"
            yield (), name, "other", "forbidden"
    for name in ("nobody", "nob0dy-x", "no-body-x"):
        for team in ("owner", "stranger"):
            yield (), name, team, "forbidden"
    for name in GLUED + NEAR:
        for team in ("owner", "stranger"):
            yield (), name, team, "ok"
    for taken, name in (("corpbilling", "corp-billing"), ("corpse", "corp-se"), ("acmelabsui", "acme-labs-ui"),
                        ("corpora", "c0rp-ora"), ("acme-labsui", "acmelabs-ui")):
        yield ((taken, "stranger"),), name, "owner", "ok"
        yield ((taken, "stranger"),), name, "other", "forbidden"
        yield ((name, "owner"),), taken, "stranger", "conflict"
        yield ((name, "owner"),), taken, "owner", "conflict"
    for first, second in PAIRS:
        for here, there in ((first, second), (second, first)):
            yield ((here, "stranger"),), there, "stranger", "conflict"
            yield ((here, "stranger"),), there, "other", "conflict"
            yield ((here, "stranger"),), here, "other", "forbidden"
            yield ((here, "stranger"),), here, "stranger", "ok"
    for first, second in OTHERS:
        for team in ("stranger", "other"):
            yield ((first, "stranger"),), second, team, "ok"
            yield ((second, "stranger"),), first, team, "ok"


CASES = list(decided())


@pytest.fixture(scope="module")
def names(cluster):
    """One store for all cases: each begins with no packages."""
    database = cluster.create_database()
    with Probe(database) as probe:
        probe.ok("migrate")
        probe.ok("reserve", name="corp", prefix=True, team="owner")
        probe.ok("reserve", name="acme-labs", prefix=True, team="owner")
        probe.ok("reserve", name="solo", prefix=False, team="owner")
        probe.ok("reserve", name="nobody", prefix=True)
        yield cluster, database, probe


def forget(cluster, database):
    cluster.sql(database, "SET session_replication_role = replica; DELETE FROM releases; DELETE FROM packages")


def test_there_are_enough():
    assert len(CASES) >= 200 and len(set(CASES)) == len(CASES)


@pytest.mark.parametrize("part", range(8))
def test_each_name_ends_as_decided(names, part):
    cluster, database, probe = names
    for before, name, team, expected in CASES[part::8]:
        forget(cluster, database)
        for taken, by in before:
            probe.ok("publish", **release(taken, "1.0"), team=by)
        answer = probe.call("publish", **release(name, "2.0"), team=team)
        assert answer["status"] == expected, (before, name, team, answer)


def test_the_check_before_a_publish_says_the_same(names):
    cluster, database, probe = names
    forget(cluster, database)
    probe.ok("publish", **release("corpbilling", "1.0"), team="stranger")
    assert probe.ok("name", name="co-rp-hr", groups=[])["reserved"] == "corp"
    assert probe.ok("name", name="corpse", groups=[])["reserved"] is None
    found = probe.ok("name", name="corp-billing", groups=[])
    assert (found["reserved_for"], found["confusable"]) == ("owner", "corpbilling")


def test_the_longest_reservation_decides(cluster, database, store):
    store.ok("reserve", name="corp", prefix=True, team="one")
    store.ok("reserve", name="corp-pay", prefix=True, team="two")
    store.ok("reserve", name="c0rp", prefix=True, team="three")
    for name, team in (("corp-x", "one"), ("corp-pay-x", "two"), ("c0rp-pay", "two"), ("c0rp-x", "three")):
        assert store.ok("name", name=name, groups=[])["reserved_for"] == team


def test_a_glued_name_is_audited(names):
    cluster, database, probe = names
    forget(cluster, database)
    for name in ("corpse", "other"):
        probe.ok("publish", **release(name, "1.0"), team="stranger")
    assert cluster.sql(database, "SELECT detail->>'near_reserved' FROM audit_events WHERE action = 'publish'"
                                 " ORDER BY id DESC LIMIT 2") == [[""], ["corp"]]


def test_two_look_alikes_at_the_same_moment(cluster, database, store):
    """From two daemons, and within one batch of one daemon: exactly one of four is written."""
    with Probe(database) as other:
        other.ok("ping")
        for number in range(30):
            forms = [f"race{number}-modern", f"race{number}modem", f"race{number}-m0dem", f"race-{number}-modern"]
            for probe, pair in ((store, forms[:2]), (other, forms[2:])):
                probe.send("publish_together", threads=2,
                           calls=[{**release(name, "1.0"), "team": name} for name in pair])
            statuses = [row["status"] for probe in (store, other) for row in probe.receive()["outcomes"]]
            assert sorted(statuses) == ["conflict", "conflict", "conflict", "ok"], statuses
    assert store.ok("lookalikes")["items"] == {}


def test_an_upgrade_keeps_pairs_and_lists_them(cluster, database):
    """`modern` and `modem` were two names before migration 11: both stay and take releases."""
    before = [path for path in MIGRATIONS if path.name < "0011"]
    for path in before:
        cluster.script(database, path)
    cluster.sql(database, """
        INSERT INTO schema_migrations (version, name, checksum) VALUES """ + ",".join(
            f"({number}, '{path.stem[5:]}', encode(sha256(pg_read_binary_file('{path}')), 'hex'))"
            for number, path in enumerate(before, 1)) + """;
        INSERT INTO packages (name, display_name, owner, release_count)
        VALUES ('modern', 'modern', 'one', 0), ('modem', 'modem', 'two', 0), ('plain', 'plain', 'one', 0)""")
    with Probe(database) as probe:
        probe.ok("migrate")
        assert probe.ok("lookalikes")["items"] == {"modem": "modern", "modern": "modem"}
        assert probe.ok("publish", **release("modem", "1.0"), team="two")["created"]
        assert probe.ok("publish", **release("modern", "1.0"), team="one")["created"]
        assert probe.call("publish", **release("mo-dem", "1.0"), team="one")["status"] == "conflict"


def test_sub_groups_follow_their_owner(store):
    store.ok("contract_set", group="acme", owner="acme")
    store.ok("contract_set", group="acme.plugins.open", owner="everyone")
    for group, owner in (("acme", "acme"), ("acme.plugins", "acme"), ("acme.plugins.ui", "acme"),
                         ("acme.plugins.open", "everyone"), ("acme.plugins.open.x", "everyone"),
                         ("acmes.plugins", None), ("other", None)):
        owned = store.ok("name", name="x", groups=[group])["owned_groups"]
        assert owned == (f"{owner}\n{group}" if owner else ""), group
