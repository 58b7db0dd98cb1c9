# SPDX-License-Identifier: MIT
"""The control of the checker: three daemons on a database whose serials come from a sequence, as a first idea of a
feed would have it, break the rules of history.py; on the database as it is they break none. The wrong function exists
in this scratch database alone."""
import asyncio
import contextlib
import pathlib
import sys

from support.daemon import Daemon
from support.postgres import Cluster
from support.registry import Registry

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import history  # noqa: E402
from load import Load  # noqa: E402

SECONDS = 4
# In the function that counts changes: numbers are taken without a lock and become visible in any order.
CHANGES = [
    ("SELECT r.serial + 1, ", "SELECT nextval('wrong_serial'), "),
    ("r.audit_count + 1,", "nextval('wrong_audit'),"),
    ("FOR NO KEY UPDATE;", ";\n    PERFORM pg_sleep(random() * 0.03);"),
    ("SET serial = new_serial,", "SET serial = greatest(serial, new_serial),"),
]


def count_by_sequence(registry):
    (current,) = registry.sql("SELECT serial, audit_count FROM registry")
    registry.sql(f"CREATE SEQUENCE wrong_serial START {int(current[0]) + 1};"
                 f"CREATE SEQUENCE wrong_audit START {int(current[1]) + 1};"
                 "GRANT USAGE ON wrong_serial, wrong_audit TO PUBLIC")
    lines = registry.sql("SELECT pg_get_functiondef('record_change'::regproc)")
    function = "\n".join(line[0] for line in lines)
    for old, new in CHANGES:
        assert function.count(old) == 1, old
        function = function.replace(old, new)
    registry.sql(function)


async def make_history(registry, daemons, prefix):
    load = Load(registry.address, {f"daemon{number}": one.address for number, one in enumerate(daemons)},
                registry.publisher_token, prefix=prefix)
    async with load:
        await asyncio.sleep(SECONDS)
        await load.end_publishing()
    await load.read_final(registry.address)
    return history.check(load.operations, all_kept=True)


def test_a_sequence_instead_of_the_counter_is_found():
    with Cluster() as cluster, contextlib.ExitStack() as stack:
        registry = stack.enter_context(Registry(cluster))
        daemons = [registry, *(stack.enter_context(Daemon(arguments=registry.arguments)) for _ in range(2))]
        right = asyncio.run(make_history(registry, daemons, "right"))
        assert right["violations"] == {}, right["examples"]
        assert right["acknowledged"] > 50
        count_by_sequence(registry)
        wrong = asyncio.run(make_history(registry, daemons, "wrong"))
    print(f"\nright: {right}\nwrong: {wrong['violations']} of {wrong['acknowledged']}")
    assert {"feed-gap", "missing"} & set(wrong["violations"])
