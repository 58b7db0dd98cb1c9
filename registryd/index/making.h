// SPDX-License-Identifier: MIT
// One maker per question: who asks what is being made waits for it. Only an answer of a state at least as new
// as the one the asker knew counts: a host that has just been told of a change must not be given the answer
// begun before it, so it waits for that one to end and makes, or awaits, the next. No question is ever made
// twice at once, whatever the number of askers and the pace of changes.
//
//     asker 1   |--- makes at serial 7 ------------|
//     asker 2      |--- waits ---------------------|  knew 7: the same answer
//     asker 3            |--- waits ---------------|--- makes at serial 8 ---|  knew 8
//     asker 4                  |--- waits ---------|--- waits ---------------|  knew 8: asker 3's answer
#pragma once

#include "registryd/index/index_state.h"

// A question as it came: its canonical text, and the index's point at that moment. Borrowed.
struct asked {
    const char *key;
    size_t key_len;
    struct history_point known;
};

// A question with what is being made for it. Lives in the list of the index while it is being made, then
// until the last who wait for it have taken their answer.
struct making {
    struct making *next;
    const char *key; // the maker's, while in the list
    size_t key_len;
    struct history_point point; // the index's when it began
    int references;             // the maker and those who wait; under the index's lock
    bool is_done;
    enum status status;
    struct error err;
    const struct answer *answer; // holds a reference; NULL when it failed
};

// Joins who makes the answer to a question, or becomes the maker.
// - *ret_answer set: the answer of another maker, owned. A failure of the maker is the failure of all.
// - *ret_making set: the caller makes the answer and must call making_end.
// - neither: an older one has just ended; look among the kept answers and begin again.
// Fails with: as the maker, UNAVAILABLE (it took too long), NO_MEMORY.
enum status making_begin(struct index *index, const struct asked *asked, struct making **ret_making,
                         const struct answer **ret_answer, struct error *err);

// A selection among many packages takes tens of megabytes while it is made. Only a few of those are made at once;
// the others wait for a place. Smaller ones need none.
struct making_place {
    struct index *index;
    bool is_held;
};
// Fails with: UNAVAILABLE (none came free in time).
enum status making_place_begin(struct making_place *place, size_t packages, struct error *err);
void making_place_end(struct making_place *place);

// Hands the result to everybody who waits; `answer` is borrowed, NULL when `status` says that it failed.
void making_end(struct index *index, struct making *making, enum status status,
                const struct error *err, const struct answer *answer);
