// SPDX-License-Identifier: MIT
// What becomes of a server, by what was seen before; and the file that remembers it.
#include "registryd/store/history/history.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SEEN "11111111-1111-1111-1111-111111111111"
#define OTHER "22222222-2222-2222-2222-222222222222"

static const struct history seen = {"71", 3, SEEN, 100};

struct judge_case {
    const char *what;
    struct history_found found;
    int64_t accepted;
    enum history_verdict verdict;
};

static const struct judge_case cases[] = {
    {"the same", {"71/00000003", "71/00000003", SEEN, 100}, 0, HISTORY_KNOWN},
    {"promoted", {"71/00000003", "71/00000004", SEEN, 100}, 0, HISTORY_NEW},
    {"promoted, from before our epoch", {"71/00000001", "71/00000004", OTHER, 50}, 0, HISTORY_NEW},
    {"promoted twice to one timeline", {"71/00000001", "71/00000003", OTHER, 50}, 0, HISTORY_NEW},
    {"promoted and adopted", {"71/00000004", "71/00000004", OTHER, 101}, 0, HISTORY_FOLLOWED},
    {"timelines have two hex digits",
     {"71/00000010", "71/00000010", SEEN, 100},
     0,
     HISTORY_FOLLOWED},
    {"left behind", {"71/00000002", "71/00000002", OTHER, 99}, 0, HISTORY_OLDER},
    {"left behind before it was adopted",
     {"71/00000001", "71/00000002", OTHER, 99},
     0,
     HISTORY_OLDER},
    {"left behind on a later timeline",
     {"71/00000009", "71/00000009", OTHER, 99},
     0,
     HISTORY_OLDER},
    {"a fork", {"71/00000003", "71/00000003", OTHER, 100}, 0, HISTORY_FORKED},
    {"given up", {"71/00000002", "71/00000002", OTHER, 99}, 100, HISTORY_REPLACED},
    {"given up, not adopted", {"71/00000001", "71/00000002", OTHER, 99}, 100, HISTORY_NEW},
    {"given up, and it is a fork",
     {"71/00000003", "71/00000003", OTHER, 100},
     100,
     HISTORY_REPLACED},
    {"another epoch was given up", {"71/00000002", "71/00000002", OTHER, 99}, 99, HISTORY_OLDER},
    {"the epoch given up is in use", {"71/00000003", "71/00000003", SEEN, 100}, 100, HISTORY_KNOWN},
    {"restored elsewhere", {"71/00000003", "82/00000001", SEEN, 100}, 0, HISTORY_NEW},
    {"restored, and adopted by another",
     {"82/00000001", "82/00000001", OTHER, 7},
     0,
     HISTORY_REPLACED},
    {"restored, and adopted with a higher number",
     {"82/00000001", "82/00000001", OTHER, 101},
     0,
     HISTORY_FOLLOWED},
    {"a new database", {"", "82/00000001", OTHER, 0}, 0, HISTORY_NEW},
    {"numbered by a newer registryd",
     {"71/00000003", "71/00000003", SEEN, 105},
     0,
     HISTORY_FOLLOWED},
};

static void servers_are_judged(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum history_verdict verdict = history_judge(&seen, &cases[i].found, cases[i].accepted);
        if (verdict != cases[i].verdict) {
            fail_msg("%s: %d", cases[i].what, (int)verdict);
        }
    }
}

static void with_nothing_remembered_every_server_will_do(void **state) {
    (void)state;
    const struct history nothing = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct history_found *found = &cases[i].found;
        bool is_counted = strcmp(found->counted, found->here) == 0;
        assert_int_equal(history_judge(&nothing, found, cases[i].accepted),
                         is_counted ? HISTORY_FOLLOWED : HISTORY_NEW);
    }
}

static void what_is_kept_is_read_back(void **state) {
    (void)state;
    char folder[] = "/tmp/history-XXXXXX";
    char path[64];
    struct history history = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history", folder);
    assert_int_equal(history_load(path, &history, NULL), STATUS_OK);
    assert_string_equal(history.system, "");
    const struct history_found found = {"", "7123456789012345678/0000001F", OTHER, 5000000000};
    const struct history kept = history_of(&found);
    assert_int_equal(kept.timeline, 31);
    assert_int_equal(history_keep(path, &kept, NULL), STATUS_OK);
    assert_int_equal(history_keep(path, &kept, NULL), STATUS_OK);
    assert_int_equal(history_load(path, &history, NULL), STATUS_OK);
    assert_memory_equal(&history, &kept, sizeof kept);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    for (off_t size = info.st_size - 2; size >= 0; size--) {
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(history_load(path, &history, NULL), STATUS_CONFLICT);
    }
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(history_load(path, &history, NULL), STATUS_IO);
    assert_int_equal(history_keep(path, &kept, NULL), STATUS_OK);
    assert_int_equal(history_load(path, &history, NULL), STATUS_OK);
    unlink(path);
    rmdir(folder);
    assert_int_equal(history_keep(path, &kept, NULL), STATUS_IO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_judged),
        cmocka_unit_test(with_nothing_remembered_every_server_will_do),
        cmocka_unit_test(what_is_kept_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
