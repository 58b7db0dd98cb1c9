// SPDX-License-Identifier: MIT
// The index when the database gets another history (a restore, a failover), against the store of index_store.h, which
// goes away between any two of the questions that this leads to. No answer mixes the two histories.
#include "tests/unit/registryd/index_store.h"

#include "registryd/index/feed.h"

// A backup of an earlier state is put back; the next `reads` questions to the database are answered.
static void put_back(int64_t serial, int reads) {
    pthread_mutex_lock(&store.lock);
    store.serial = serial;
    strcpy(store.epoch, strcmp(store.epoch, "first") == 0 ? "second" : "third");
    store.reads_left = reads;
    store.away = false;
    pthread_mutex_unlock(&store.lock);
    eventfd_write(store.notify_fd, 1);
}

static void wait_epoch(struct index *index, const char *epoch) {
    struct history_point point = {0};
    for (int i = 0; i < WAIT_MS && strcmp(point.epoch, epoch) != 0; i++) {
        usleep(1000);
        index_point(index, &point);
    }
    assert_string_equal(point.epoch, epoch);
}

static void another_epoch_replaces_the_memory(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    publish("alpha", "app.a", NULL);
    int64_t serial = publish("alpha", "app.a", NULL);
    assert_true(index_wait(index, serial, WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 2);
    put_back(1, ANY_READS);
    wait_epoch(index, "second");
    set_away(true); // what was in memory is there again
    assert_int_equal(version_of(index, "app.a"), 1);
    end_index(index);
}

// Both groups as they are in one answer, with the epoch and the serial that it names.
static void expect_both(struct index *index, int64_t version, const char *epoch) {
    const struct answer *answer = resolve(index, "app.a", "app.b");
    assert_int_equal(version_in(answer, 0), version);
    assert_int_equal(version_in(answer, 1), version);
    assert_string_equal(answer->point.epoch, epoch);
    assert_int_equal(answer->point.serial, version);
    answer_unref(answer);
}

// The database goes away after each of the questions that a new epoch leads to.
static void the_old_history_answers_until_the_new_one_is_loaded(void **state) {
    (void)state;
    int reads = 1; // the feed has seen the new epoch
    bool is_loaded = false;
    for (; !is_loaded && reads < 20; reads++) {
        struct index *index = begin_index(true);
        publish("alpha", "app.a", "app.b");
        assert_true(index_wait(index, publish("alpha", "app.a", "app.b"), WAIT_MS));
        wait_following(index, true);
        expect_both(index, 2, "first");
        put_back(1, reads);
        wait_following(index, false);
        struct history_point point;
        index_point(index, &point);
        is_loaded = strcmp(point.epoch, "second") == 0;
        expect_both(index, is_loaded ? 1 : 2, point.epoch);
        const struct history_point later = {.epoch = "second", .serial = 1};
        assert_int_equal(index_wait_point(index, &later, 20), is_loaded);
        struct resolve_query explain = {
            .groups = (const char *[]){"app.a"}, .group_count = 1, .explain = true};
        const struct answer *made = NULL; // one that was not kept
        assert_int_equal(index_resolve(index, &explain, &made, NULL), STATUS_OK);
        assert_string_equal(made->point.epoch, point.epoch);
        answer_unref(made);
        put_back(1, ANY_READS);
        wait_epoch(index, "third");
        set_away(true);
        expect_both(index, 1, "third");
        end_index(index);
    }
    assert_true(is_loaded);
    assert_in_range(reads, 6,
                    12); // two tables, environment, contracts and the changes before and after
}

// A group that is not in memory comes from the new history, so the index must follow before it is put in.
static void a_new_group_leads_to_the_history_of_the_database(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    publish("alpha", "app.a", "app.b");
    assert_true(index_wait(index, publish("alpha", "app.a", "app.b"), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 2);
    index_feed_stop(index); // it has not seen the new epoch
    put_back(1, ANY_READS);
    expect_both(index, 1, "second");
    assert_int_equal(version_of(index, "app.a"), 1);
    put_back(1, 1); // a load of another group, and nothing more
    assert_int_equal(version_of(index, "app.c"), -1);
    expect_both(index, 1, "second");
    end_index(index);
}

// A connection to a server that was left behind shows an earlier epoch: nothing of it is taken.
static void an_older_epoch_is_refused(void **state) {
    (void)state;
    struct index *index = begin_index(true);
    store.epoch_number = 7;
    publish("alpha", "app.a", NULL);
    assert_true(index_wait(index, publish("alpha", "app.a", NULL), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 2);
    index_feed_stop(index);
    put_back(1, ANY_READS);
    store.epoch_number = 8;
    assert_int_equal(feed_catch_up(index, NULL), STATUS_OK);
    assert_int_equal(version_of(index, "app.a"), 1);
    put_back(2, ANY_READS);
    store.epoch_number = 7;
    assert_int_equal(feed_catch_up(index, NULL), STATUS_UNAVAILABLE);
    struct history_point point;
    index_point(index, &point);
    assert_string_equal(point.epoch, "second");
    assert_int_equal(point.epoch_number, 8);
    assert_int_equal(version_of(index, "app.a"), 1);
    end_index(index);
}

// More changes than one question to the database gives: one application takes them all.
static void a_full_batch_is_not_the_end(void **state) {
    (void)state;
    enum { MANY = 1200 };
    struct index *index = begin_index(true);
    assert_true(index_wait(index, publish("alpha", "app.a", NULL), WAIT_MS));
    assert_int_equal(version_of(index, "app.a"), 1);
    index_feed_stop(index);
    for (int i = 0; i < MANY; i++) {
        publish("beta", "app.z", NULL);
    }
    int64_t last = publish("alpha", "app.a", NULL);
    assert_int_equal(feed_catch_up(index, NULL), STATUS_OK);
    struct history_point point;
    index_point(index, &point);
    assert_int_equal(point.serial, last);
    assert_int_equal(version_of(index, "app.a"), last);
    end_index(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_epoch_replaces_the_memory),
        cmocka_unit_test(the_old_history_answers_until_the_new_one_is_loaded),
        cmocka_unit_test(a_new_group_leads_to_the_history_of_the_database),
        cmocka_unit_test(an_older_epoch_is_refused),
        cmocka_unit_test(a_full_batch_is_not_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
