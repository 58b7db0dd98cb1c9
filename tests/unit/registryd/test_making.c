// SPDX-License-Identifier: MIT
// One maker per question: thirty-two who ask at once are given one answer; who knows of a later change is not
// given an answer begun before it; a failure is everybody's.
#include "registryd/index/making.h"

#include "registryd/index/answer_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#undef fail // cmocka's macro; ours is the function

enum { ASKERS = 31 };

static const char key[] = "question";

static void begin_index(struct index *index, int64_t serial) {
    *index = (struct index){.point = {"epoch", serial}};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&index->lock, NULL);
    pthread_cond_init(&index->made, &attributes);
    pthread_cond_init(&index->place_free, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void end_index(struct index *index) {
    assert_null(index->makings);
    pthread_cond_destroy(&index->place_free);
    pthread_cond_destroy(&index->made);
    pthread_mutex_destroy(&index->lock);
}

struct asker {
    struct index *index;
    struct history_point known;
    pthread_t thread;
    enum status status;
    struct error err;
    struct making *making;
    const struct answer *answer;
};

static void *ask(void *context) {
    struct asker *asker = context;
    struct asked asked = {key, sizeof key, asker->known};
    asker->status = making_begin(asker->index, &asked, &asker->making, &asker->answer, &asker->err);
    return NULL;
}

static struct making *become_maker(struct index *index) {
    struct making *making = NULL;
    const struct answer *answer = NULL;
    struct asked asked = {key, sizeof key, index->point};
    assert_int_equal(making_begin(index, &asked, &making, &answer, NULL), STATUS_OK);
    assert_non_null(making);
    assert_null(answer);
    return making;
}

static void wait_for_askers(struct index *index, const struct making *making, int count) {
    int here = 0;
    while (here < count) {
        usleep(1000);
        pthread_mutex_lock(&index->lock);
        here = making->references - 1;
        pthread_mutex_unlock(&index->lock);
    }
}

static void run(struct index *index, struct asker *askers, size_t count, int64_t known,
                enum status status, struct answer *answer) {
    struct making *making = become_maker(index);
    for (size_t i = 0; i < count; i++) {
        askers[i] = (struct asker){.index = index, .known = {"epoch", known}};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    wait_for_askers(index, making, (int)count);
    struct error err = {.status = status, .message = "no luck"};
    making_end(index, making, status, &err, answer);
    for (size_t i = 0; i < count; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_null(askers[i].making); // nobody else makes it
    }
}

static void all_share_one_answer(void **state) {
    (void)state;
    struct index index;
    struct asker askers[ASKERS];
    begin_index(&index, 7);
    struct answer *answer = answer_new("body", 4, &index.point);
    run(&index, askers, ASKERS, 7, STATUS_OK, answer);
    for (size_t i = 0; i < ASKERS; i++) {
        assert_int_equal(askers[i].status, STATUS_OK);
        assert_ptr_equal(askers[i].answer, answer);
        answer_unref(askers[i].answer);
    }
    assert_int_equal(atomic_load(&answer->references), 1);
    answer_unref(answer);
    end_index(&index);
}

static void who_knows_more_asks_again(void **state) {
    (void)state;
    struct index index;
    struct asker asker;
    begin_index(&index, 7);
    struct answer *answer = answer_new("body", 4, &index.point);
    run(&index, &asker, 1, 8, STATUS_OK, answer);
    assert_int_equal(asker.status, STATUS_OK);
    assert_null(asker.answer);
    answer_unref(answer);
    end_index(&index);
}

static void a_failure_is_everybodys(void **state) {
    (void)state;
    struct index index;
    struct asker askers[ASKERS];
    begin_index(&index, 7);
    run(&index, askers, ASKERS, 6, STATUS_UNAVAILABLE, NULL);
    for (size_t i = 0; i < ASKERS; i++) {
        assert_int_equal(askers[i].status, STATUS_UNAVAILABLE);
        assert_string_equal(askers[i].err.message, "no luck");
    }
    end_index(&index);
}

static void other_questions_do_not_wait(void **state) {
    (void)state;
    struct index index;
    begin_index(&index, 7);
    struct making *first = become_maker(&index);
    struct making *other = NULL;
    const struct answer *answer = NULL;
    struct error err = {.status = STATUS_INTERNAL};
    struct asked asked = {"other", 5, index.point};
    assert_int_equal(making_begin(&index, &asked, &other, &answer, &err), STATUS_OK);
    assert_non_null(other);
    making_end(&index, first, STATUS_INTERNAL, &err, NULL);
    making_end(&index, other, STATUS_INTERNAL, &err, NULL);
    end_index(&index);
}

enum { LARGE = 100000, PLACES = 4 };

static void *take_place(void *index) {
    struct making_place place = {index, false};
    struct error err;
    enum status status = making_place_begin(&place, LARGE, &err);
    making_place_end(&place);
    return status ? NULL : index;
}

static void large_makings_wait_for_a_place(void **state) {
    (void)state;
    struct index index;
    begin_index(&index, 1);
    struct making_place places[PLACES];
    for (int i = 0; i < PLACES; i++) {
        places[i] = (struct making_place){&index, false};
        assert_int_equal(making_place_begin(&places[i], LARGE, NULL), STATUS_OK);
        assert_true(places[i].is_held);
    }
    struct making_place small = {&index, false};
    assert_int_equal(making_place_begin(&small, 1, NULL), STATUS_OK);
    assert_false(small.is_held);
    making_place_end(&small);
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, take_place, &index), 0);
    usleep(50 * 1000);
    assert_int_equal(index.large_makings, PLACES); // the fifth waits
    making_place_end(&places[0]);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &index);
    for (int i = 1; i < PLACES; i++) {
        making_place_end(&places[i]);
    }
    assert_int_equal(index.large_makings, 0);
    end_index(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_share_one_answer),
        cmocka_unit_test(who_knows_more_asks_again),
        cmocka_unit_test(a_failure_is_everybodys),
        cmocka_unit_test(other_questions_do_not_wait),
        cmocka_unit_test(large_makings_wait_for_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
