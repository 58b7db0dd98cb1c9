// SPDX-License-Identifier: MIT
// Snapshots: what goes in comes out, and nothing that was cut, altered or made up is ever used. The
// attacks are exhaustive: every truncation and every single bit of a small file.
#include "schema/base/cleanup.h"
#include "schema/snapshot/snapshot.h"

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

static const struct snapshot_origin origin = {"0de6ff27-d7b3-43ed-a378-103d0ad00813", 42,
                                              1700000000, "default", "group=a&group=b"};

static int begin(void **state) {
    (void)state;
    struct records records = {0};
    arena = arena_new(0);
    add(&records, "b.plugins", "later", NULL);
    add(&records, "a.plugins", "one", "1.0");
    add(&records, "b.plugins", "earlier", "2.0");
    findings_add(&records.items[1].findings, SEVERITY_WARNING, "unknown-key", "f:1", NULL, "hm");
    records.items[2].manifest = "{\"x\":1}";
    assert_int_equal(snapshot_encode(&origin, &records, &bytes, NULL), STATUS_OK);
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
    assert_int_equal(snapshot_encode(&origin, &none, &empty, NULL), STATUS_OK);
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
    assert_int_equal(snapshot_encode(&origin, &records, &many, NULL), STATUS_OK);
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
        assert_int_equal(snapshot_encode(&origin, &records, &lacking, NULL), STATUS_OK);
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
        cmocka_unit_test_setup_teardown(every_truncation_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(every_flipped_bit_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(foreign_bytes_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_every_record_has_must_be_there, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_a_snapshot_too, begin, end),
        cmocka_unit_test_setup_teardown(many_groups_are_all_found, begin, end),
    };
    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
