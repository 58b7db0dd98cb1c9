# SPDX-License-Identifier: MIT
"""Seeded faults: each a small change that makes the programs wrong, and the tests that must notice it.

`old` stands exactly once in its file (a contract test holds that), so a table that has fallen behind is seen at once.
A fault that changes SQL or a setting counts like one in C.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: tuple  # ctest names, any of which must fail


COMMIT = "registryd/store/group_commit.c"
RIGHTS = "registryd/access/rights.c"
FEED = "registryd/index/feed_apply.c"
DB_RUN = "registryd/store/libpq/db_run.c"
PUBLISH = "sql/queries/release_publish.sql"

MUTANTS = (
    # ---- durability
    Mutant("fsync-off", "registryd/postgres/postgres_cluster.c", '"fsync = on\\n"', '"fsync = off\\n"',
           ("e2e_test_backup",)),
    Mutant("synchronous-commit-off", "registryd/postgres/postgres_cluster.c", '"synchronous_commit = on\\n"', '"synchronous_commit = off\\n"',
           ("e2e_test_backup",)),
    Mutant("batch-fails-alone-never", COMMIT, "    if (batch->count > 1 && is_about_content(batch->jobs[0]->status)) {", "    if (batch->count > 999) {",
           ("db_test_publish", "db_test_no_memory")),
    Mutant("acknowledged-before-the-write", COMMIT, "    return status ? status : publish_write(loan.db, jobs, count, err);",
           "    for (size_t i = 0; i < count; i++) {\n        jobs[i]->outcome.created = true;\n    }\n    return status;",
           ("db_test_publish", "http_test_api_publish", "e2e_test_kill")),
    Mutant("lost-commit-is-a-plain-failure", DB_RUN, "    if (db->commits) {\n        return fail(", "    if (false) {\n        return fail(",
           ("db_test_failures", "e2e_test_failover")),
    Mutant("unconfirmed-standby-is-success", DB_RUN, "if (db->commits && db->unreplicated) {", "if (false) {",
           ("db_test_failures", "db_test_publish", "e2e_test_failover")),
    Mutant("rolled-back-commit-is-success", DB_RUN, "if (call->statement == SQL_TRANSACTION_COMMIT && strcmp(", "if (false && strcmp(",
           ("db_test_failures",)),
    Mutant("any-server-will-do", "registryd/store/libpq/db_connect.c", ': "read-write";', ': "any";',
           ("db_test_hosts", "e2e_test_failover", "e2e_test_standby_reads")),
    Mutant("no-keep-alive", "registryd/store/libpq/db_hosts.c", '"registryd", "5000", "5", "2", "2", conninfo', '"registryd", "0", "0", "0", "0", conninfo',
           ("db_test_hosts", "e2e_test_failover")),
    Mutant("server-left-behind-is-taken", "registryd/store/history/history.c", "return is_earlier && !is_given_up ? HISTORY_OLDER : HISTORY_NEW;",
           "return is_earlier && is_given_up && !is_counted ? HISTORY_OLDER : HISTORY_NEW;", ("unit_registryd_test_history", "e2e_test_failover")),
    Mutant("same-number-is-no-fork", "registryd/store/history/history.c", "return here->number == remembered->number ? HISTORY_FORKED : HISTORY_OLDER;",
           "return HISTORY_FOLLOWED;", ("unit_registryd_test_history",)),
    # ---- the feed
    Mutant("full-batch-is-the-end", FEED, "!is_refreshed && changes->count < BATCH;", "true;", ("unit_registryd_test_index_history", "db_test_feed", "e2e_test_two_daemons")),
    Mutant("older-history-is-read-on", FEED, "if (changes.point.epoch_number < session->point.epoch_number) {", "if (false) {",
           ("unit_registryd_test_index_history", "e2e_test_failover")),
    Mutant("contracts-keep-old-answers", FEED, "        if (session->is_anew || is_concerned(session, group->name)) {", "        if (session->is_anew || (false && is_concerned(session, group->name))) {",
           ("http_test_api_lifecycle", "http_test_api_read", "http_test_api_holds", "db_test_feed")),
    Mutant("environments-are-kept", FEED, "        environments_forget(index->environments, session->environments.items[i]);",
           "        (void)index;", ("http_test_api_environments", "e2e_test_two_daemons")),
    Mutant("own-write-skips-the-feed", "registryd/index/read_own_write.c", "if (is_next(index, change) && !concerns_memory(index, change)) {",
           "if (is_next(index, change) && (true || !concerns_memory(index, change))) {", ("http_test_api_resolve", "http_test_api_publish", "unit_registryd_test_index")),
    # ---- publishing
    Mutant("another-document-is-the-same-release", "registryd/store/publish_write.c", "    if (!status && !found.same) {", "    found.same = found.version != NULL;\n    if (!status && !found.same) {",
           ("db_test_publish", "http_test_api_publish")),
    Mutant("anybody-may-update", PUBLISH, "(SELECT i.may_update <> 0 OR i.team = p.owner FROM", "(SELECT true OR i.team = p.owner FROM",
           ("db_test_publish", "db_test_names", "http_test_api_access")),
    Mutant("stale-contract-is-taken", PUBLISH, "     WHERE i.contract_revision =\n", "     WHERE i.contract_revision <=\n",
           ("db_test_publish", "db_test_schema", "http_test_contract_checks", "db_test_lifecycle")),
    Mutant("other-bytes-of-a-file", "registryd/store/files/store_artifacts.c", "    if (strcmp(location.sha256, digest) != 0) {", "    if (false) {",
           ("http_test_api_artifacts",)),
    # ---- rights
    Mutant("token-scope-is-not-asked", RIGHTS, "    return token_allows(rights, scope, object) &&\n           find(", "    return find(",
           ("unit_registryd_test_rights", "http_test_access_matrix")),
    Mutant("grants-are-not-asked", RIGHTS, "    return token_allows(rights, scope, object) &&\n           find(rights->grants, rights->grant_count, scope, object);",
           "    return token_allows(rights, scope, object);", ("unit_registryd_test_rights", "http_test_access_matrix")),
    Mutant("prefix-without-a-border", RIGHTS, '        return begins(granted, object, "-");', "        return strncmp(granted, object, strlen(granted)) == 0;",
           ("unit_registryd_test_rights", "http_test_api_access")),
    Mutant("administrators-publish", RIGHTS, "        return !rows[scope].is_for_teams;", "        return true;",
           ("unit_registryd_test_rights", "http_test_access_matrix")),
    Mutant("expired-tokens-are-good", "registryd/access/access.c", "(int)is_well_formed + (int)!status + (int)row.usable + (int)is_same != 4", "(int)is_well_formed + (int)!status + (int)is_same != 3",
           ("http_test_api_tokens", "http_test_access_matrix", "e2e_test_rights_gone")),
    Mutant("forms-of-strangers", "registryd/web/frame/form.c", 'if (status || !session_owns_form(&session, form_find(&form, "form_token"))) {', "if (status) {",
           ("http_test_pages_changing", "http_test_pages_tokens")),
    # ---- input
    Mutant("json-of-any-depth", "schema/json/json.c", "        if (depth > LIMIT_JSON_DEPTH) {", "        if (false) {", ("unit_schema_test_json", "http_test_api_publish")),
    Mutant("attributes-are-not-escaped", "registryd/web/frame/html.c", "    buffer_add_markup(&html->out, text_from(value));", "    buffer_add_string(&html->out, value);",
           ("unit_registryd_test_html", "http_test_pages")),
    # ---- snapshots and clients
    Mutant("digest-of-a-snapshot-is-not-compared", "schema/snapshot/snapshot.c", "    return memcmp(found, digest, sizeof found) == 0;", "    return memcmp(found, digest, 0) == 0;",
           ("unit_schema_test_snapshot", "cli_test_last_known_good")),
    Mutant("snapshot-without-sync", "client/snapshot/snapshot_replace.c", "bytes->len) || fsync(fd) != 0 ||", "bytes->len) ||",
           ("unit_client_test_snapshot_faults",)),
    Mutant("links-of-a-cache-are-followed", "client/snapshot/snapshot_cache.c", "O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);", "O_RDONLY | O_CLOEXEC | O_NONBLOCK);",
           ("unit_client_test_snapshot_kept", "cli_test_last_known_good", "cli_test_snapshot")),
    Mutant("later-root-wins", "client/walk/merge.c", "order = (a->list > b->list) - (a->list < b->list);", "order = (a->list < b->list) - (a->list > b->list);",
           ("unit_client_test_merge", "cli_test_walk")),
    Mutant("decision-of-another-version", "client/walk/decide.c", "version_compare(version, j->version) == 0", "version_compare(version, j->version) >= 0",
           ("unit_client_test_decide", "decisions_test_decisions")),
)
