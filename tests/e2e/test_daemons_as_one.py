# SPDX-License-Identifier: MIT
"""Three daemons on one database, behind no sticky proxy: who signs in at one is signed in at all, who signs out is
signed out at all within a second, and rights that are removed at one are gone at all within a second."""

import time

import pytest
from support.access import grant, make_token, publish, ungrant
from support.daemon import Daemon
from support.postgres import Cluster
from support.visitor import Visitor

PUBLISH = ["publish:new", "publish:update", "group:publish", "read"]


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        yield running


@pytest.fixture(scope="module")
def three(cluster):
    arguments = ["--database-url", cluster.create_database(), "--reading", "closed"]
    with Daemon(arguments=arguments) as first, \
            Daemon(data_dir=first.data_dir.parent / "second", arguments=arguments) as second, \
            Daemon(data_dir=first.data_dir.parent / "third", arguments=arguments) as third:
        yield first, second, third


def visit(visitor, daemon):
    """The same browser at another daemon."""
    other = Visitor(daemon)
    other.cookie = visitor.cookie
    return other


def is_signed_in(visitor, daemon):
    return visit(visitor, daemon).form_token() is not None


def all_within_a_second(daemons, holds):
    """Each daemon is asked without a pause until it holds there; none takes a second."""
    begin = time.monotonic()
    for daemon in daemons:
        while not holds(daemon):
            assert time.monotonic() - begin < 1


def test_a_sign_in_holds_at_all(three):
    visitor = Visitor(three[0], three[0].admin_token)
    assert all(is_signed_in(visitor, daemon) for daemon in three)
    tokens = {visit(visitor, daemon).form_token() for daemon in three}
    assert len(tokens) == 1, "a form of one daemon is sent to any other"


def test_a_form_of_one_is_taken_by_another(three):
    publish(three[0], make_token(three[0], "formers", PUBLISH, grant=True), "formed")
    visitor = Visitor(three[0], three[0].admin_token)
    done = visit(visitor, three[1]).send("/packages/formed/status", form_token=visitor.form_token(),
                                         status="deprecated", reason="Old")
    assert done.status == 303
    page = visit(visitor, three[2]).get(done.headers["Location"]).body.decode()
    assert "deprecated" in page, "the page at the third shows what the second did"


@pytest.mark.parametrize("at", range(3))
def test_signing_out_at_one_holds_at_all_within_a_second(three, at):
    visitor = Visitor(three[0], three[0].admin_token)
    assert all(is_signed_in(visitor, daemon) for daemon in three)
    assert visit(visitor, three[at]).act("/sign-out").status == 303
    assert not is_signed_in(visitor, three[at]), "at once where it was done"
    all_within_a_second(three, lambda daemon: not is_signed_in(visitor, daemon))
    time.sleep(0.6)
    assert not any(is_signed_in(visitor, daemon) for daemon in three)


def test_a_session_outlives_its_daemon(three):
    visitor = Visitor(three[2], three[2].admin_token if (three[2].data_dir / "admin.token").exists()
                      else three[0].admin_token)
    three[2].kill()
    assert is_signed_in(visitor, three[0])
    three[2].start()
    assert is_signed_in(visitor, three[2])


def test_the_database_holds_only_hashes(cluster, three):
    visitor = Visitor(three[0], three[0].admin_token)
    number = visitor.cookie.partition("=")[2]
    conninfo = three[0].arguments[1]
    rows = cluster.run("pg_dump", "--data-only", "--table=sessions", "-d", conninfo)
    assert rows.count("\\\\x") >= 2 and number not in rows
    import base64
    plain = base64.urlsafe_b64decode(number + "=").hex()
    assert plain not in rows and visitor.form_token() not in rows
    assert cluster.sql(conninfo, "SELECT relpersistence FROM pg_class WHERE relname = 'sessions'") == [["p"]]


def test_what_has_ended_is_removed(cluster, three):
    conninfo = three[0].arguments[1]
    visitor = Visitor(three[0], three[0].admin_token)
    assert is_signed_in(visitor, three[1])
    cluster.sql(conninfo, "UPDATE sessions SET begun_at = now() - interval '13 hours'")
    all_within_a_second(three, lambda daemon: not is_signed_in(visitor, daemon))
    Visitor(three[1], three[0].admin_token)
    assert cluster.sql(conninfo, "SELECT count(*) FROM sessions") == [["1"]]


def revoke(first, run):
    made = make_token(first, f"t{run}", PUBLISH, grant=True, whole=True)
    return made["token"], lambda: first.post(f"/v1/tokens/{made['id']}/revoke", {}), \
        lambda daemon: daemon.get("/v1/packages", token=made["token"]).status == 401


def take_reading(first, run):
    token = make_token(first, f"r{run}", ["read"], grant=True)
    return token, lambda: ungrant(first, f"r{run}", "read"), \
        lambda daemon: daemon.get("/v1/packages", token=token).status == 403


def take_publishing(first, run):
    token = make_token(first, f"g{run}", PUBLISH, grant=True)
    grant(first, f"g{run}", "publish:new")
    return token, lambda: ungrant(first, f"g{run}", "publish:new"), \
        lambda daemon: publish(daemon, token, f"new-{run}-{time.monotonic_ns()}").status == 403


@pytest.mark.parametrize("kind", [revoke, take_reading, take_publishing], ids=lambda kind: kind.__name__)
def test_rights_removed_at_one_are_gone_at_all_within_a_second(three, kind):
    for run in range(3):
        token, take_away, is_gone = kind(three[0], run)
        for daemon in three:
            assert daemon.get("/v1/packages", token=token).status == 200
            assert daemon.get("/v1/packages", token=token).status == 200  # and from what it remembers
        take_away()
        all_within_a_second(three, is_gone)


def test_without_the_database_nobody_is_told_to_be_signed_out(cluster, three):
    """Last: the database is stopped."""
    visitor = Visitor(three[0], three[0].admin_token)
    token = visitor.form_token()
    cluster.stop()
    time.sleep(0.6)
    done = visitor.send("/sign-out", form_token=token)
    assert done.status == 503, "it cannot be recorded, so it is not promised"
    cluster.start()
    three[0].wait_ready()
    assert visitor.send("/sign-out", form_token=token).status == 303
    assert not is_signed_in(visitor, three[0])
