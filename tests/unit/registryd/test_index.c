// SPDX-License-Identifier: MIT
// The index against the store of index_store.h: what it keeps, what it forgets, and what it waits for, with one
// thread and with many.
#include "tests/unit/registryd/index_store.h"

// The last release of a package up to a change.
static int64_t newest_of(const char *package, int64_t serial) {
    pthread_mutex_lock(&store.lock);
    while (serial > 0 && strcmp(store.changes[serial].package, package) != 0) {
        serial--;
    }
    pthread_mutex_unlock(&store.lock);
    return serial;
}

static void an_unknown_group_is_empty(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    const struct answer *answer = resolve(index, "app.nothing", NULL);
    assert_non_null(strstr(answer->body, "\"groups\":[\"app.nothing\"],\"records\":[],"));
    answer_unref(answer);
    int64_t serial = publish("alpha", "app.nothing", NULL); // and is filled as soon as it is not
    assert_true(index_wait(index, serial, WAIT_MS));
    assert_int_equal(version_of(index, "app.nothing"), serial);
    end_index(index);
}

static void a_known_answer_asks_the_store_nothing(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    wait_following(index, true);
    publish("alpha", "app.a", NULL);
    const struct answer *first = resolve(index, "app.a", NULL);
    answer_unref(first);
    assert_true(index_wait(index, 1, WAIT_MS));
    const struct answer *second = resolve(index, "app.a", NULL);
    int loads = store.loads;
    for (int i = 0; i < 100; i++) {
        const struct answer *again = resolve(index, "app.a", NULL);
        assert_ptr_equal(again, second);
        answer_unref(again);
    }
    assert_int_equal(store.loads, loads);
    answer_unref(second);
    end_index(index);
}

static void a_change_is_seen_and_others_stay_cached(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    publish("alpha", "app.a", NULL);
    int64_t serial = publish("beta", "app.b", NULL);
    assert_true(index_wait(index, serial, WAIT_MS));
    const struct answer *a = resolve(index, "app.a", NULL);
    const struct answer *b = resolve(index, "app.b", NULL);
    serial = publish("alpha", "app.a", NULL);
    assert_true(index_wait(index, serial, WAIT_MS));
    const struct answer *new_a = resolve(index, "app.a", NULL);
    const struct answer *same_b = resolve(index, "app.b", NULL);
    assert_int_equal(version_in(new_a, 0), serial);
    assert_string_not_equal(new_a->etag, a->etag);
    assert_ptr_equal(same_b, b);
    assert_int_equal(version_in(a, 0), 1); // what somebody holds does not change
    answer_unref(a);
    answer_unref(b);
    answer_unref(new_a);
    answer_unref(same_b);
    end_index(index);
}

static void a_release_that_drops_a_group_takes_the_plugin_out(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    assert_true(index_wait(index, publish("alpha", "app.a", NULL), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 1);
    assert_true(index_wait(index, publish("alpha", "app.other", NULL), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 0);
    assert_int_equal(version_of(index, "app.other"), 2);
    end_index(index);
}

static void memory_answers_while_the_store_is_away(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    assert_true(index_wait(index, publish("alpha", "app.a", NULL), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 1);
    set_away(true);
    wait_following(index, false);
    assert_int_equal(version_of(index, "app.a"), 1);
    const char *unknown = "app.unknown";
    struct resolve_query query = {.groups = &unknown, .group_count = 1};
    const struct answer *answer = NULL;
    struct error err;
    assert_int_equal(index_resolve(index, &query, &answer, &err), STATUS_UNAVAILABLE);
    assert_null(answer);
    const char *known = "app.a";
    query = (struct resolve_query){.groups = &known, .group_count = 1, .python = "3.12"};
    assert_int_equal(index_resolve(index, &query, &answer, &err), STATUS_OK); // a new question
    answer_unref(answer);
    int64_t serial = publish("alpha", "app.a", NULL); // by another daemon, say
    assert_false(index_wait(index, serial, 20));
    set_away(false);
    assert_true(index_wait(index, serial, WAIT_MS));
    wait_following(index, true);
    assert_int_equal(version_of(index, "app.a"), serial);
    assert_int_equal(version_of(index, "app.unknown"), 0);
    end_index(index);
}

static void bad_questions_are_refused(void **state) {
    (void)state;
    struct index *index = begin_index(false);
    const char *group = "app.a";
    struct resolve_query query = {.groups = &group, .group_count = 1, .python = "three"};
    const struct answer *answer = NULL;
    struct error err;
    assert_int_equal(index_resolve(index, &query, &answer, &err), STATUS_INVALID);
    assert_string_equal(err.where, "?python");
    assert_null(answer);
    end_index(index);
}

static void waiting_ends(void **state) {
    (void)state;
    struct index *index = begin_index(false);
    assert_false(index_wait(index, 1, WAIT_MS)); // nobody follows: at once
    assert_true(index_wait(index, 0, WAIT_MS));
    assert_int_equal(index_feed_start(index, NULL), STATUS_OK);
    assert_false(index_wait(index, 1, 10));
    index_feed_stop(index);
    index_feed_stop(index);
    assert_false(index_wait(index, 1, WAIT_MS));
    end_index(index);
}

// Publishes as this daemon's own handler does.
static bool publish_own(struct index *index, const char *package, const char *group,
                        int timeout_ms) {
    const struct entry_point entry = {group, "main", "module:attr"};
    struct own_write change = {package, &entry, 1, {"first", publish(package, group, NULL)}};
    return index_apply_own(index, &change, timeout_ms);
}

static void an_own_change_of_nothing_in_memory_needs_no_feed(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    wait_following(index, true);
    assert_int_equal(version_of(index, "app.a"), 0);
    set_away(true);
    wait_following(index, false);
    struct history_point point;
    assert_true(publish_own(index, "alpha", "app.other", WAIT_MS));
    assert_true(publish_own(index, "beta", "app.other", WAIT_MS));
    index_point(index, &point);
    assert_int_equal(point.serial, 2);
    assert_false(publish_own(index, "alpha", "app.a", 20));    // in memory: the feed must see to it
    assert_false(publish_own(index, "beta", "app.other", 20)); // and no change is passed over
    index_point(index, &point);
    assert_int_equal(point.serial, 2);
    set_away(false);
    assert_true(index_wait(index, 4, WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 3);
    assert_int_equal(version_of(index, "app.other"), 4);
    end_index(index);
}

static void an_own_change_of_another_epoch_moves_nothing(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    wait_following(index, true);
    const struct own_write change = {.package = "alpha", .point = {"another", 1}};
    assert_false(index_apply_own(index, &change, 20));
    index_feed_stop(index);
    assert_false(publish_own(index, "alpha", "app.a", WAIT_MS)); // nobody follows: at once
    end_index(index);
}

// ---- several threads ----

static void *ask_slow_group(void *context) {
    return (void *)(intptr_t)version_of(context, "app.slow");
}

static void many_askers_load_a_group_once(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    assert_true(index_wait(index, publish("alpha", "app.slow", NULL), WAIT_MS));
    store.pause_us = 100 * 1000;
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_slow_group, index), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        void *version = NULL;
        pthread_join(threads[i], &version);
        assert_int_equal((intptr_t)version, 1);
    }
    assert_int_equal(store.loads, 1);
    end_index(index);
}

enum { PUBLISHES = 300, READERS = 4 };

struct reader {
    pthread_t thread;
    struct index *index;
    int number;
    atomic_bool *stop;
    int64_t asked;
    const char *fault;
};

// Every answer must be at least as new as the point known before, must not go back, and must show one
// package with one version in both groups.
static void *read_always(void *context) {
    struct reader *reader = context;
    int64_t last = 0;
    while (!atomic_load(reader->stop) && !reader->fault) {
        struct history_point point;
        index_point(reader->index, &point);
        const struct answer *answer = resolve(reader->index, "app.a", "app.b");
        int64_t one = version_in(answer, 0);
        int64_t two = version_in(answer, 1);
        answer_unref(answer);
        if (one < 0) {
            reader->fault = "no answer";
        } else if (one != two) {
            reader->fault = "two versions of one package";
        } else if (one < newest_of("alpha", point.serial)) {
            reader->fault = "an answer older than the point";
        } else if (one < last) {
            reader->fault = "an answer older than the one before";
        }
        last = one;
        reader->asked++;
        if (reader->number == 0) { // this one keeps pushing the groups out
            char name[32];
            for (int i = 0; i < 20; i++) {
                snprintf(name, sizeof name, "made.up.%lld", (long long)(reader->asked * 20 + i));
                answer_unref(resolve(reader->index, name, NULL));
            }
        }
    }
    return NULL;
}

static void check_answers(bool follows) {
    static char groups[PUBLISHES][16];
    struct index *index = begin_index(follows);
    atomic_bool stop = false;
    store.pause_us = 200; // so that loading, refreshing and publishing overlap
    struct reader readers[READERS] = {0};
    int64_t serial = publish("alpha", "app.a", "app.b");
    assert_int_equal(index_wait(index, serial, WAIT_MS), follows);
    for (int i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.index = index, .number = i, .stop = &stop};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_always, &readers[i]), 0);
    }
    for (int i = 0; i < PUBLISHES; i++) {
        serial = publish("alpha", "app.a", "app.b");
        if (!follows) {
            usleep(1000);
        } else if (i % 3 == 1) { // in a group nobody has asked for, and then read
            char *group = groups[i];
            snprintf(group, sizeof groups[i], "cold.%d", i);
            assert_true(publish_own(index, "beta", group, WAIT_MS));
            assert_int_equal(version_of(index, group), ++serial);
        } else if (i % 3 == 0) {
            assert_true(index_wait(index, serial, WAIT_MS));
            assert_int_equal(version_of(index, "app.a"), serial);
        }
    }
    serial = store.serial;
    assert_int_equal(index_wait(index, serial, WAIT_MS), follows);
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        if (readers[i].fault) {
            fail_msg("reader %d: %s", i, readers[i].fault);
        }
        assert_true(readers[i].asked > 0);
    }
    assert_true(!follows || version_of(index, "app.b") == newest_of("alpha", serial));
    end_index(index);
}

static void answers_are_whole_and_never_go_back(void **state) {
    (void)state;
    check_answers(true);
}

// As after a start, or when the connection that listens is lost and the others are not.
static void answers_are_whole_without_the_feed(void **state) {
    (void)state;
    check_answers(false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_group_is_empty),
        cmocka_unit_test(a_known_answer_asks_the_store_nothing),
        cmocka_unit_test(a_change_is_seen_and_others_stay_cached),
        cmocka_unit_test(a_release_that_drops_a_group_takes_the_plugin_out),
        cmocka_unit_test(memory_answers_while_the_store_is_away),
        cmocka_unit_test(bad_questions_are_refused),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(an_own_change_of_nothing_in_memory_needs_no_feed),
        cmocka_unit_test(an_own_change_of_another_epoch_moves_nothing),
        cmocka_unit_test(many_askers_load_a_group_once),
        cmocka_unit_test(answers_are_whole_and_never_go_back),
        cmocka_unit_test(answers_are_whole_without_the_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
