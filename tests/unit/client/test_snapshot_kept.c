// SPDX-License-Identifier: MIT
// The last-known-good file under attack: cut, altered, another one's, older, from a folder where others
// may write, unsigned or signed by somebody else. It is never used then, and nothing crashes.
#include "tests/unit/client/snapshot_samples.h"

#include "client/snapshot/snapshot_file.h"
#include "schema/base/list.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static struct arena *arena;

static int begin(void **state) {
    (void)state;
    sample_folder(folder);
    arena = arena_new(0);
    snprintf(path, sizeof path, "%s/plugins.snapshot", folder);
    unsetenv("REGISTRYD_CACHE_DIR");
    unsetenv("REGISTRYD_SNAPSHOT_KEY");
    return 0;
}

static int end(void **state) {
    (void)state;
    char command[128];
    arena_free(arena);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static enum status put(const char *epoch, int64_t serial) {
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch, serial);
    return sample_put(&selector, &origin, NULL, NULL);
}

static enum status load(const struct snapshot_selector *selector) {
    enum status status;
    int64_t serial = sample_serial(selector, &status);
    assert_true(!status == (serial > 0));
    return status;
}

static int64_t kept(void) {
    struct snapshot_selector selector = sample_selector(path);
    enum status status;
    return sample_serial(&selector, &status);
}

static size_t read_file(unsigned char *bytes, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, bytes, size);
    close(fd);
    assert_true(len > 0 && (size_t)len < size);
    return (size_t)len;
}

static void write_file(const void *bytes, size_t len) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

// ---- the file ----

static void what_was_put_is_found(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_file file = {0};
    struct records records = {0};
    struct snapshot_group group;
    assert_int_equal(put(epoch_one, 5), STATUS_OK);
    assert_int_equal(snapshot_cache_load(arena, &selector, &file, NULL), STATUS_OK);
    assert_string_equal(file.receipt.url, sample_url);
    assert_int_equal(file.receipt.epoch_count, 0);
    assert_int_equal(snapshot_file_find(&file, "none", &group, NULL), STATUS_NOT_FOUND);
    assert_int_equal(snapshot_file_group(&file, 2, &group, NULL), STATUS_NOT_FOUND);
    assert_int_equal(snapshot_load_records(arena, &file, 1, &records, NULL), STATUS_OK);
    snapshot_file_close(&file);
    assert_int_equal(records.count, 1); // its texts are copies
    assert_string_equal(records.items[0].group, "b.plugins");
    assert_string_equal(records.items[0].version, "5");
    assert_string_equal(records.items[0].settings, "{\"colour\":\"blue\"}");
    assert_null(records.items[0].manifest);
}

static void every_cut_is_refused(void **state) {
    (void)state;
    static unsigned char bytes[8192];
    struct snapshot_selector selector = sample_selector(path);
    put(epoch_one, 5);
    size_t len = read_file(bytes, sizeof bytes - 1);
    for (size_t cut = 0; cut < len; cut++) {
        write_file(bytes, cut);
        assert_int_not_equal(load(&selector), STATUS_OK);
    }
    write_file(bytes, len + 1);
    assert_int_not_equal(load(&selector), STATUS_OK);
    write_file(bytes, len);
    assert_int_equal(load(&selector), STATUS_OK);
}

static void flip_each_bit(const struct snapshot_selector *selector) {
    static unsigned char bytes[8192];
    size_t len = read_file(bytes, sizeof bytes);
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        write_file(bytes, len);
        assert_int_not_equal(load(selector), STATUS_OK);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    write_file(bytes, len);
    assert_int_equal(load(selector), STATUS_OK);
}

static void every_flipped_bit_is_refused(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    put(epoch_one, 5);
    put(epoch_two, 6); // with an epoch in the receipt
    flip_each_bit(&selector);
}

static void every_flipped_bit_of_a_signed_file_is_refused_also_without_a_key(void **state) {
    (void)state;
    static const uint8_t seed[SIGNATURE_KEY_BYTES] = {7};
    struct signature_pair pair;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch_one, 5);
    signature_pair_init(seed, &pair);
    assert_int_equal(sample_put(&selector, &origin, &pair, NULL), STATUS_OK);
    flip_each_bit(&selector);
}

static void garbage_is_refused(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    static const char texts[][24] = {"", "x", "<!doctype html><html>", "{\"records\":[]}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        write_file(texts[i], strlen(texts[i]));
        assert_int_equal(load(&selector), STATUS_MALFORMED);
    }
    unlink(path);
    assert_int_equal(load(&selector), STATUS_NOT_FOUND);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_not_equal(load(&selector), STATUS_OK);
    rmdir(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_not_equal(load(&selector), STATUS_OK); // and does not wait for a writer
}

// A file that is cut or altered in place under a reader: no signal, and nothing of it is believed.
static void a_file_that_changes_under_a_reader_does_no_harm(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_file file = {0};
    struct snapshot_group group;
    struct record record;
    put(epoch_one, 5);
    assert_int_equal(snapshot_cache_load(arena, &selector, &file, NULL), STATUS_OK);
    assert_int_equal(snapshot_file_find(&file, "a.plugins", &group, NULL), STATUS_OK);
    assert_int_equal(truncate(path, 10), 0);
    snapshot_record(&group, 0, &record); // what was read stays
    assert_string_equal(record.version, "5");
    assert_string_equal(file.snapshot.origin.query, sample_query);
    assert_int_equal(snapshot_file_find(&file, "b.plugins", &group, NULL), STATUS_MALFORMED);
    assert_int_equal(snapshot_file_find(&file, "a.plugins", &group, NULL), STATUS_OK);
    snapshot_file_close(&file);
}

static void a_file_that_vanishes_goes_on_answering_who_has_it(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_file file = {0};
    struct snapshot_group group;
    put(epoch_one, 5);
    assert_int_equal(snapshot_cache_load(arena, &selector, &file, NULL), STATUS_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(snapshot_file_find(&file, "b.plugins", &group, NULL), STATUS_OK);
    snapshot_file_close(&file);
    assert_int_equal(load(&selector), STATUS_NOT_FOUND);
}

// ---- whose it is ----

static void another_ones_file_is_refused(void **state) {
    (void)state;
    put(epoch_one, 5);
    struct snapshot_selector selectors[3];
    for (size_t i = 0; i < 3; i++) {
        selectors[i] = sample_selector(path);
    }
    selectors[0].url = "http://127.0.0.1:7622";
    selectors[1].environment = "production";
    selectors[2].query = "environment=default&python=3.11";
    for (size_t i = 0; i < 3; i++) {
        struct snapshot_file file = {0};
        struct error err = {0};
        assert_int_equal(snapshot_cache_load(arena, &selectors[i], &file, &err), STATUS_MALFORMED);
        assert_non_null(strstr(err.where, path));
        selectors[i].is_any = true; // but a file that somebody named is what they wanted
        assert_int_equal(load(&selectors[i]), STATUS_OK);
    }
}

static void the_name_belongs_to_address_and_question(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(NULL);
    struct snapshot_path first;
    struct snapshot_path other;
    selector.cache_dir = folder;
    assert_int_equal(snapshot_cache_find(arena, &selector, &first, NULL), STATUS_OK);
    selector.url = "http://127.0.0.1:7622";
    assert_int_equal(snapshot_cache_find(arena, &selector, &other, NULL), STATUS_OK);
    assert_string_not_equal(first.name, other.name);
    selector = sample_selector(NULL);
    selector.cache_dir = folder;
    selector.query = "environment=default&group=a";
    assert_int_equal(snapshot_cache_find(arena, &selector, &other, NULL), STATUS_OK);
    assert_string_not_equal(first.name, other.name);
    assert_int_equal(strlen(first.name), strlen("00000000000000000000000000000000.snapshot"));
}

static void set_homes(const char *cache, const char *home) {
    cache ? setenv("XDG_CACHE_HOME", cache, 1) : unsetenv("XDG_CACHE_HOME");
    home ? setenv("HOME", home, 1) : unsetenv("HOME");
}

static void the_folder_is_found(void **state) {
    (void)state;
    static const struct {
        const char *given, *variable, *cache, *home, *expected;
    } cases[] = {
        {"/given", "/named", "/cache", "/home", "/given"},
        {NULL, "/named", "/cache", "/home", "/named"},
        {"", "", "/cache", "/home", "/cache/registryd"},
        {NULL, NULL, "relative", "/home", "/home/.cache/registryd"},
        {NULL, NULL, "", "/home", "/home/.cache/registryd"},
        {NULL, NULL, NULL, "relative", NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cache_dir found = {0};
        struct error err = {0};
        cases[i].variable ? setenv("REGISTRYD_CACHE_DIR", cases[i].variable, 1)
                          : unsetenv("REGISTRYD_CACHE_DIR");
        set_homes(cases[i].cache, cases[i].home);
        enum status status = cache_dir_find(arena, cases[i].given, &found, &err);
        if (cases[i].expected) {
            assert_string_equal(found.path, cases[i].expected);
        } else {
            assert_int_equal(status, STATUS_NOT_FOUND);
            assert_non_null(strstr(err.message, "REGISTRYD_CACHE_DIR"));
        }
    }
}

static void folders_are_made_for_their_owner_alone(void **state) {
    (void)state;
    struct stat info;
    char deep[128];
    struct snapshot_selector selector = sample_selector(NULL);
    struct snapshot_origin origin = sample_origin(epoch_one, 5);
    snprintf(deep, sizeof deep, "%s/not/there/yet", folder);
    selector.cache_dir = deep;
    assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
    assert_int_equal(load(&selector), STATUS_OK);
    assert_int_equal(stat(deep, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void where_others_may_write_nothing_is_used(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    put(epoch_one, 5);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(load(&selector), STATUS_FORBIDDEN);
    assert_int_equal(put(epoch_one, 6), STATUS_FORBIDDEN);
    assert_int_equal(chmod(folder, 0770), 0);
    assert_int_equal(load(&selector), STATUS_FORBIDDEN);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(load(&selector), STATUS_OK);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(load(&selector), STATUS_FORBIDDEN);
}

static void links_are_not_followed(void **state) {
    (void)state;
    char aside[160];
    struct snapshot_selector selector = sample_selector(path);
    put(epoch_one, 5);
    snprintf(aside, sizeof aside, "%s/aside", folder);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(symlink("aside", path), 0);
    assert_int_equal(load(&selector), STATUS_FORBIDDEN);
    assert_int_equal(put(epoch_one, 3), STATUS_OK); // replaces the link, not what it leads to
    assert_int_equal(kept(), 3);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(kept(), 5);
}

// ---- never backwards ----

static void the_serial_of_an_epoch_does_not_fall(void **state) {
    (void)state;
    assert_int_equal(put(epoch_one, 5), STATUS_OK);
    assert_int_equal(put(epoch_one, 4), STATUS_CONFLICT);
    assert_int_equal(kept(), 5);
    assert_int_equal(put(epoch_one, 5), STATUS_OK);
    assert_int_equal(put(epoch_one, 6), STATUS_OK);
    assert_int_equal(kept(), 6);
}

static void an_epoch_that_was_left_does_not_come_back(void **state) {
    (void)state;
    assert_int_equal(put(epoch_one, 5), STATUS_OK);
    struct snapshot_origin earlier = sample_origin(epoch_two, 1);
    struct snapshot_selector selector = sample_selector(path);
    assert_int_equal(sample_put(&selector, &earlier, NULL, NULL), STATUS_CONFLICT); // made before
    earlier.made_at_seconds = 2000000;
    assert_int_equal(sample_put(&selector, &earlier, NULL, NULL), STATUS_OK);
    assert_int_equal(kept(), 1);
    struct snapshot_origin back = sample_origin(epoch_one, 900);
    back.made_at_seconds = 3000000;
    struct error err = {0};
    assert_int_equal(sample_put(&selector, &back, NULL, &err), STATUS_CONFLICT);
    assert_non_null(strstr(err.message, "remove the cached file"));
    assert_int_equal(kept(), 1);
}

static void only_the_last_epochs_are_remembered(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_file file = {0};
    for (int i = 0; i < 40; i++) {
        struct snapshot_origin origin = sample_origin(arena_printf(arena, "epoch-%d", i), i + 1);
        assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
    }
    assert_int_equal(snapshot_cache_load(arena, &selector, &file, NULL), STATUS_OK);
    assert_int_equal(file.receipt.epoch_count, RECEIPT_EPOCHS_MAX);
    assert_string_equal(file.receipt.epochs[0], "epoch-23");
    assert_string_equal(file.receipt.epochs[RECEIPT_EPOCHS_MAX - 1], "epoch-38");
    snapshot_file_close(&file);
}

static void a_broken_file_is_replaced(void **state) {
    (void)state;
    put(epoch_one, 5);
    write_file("broken", 6);
    assert_int_equal(put(epoch_one, 2), STATUS_OK);
    assert_int_equal(kept(), 2);
}

// ---- signatures ----

static void with_a_pinned_key_only_its_signature_counts(void **state) {
    (void)state;
    static const uint8_t seed[SIGNATURE_KEY_BYTES] = {1, 2, 3};
    static const uint8_t other_seed[SIGNATURE_KEY_BYTES] = {3, 2, 1};
    struct signature_pair pair;
    struct signature_pair other;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_selector pinned = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch_one, 5);
    signature_pair_init(seed, &pair);
    signature_pair_init(other_seed, &other);
    memcpy(pinned.public_key, pair.public_key, sizeof pinned.public_key);
    pinned.is_pinned = true;
    assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
    assert_int_equal(load(&pinned), STATUS_FORBIDDEN); // not signed
    unlink(path);
    assert_int_equal(sample_put(&selector, &origin, &other, NULL), STATUS_OK);
    assert_int_equal(load(&pinned), STATUS_FORBIDDEN); // by somebody else
    assert_int_equal(load(&selector), STATUS_OK);
    unlink(path);
    assert_int_equal(sample_put(&selector, &origin, &pair, NULL), STATUS_OK);
    assert_int_equal(load(&pinned), STATUS_OK);
    // the other's signature under the pinned key's name
    memcpy(other.public_key, pair.public_key, sizeof other.public_key);
    unlink(path);
    assert_int_equal(sample_put(&selector, &origin, &other, NULL), STATUS_OK);
    assert_int_equal(load(&pinned), STATUS_FORBIDDEN);
}

static void what_is_not_signed_by_the_pinned_key_does_not_hold_the_serial(void **state) {
    (void)state;
    static const uint8_t seed[SIGNATURE_KEY_BYTES] = {1};
    struct signature_pair pair;
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin high = sample_origin(epoch_one, 9000);
    struct snapshot_origin low = sample_origin(epoch_one, 5);
    signature_pair_init(seed, &pair);
    assert_int_equal(sample_put(&selector, &high, NULL, NULL), STATUS_OK);
    memcpy(selector.public_key, pair.public_key, sizeof selector.public_key);
    selector.is_pinned = true;
    assert_int_equal(sample_put(&selector, &low, &pair, NULL), STATUS_OK);
    assert_int_equal(load(&selector), STATUS_OK);
}

static void a_key_is_64_digits(void **state) {
    (void)state;
    static const char good[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
    struct snapshot_selector selector = sample_selector(NULL);
    char bad[sizeof good];
    assert_int_equal(snapshot_cache_pin(good, &selector, NULL), STATUS_OK);
    assert_true(selector.is_pinned && selector.public_key[1] == 0x11);
    memcpy(bad, good, sizeof bad);
    bad[10] = 'x';
    assert_int_equal(snapshot_cache_pin(bad, &selector, NULL), STATUS_USAGE);
    assert_int_equal(snapshot_cache_pin(good + 1, &selector, NULL), STATUS_USAGE);
    assert_int_equal(snapshot_cache_pin("", &selector, NULL), STATUS_OK);
    assert_false(selector.is_pinned);
    setenv("REGISTRYD_SNAPSHOT_KEY", good, 1);
    assert_int_equal(snapshot_cache_pin(NULL, &selector, NULL), STATUS_OK);
    assert_true(selector.is_pinned);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_is_found),
        TEST(every_cut_is_refused),
        TEST(every_flipped_bit_is_refused),
        TEST(every_flipped_bit_of_a_signed_file_is_refused_also_without_a_key),
        TEST(garbage_is_refused),
        TEST(a_file_that_changes_under_a_reader_does_no_harm),
        TEST(a_file_that_vanishes_goes_on_answering_who_has_it),
        TEST(another_ones_file_is_refused),
        TEST(the_name_belongs_to_address_and_question),
        TEST(the_folder_is_found),
        TEST(folders_are_made_for_their_owner_alone),
        TEST(where_others_may_write_nothing_is_used),
        TEST(links_are_not_followed),
        TEST(the_serial_of_an_epoch_does_not_fall),
        TEST(an_epoch_that_was_left_does_not_come_back),
        TEST(only_the_last_epochs_are_remembered),
        TEST(a_broken_file_is_replaced),
        TEST(with_a_pinned_key_only_its_signature_counts),
        TEST(what_is_not_signed_by_the_pinned_key_does_not_hold_the_serial),
        TEST(a_key_is_64_digits),
    };
    return cmocka_run_group_tests_name("snapshot_kept", tests, NULL, NULL);
}
