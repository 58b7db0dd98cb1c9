// SPDX-License-Identifier: MIT
// Snapshots: what goes in comes out, and nothing that was cut, altered or made up is ever used. The
// attacks are exhaustive: every truncation and every single bit of a small file.
#include "schema/base/cleanup.h"
#include "schema/snapshot/snapshot_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct buffer bytes;

static void add(struct records *records, const char *group, const char *name, const char *version) {
    struct record *record = records_add(arena, records);
    record->group = group;
    record->name = name;
    record->value = "m:a";
    record->version = version;
    record->source = "walk";
    record->origin = "root/one";
}

static const struct snapshot_origin origin = {
    .epoch = "0de6ff27-d7b3-43ed-a378-103d0ad00813",
    .serial = 42,
    .made_at_seconds = 1700000000,
    .environment = "default",
    .query = "group=a&group=b",
    .max_age_seconds = 2592000,
    .epoch_number = 7,
    .is_listed_only = true,
    .settings_left_out = true,
};

static void decide(struct decisions *decisions, const char *group, const char *package,
                   const char *code) {
    struct decision *decision = decisions_add(arena, decisions);
    decision->group = group;
    decision->package = package;
    decision->code = code;
    decision->since = "2026-11-30T12:00:00Z";
}

static void decide_samples(struct decisions *decisions) {
    decide(decisions, "b.plugins", "acme", "quarantined");
    struct decision *first = &decisions->items[0];
    first->name = "crm";
    first->version = "1.0";
    first->message = "Leaks keys";
    first->by = "admin:ops";
    first->by_name = true;
    decide(decisions, "b.plugins", "acme", "settings");
    decisions->items[1].settings = "{\"x\":1}";
    decide(decisions, "a.plugins", "other", "outside-pin");
    decisions->items[2].pin = "<2";
    decide(decisions, "c.plugins", "other", "known");
    decide(decisions, "d.plugins", "other", "alias");
    decisions->items[4].name = "old";
    decisions->items[4].successor = "new";
    decisions->items[4].entry_only = true;
    decisions_sort(decisions);
}

static int begin(void **state) {
    (void)state;
    struct records records = {0};
    struct decisions decisions = {0};
    arena = arena_new(0);
    decide_samples(&decisions);
    add(&records, "b.plugins", "later", NULL);
    add(&records, "a.plugins", "one", "1.0");
    add(&records, "b.plugins", "earlier", "2.0");
    findings_add(&records.items[1].findings, SEVERITY_WARNING, "unknown-key", "f:1", NULL, "hm");
    records.items[2].manifest = "{\"x\":1}";
    records.items[2].state = "allowed";
    assert_int_equal(snapshot_encode(&origin, &records, &decisions, &bytes, NULL), STATUS_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    buffer_done(&bytes);
    arena_free(arena);
    return 0;
}

static void what_goes_in_comes_out(void **state) {
    (void)state;
    struct snapshot snapshot;
    struct snapshot_group group;
    struct record record;
    assert_int_equal(snapshot_open(bytes.ptr, bytes.len, &snapshot, NULL), STATUS_OK);
    assert_string_equal(snapshot.origin.epoch, origin.epoch);
    assert_int_equal(snapshot.origin.serial, 42);
    assert_int_equal(snapshot.origin.made_at_seconds, 1700000000);
    assert_string_equal(snapshot.origin.query, origin.query);
    assert_int_equal(snapshot.origin.max_age_seconds, 2592000);
    assert_int_equal(snapshot.origin.epoch_number, 7);
    assert_true(snapshot.origin.is_listed_only && snapshot.origin.settings_left_out);
    assert_int_equal(snapshot.group_count, 2);
    assert_int_equal(snapshot_read_group(&snapshot, "b.plugins", &group, NULL), STATUS_OK);
    assert_int_equal(group.record_count, 2);
    snapshot_record(&group, 0, &record); // the order given
    assert_string_equal(record.name, "later");
    assert_null(record.version);
    assert_null(record.manifest);
    snapshot_record(&group, 1, &record);
    assert_string_equal(record.group, "b.plugins");
    assert_string_equal(record.name, "earlier");
    assert_string_equal(record.version, "2.0");
    assert_string_equal(record.manifest, "{\"x\":1}");
    assert_string_equal(record.state, "allowed");
    assert_int_equal(snapshot_read_group(&snapshot, "c", &group, NULL), STATUS_NOT_FOUND);
    assert_int_equal(snapshot_read_group(&snapshot, "", &group, NULL), STATUS_NOT_FOUND);
}

static void findings_come_along(void **state) {
    (void)state;
    struct snapshot snapshot;
    struct snapshot_group group;
    struct findings findings;
    findings_init(&findings, arena);
    assert_int_equal(snapshot_open(bytes.ptr, bytes.len, &snapshot, NULL), STATUS_OK);
    assert_int_equal(snapshot_read_group(&snapshot, "a.plugins", &group, NULL), STATUS_OK);
    assert_int_equal(snapshot_read_findings(&group, 0, &findings, NULL), STATUS_OK);
    assert_int_equal(findings.count, 1);
    assert_string_equal(findings.items[0].code, "unknown-key");
    assert_int_equal(findings.items[0].severity, SEVERITY_WARNING);
}

static void decisions_come_along(void **state) {
    (void)state;
    struct snapshot snapshot;
    struct snapshot_decisions block;
    struct decision decision;
    uint32_t first;
    uint32_t count;
    assert_int_equal(snapshot_open(bytes.ptr, bytes.len, &snapshot, NULL), STATUS_OK);
    assert_int_equal(snapshot_check_decisions(&snapshot, &block, NULL), STATUS_OK);
    assert_int_equal(snapshot_decision_count(&block), 5);
    assert_true(snapshot.has_notes);
    snapshot_decisions_of(&block, "b.plugins", &first, &count);
    assert_int_equal(count, 2);
    snapshot_decision(&block, first, &decision);
    assert_string_equal(decision.settings, "{\"x\":1}");
    assert_null(decision.name);
    assert_false(decision.by_name);
    snapshot_decision(&block, first + 1, &decision);
    assert_string_equal(decision.group, "b.plugins");
    assert_string_equal(decision.package, "acme");
    assert_string_equal(decision.name, "crm");
    assert_string_equal(decision.version, "1.0");
    assert_string_equal(decision.code, "quarantined");
    assert_string_equal(decision.message, "Leaks keys");
    assert_string_equal(decision.since, "2026-11-30T12:00:00Z");
    assert_string_equal(decision.by, "admin:ops");
    assert_true(decision.by_name);
    assert_null(decision.pin);
    assert_null(decision.settings);
    snapshot_decisions_of(&block, "a.plugins", &first, &count);
    assert_int_equal(count, 1);
    snapshot_decision(&block, first, &decision);
    assert_string_equal(decision.pin, "<2");
    assert_null(decision.successor);
    assert_false(decision.entry_only);
    snapshot_decisions_of(&block, "d.plugins", &first, &count);
    assert_int_equal(count, 1);
    snapshot_decision(&block, first, &decision);
    assert_string_equal(decision.successor, "new");
    assert_null(decision.pin);
    assert_true(decision.entry_only && !decision.by_name);
    snapshot_decisions_of(&block, "b", &first, &count);
    assert_int_equal(count, 0);
    snapshot_decisions_of(&block, "z", &first, &count);
    assert_int_equal(count, 0);
}

// None are known is not the same as none were made.
static void no_decisions_are_told_from_unknown_ones(void **state) {
    (void)state;
    struct records none = {0};
    struct decisions empty = {0};
    for (int is_known = 0; is_known < 2; is_known++) {
        struct buffer file;
        struct snapshot snapshot;
        struct snapshot_decisions block;
        assert_int_equal(snapshot_encode(&origin, &none, is_known ? &empty : NULL, &file, NULL),
                         STATUS_OK);
        assert_int_equal(snapshot_open(file.ptr, file.len, &snapshot, NULL), STATUS_OK);
        assert_int_equal(snapshot.has_decisions, is_known);
        assert_int_equal(snapshot_check_decisions(&snapshot, &block, NULL),
                         is_known ? STATUS_OK : STATUS_NOT_FOUND);
        buffer_done(&file);
    }
}

// The digests of such a file are right: a reader of rows does not look for NULL.
static void what_every_decision_has_must_be_there(void **state) {
    (void)state;
    struct records none = {0};
    for (int i = 0; i < 3; i++) {
        struct decisions decisions = {0};
        struct buffer file;
        struct snapshot snapshot;
        struct snapshot_decisions block;
        decide(&decisions, i == 0 ? NULL : "g", i == 1 ? NULL : "p", i == 2 ? NULL : "yanked");
        assert_int_equal(snapshot_encode(&origin, &none, &decisions, &file, NULL), STATUS_OK);
        assert_int_equal(snapshot_open(file.ptr, file.len, &snapshot, NULL), STATUS_OK);
        assert_int_equal(snapshot_check_decisions(&snapshot, &block, NULL), STATUS_MALFORMED);
        buffer_done(&file);
    }
}

// A thousand decisions beside ten thousand records add less than a tenth to the file.
static void decisions_are_small(void **state) {
    (void)state;
    struct records records = {0};
    struct decisions decisions = {0};
    struct buffer without;
    struct buffer with;
    for (int i = 0; i < 10000; i++) {
        add(&records, "a.plugins", arena_printf(arena, "plugin-%d", i), "1.0.0");
        records.items[i].package = arena_printf(arena, "acme-plugin-%d", i);
        records.items[i].origin = arena_printf(arena, "http://r/packages/acme-plugin-%d/1.0.0", i);
    }
    for (int i = 0; i < 1000; i++) {
        decide(&decisions, "a.plugins", records.items[i].package, "disabled");
        decisions.items[i].name = records.items[i].name;
        decisions.items[i].message = "The environment production disables the package";
        decisions.items[i].by = "operator:ops";
    }
    assert_int_equal(snapshot_encode(&origin, &records, NULL, &without, NULL), STATUS_OK);
    assert_int_equal(snapshot_encode(&origin, &records, &decisions, &with, NULL), STATUS_OK);
    assert_true(10 * with.len <= 11 * without.len);
    buffer_done(&without);
    buffer_done(&with);
}

static struct text load_data(const char *name) {
    const char *root = getenv("REGISTRYD_SOURCE_DIR");
    const char *path = arena_printf(arena, "%s/tests/data/snapshot/%s", root ? root : ".", name);
    scoped(cleanup_file) FILE *file = fopen(path, "rb");
    char *room = arena_alloc(arena, 65536);
    assert_non_null(file);
    return (struct text){room, fread(room, 1, 65536, file)};
}

// A file that a daemon of version 2 wrote and signed: its decisions are unknown, the rest is read.
static void version_2_is_still_read(void **state) {
    (void)state;
    struct snapshot snapshot;
    struct snapshot_group group;
    struct record record;
    struct findings findings;
    uint8_t key[SIGNATURE_KEY_BYTES];
    struct text old = load_data("version-2.snapshot");
    assert_int_equal(snapshot_open(old.ptr, old.len, &snapshot, NULL), STATUS_OK);
    assert_string_equal(snapshot.origin.query,
                        "environment=default&group=b&group=honeyframe.plugins");
    assert_int_equal(snapshot.origin.max_age_seconds, 0);
    assert_false(snapshot.has_decisions || snapshot.origin.settings_left_out);
    assert_int_equal(snapshot_read_group(&snapshot, "b", &group, NULL), STATUS_OK);
    assert_int_equal(group.record_count, 2);
    snapshot_record(&group, 1, &record);
    assert_string_equal(record.settings, "{\"a\":1}");
    assert_null(record.state);
    findings_init(&findings, arena);
    assert_int_equal(snapshot_read_findings(&group, 1, &findings, NULL), STATUS_OK);
    assert_string_equal(findings.items[0].code, "x");
    assert_true(snapshot_signer(&snapshot, key));
    assert_int_equal(snapshot_verify(&snapshot, key, NULL), STATUS_OK);
    // The number of the version is under the check: one format is not taken for the other.
    ((char *)old.ptr)[24] = 3;
    assert_int_equal(snapshot_open(old.ptr, old.len, &snapshot, NULL), STATUS_MALFORMED);
}

// Opens and reads everything; how far it got, as a status. ASan watches every access.
static enum status read_all(const void *file, size_t len) {
    struct snapshot snapshot;
    struct snapshot_group group;
    enum status status = snapshot_open(file, len, &snapshot, NULL);
    for (uint32_t i = 0; !status && i < snapshot.group_count; i++) {
        status = snapshot_group_at(&snapshot, i, &group, NULL);
        for (uint32_t r = 0; !status && r < group.record_count; r++) {
            struct record record;
            struct findings findings;
            findings_init(&findings, arena);
            snapshot_record(&group, r, &record);
            assert_true(!record.name || strlen(record.name) < len);
            status = snapshot_read_findings(&group, r, &findings, NULL);
        }
    }
    struct snapshot_decisions block;
    status = status ? status : snapshot_check_decisions(&snapshot, &block, NULL);
    for (uint32_t d = 0; !status && d < snapshot_decision_count(&block); d++) {
        struct decision decision;
        snapshot_decision(&block, d, &decision);
        assert_true(strlen(decision.package) < len);
    }
    return status;
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    for (size_t len = 0; len < bytes.len; len++) {
        scoped(cleanup_memory) char *cut = malloc(len ? len : 1);
        memcpy(cut, bytes.ptr, len);
        assert_int_not_equal(read_all(cut, len), STATUS_OK);
    }
    scoped(cleanup_memory) char *longer = calloc(1, bytes.len + 1);
    memcpy(longer, bytes.ptr, bytes.len);
    assert_int_not_equal(read_all(longer, bytes.len + 1), STATUS_OK);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    scoped(cleanup_memory) char *copy = malloc(bytes.len);
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        memcpy(copy, bytes.ptr, bytes.len);
        copy[bit / 8] ^= (char)(1 << (bit % 8));
        assert_int_not_equal(read_all(copy, bytes.len), STATUS_OK);
    }
}

static void foreign_bytes_are_refused(void **state) {
    (void)state;
    static const char zeros[4096];
    assert_int_equal(read_all(zeros, sizeof zeros), STATUS_MALFORMED);
    assert_int_equal(read_all("", 0), STATUS_MALFORMED);
    scoped(cleanup_memory) char *other = malloc(bytes.len);
    memcpy(other, bytes.ptr, bytes.len);
    other[24] = 1; // the format's version
    assert_int_equal(read_all(other, bytes.len), STATUS_INVALID);
}

static void nothing_is_a_snapshot_too(void **state) {
    (void)state;
    struct records none = {0};
    struct snapshot snapshot;
    struct buffer empty;
    assert_int_equal(snapshot_encode(&origin, &none, NULL, &empty, NULL), STATUS_OK);
    assert_int_equal(snapshot_open(empty.ptr, empty.len, &snapshot, NULL), STATUS_OK);
    assert_int_equal(snapshot.group_count, 0);
    buffer_done(&empty);
}

static void many_groups_are_all_found(void **state) {
    (void)state;
    struct records records = {0};
    struct buffer many;
    struct snapshot snapshot;
    for (int i = 0; i < 1000; i++) {
        add(&records, arena_printf(arena, "g%d", (i * 617) % 1000), "x", "1");
    }
    assert_int_equal(snapshot_encode(&origin, &records, NULL, &many, NULL), STATUS_OK);
    assert_int_equal(snapshot_open(many.ptr, many.len, &snapshot, NULL), STATUS_OK);
    assert_int_equal(snapshot.group_count, 1000);
    for (int i = 0; i < 1000; i++) {
        struct snapshot_group group;
        assert_int_equal(
            snapshot_read_group(&snapshot, arena_printf(arena, "g%d", i), &group, NULL), STATUS_OK);
        assert_int_equal(group.record_count, 1);
    }
    buffer_done(&many);
}

// The digests of such a file are right: whoever reads a name must not meet NULL.
static void what_every_record_has_must_be_there(void **state) {
    (void)state;
    const char *const sources[] = {"walk", NULL};
    for (size_t i = 0; i < 2; i++) {
        struct records records = {0};
        struct buffer lacking;
        struct snapshot snapshot;
        struct snapshot_group group;
        add(&records, "a.plugins", i ? "one" : NULL, NULL);
        records.items[0].source = sources[i];
        assert_int_equal(snapshot_encode(&origin, &records, NULL, &lacking, NULL), STATUS_OK);
        assert_int_equal(snapshot_open(lacking.ptr, lacking.len, &snapshot, NULL), STATUS_OK);
        assert_int_equal(snapshot_read_group(&snapshot, "a.plugins", &group, NULL),
                         STATUS_MALFORMED);
        buffer_done(&lacking);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, begin, end),
        cmocka_unit_test_setup_teardown(findings_come_along, begin, end),
        cmocka_unit_test_setup_teardown(decisions_come_along, begin, end),
        cmocka_unit_test_setup_teardown(no_decisions_are_told_from_unknown_ones, begin, end),
        cmocka_unit_test_setup_teardown(what_every_decision_has_must_be_there, begin, end),
        cmocka_unit_test_setup_teardown(decisions_are_small, begin, end),
        cmocka_unit_test_setup_teardown(version_2_is_still_read, begin, end),
        cmocka_unit_test_setup_teardown(every_truncation_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(every_flipped_bit_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(foreign_bytes_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_every_record_has_must_be_there, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_a_snapshot_too, begin, end),
        cmocka_unit_test_setup_teardown(many_groups_are_all_found, begin, end),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
