# SPDX-License-Identifier: MIT
"""What an operator is shown of data that today's rules refuse: the tests write it into the database directly,
because the API stores none."""

import pytest

from support.registryctl import registryctl

GOOD_GROUPS = ["app.plugins", "a-b.c_d", "A1"]
BAD_GROUPS = ["app plugins", "a..b", ".a", "a.", "a.-b", "a/b", "ä.group", "a\nb", "a\n"]
CONTRACT_ONLY = "only a contract"


@pytest.fixture(scope="module")
def damaged(registry):
    """Two good packages, and one row of each kind that cannot be published any more."""
    for name in ("modem", "other"):
        registry.publish(name, "1.0", {group: {name: "m:x"} for group in GOOD_GROUPS})
    registry.get("/v1/packages?q=modem")  # search follows; what is written below stays
    registry.sql("UPDATE packages SET name = 'modern', shares_form = true WHERE name = 'other'")
    registry.sql("INSERT INTO search_problems (package_id, error) SELECT id, 'tested' FROM packages WHERE name = 'modem'")
    rows = ", ".join(f"(E'{group}', 1, 1)".replace("\n", "\\n") for group in BAD_GROUPS)
    registry.sql(f"INSERT INTO group_counts VALUES {rows}")
    registry.sql("INSERT INTO groups (group_name, kind, conflict, priority, updated_at, updated_by) SELECT name, 'any', 'all',"
                 f" '{{}}', now(), 'test' FROM (VALUES ('{CONTRACT_ONLY}'), ('a/b'), ('app')) g (name)")
    return registry


def command(registry, *arguments):
    return registryctl("problems", *arguments, REGISTRYD_URL=registry.url, REGISTRYD_TOKEN=registry.admin_token)


def test_groups_that_cannot_be_indexed_are_listed_once(damaged):
    groups = damaged.get("/v1/problems", token=damaged.admin_token).json["groups"]
    assert groups == sorted([*BAD_GROUPS, CONTRACT_ONLY], key=str.encode)


def test_the_command_shows_rows_of_each_kind(damaged):
    done = command(damaged, "--format", "table")
    assert done.code == 1, done
    rows = [line.strip() for line in done.out.splitlines()]
    for kind, subject, detail in (("not indexed by search", "modem", "tested"),
                                  ("name looks like another", "modem", "modern"),
                                  ("name looks like another", "modern", "modem"),
                                  ("group cannot be indexed", "app plugins", "Rename"),
                                  ("group cannot be indexed", CONTRACT_ONLY, "Rename")):
        assert any(row.startswith(kind) and subject in row[len(kind):] and detail in row for row in rows), (kind, subject, done.out)
    assert not any(group in row.split() for group in GOOD_GROUPS for row in rows)


def test_the_command_prints_the_answer_as_json(damaged):
    done = command(damaged, "--format", "json")
    assert (done.code, set(done.json)) == (1, {"search", "lookalikes", "groups", "more"})
    assert [row["package"] for row in done.json["search"]] == ["modem"]
    assert [(row["package"], row["others"]) for row in done.json["lookalikes"]] == [("modem", ["modern"]), ("modern", ["modem"])]


def test_a_list_of_more_than_a_thousand_says_so(damaged):
    damaged.sql("INSERT INTO group_counts SELECT 'bad group ' || n, 1, 1 FROM generate_series(1, 1000) n")
    try:
        answer = damaged.get("/v1/problems", token=damaged.admin_token).json
        assert len(answer["groups"]) == 1000
        assert answer["more"] == {"search": False, "lookalikes": False, "groups": True}
        assert "There are more of this kind" in command(damaged, "--format", "table").out
    finally:
        damaged.sql("DELETE FROM group_counts WHERE group_name LIKE 'bad group %'")
