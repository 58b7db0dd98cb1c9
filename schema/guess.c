// SPDX-License-Identifier: MIT
// Guesses by edit distance (guess.h). The bound keeps the recursion short, and it keeps short names apart:
// with three letters changed, a name is more often another word than a misspelling.
#include "schema/guess.h"

#include <string.h>

// How many letters must be changed, added or dropped to get from a to b; at most `bound`.
static size_t distance(const char *a, const char *b, size_t bound) {
    if (!*a || !*b) {
        size_t rest = strlen(a) + strlen(b);
        return rest < bound ? rest : bound;
    }
    if (*a == *b) {
        return distance(a + 1, b + 1, bound);
    }
    if (!bound) {
        return 0;
    }
    size_t best = distance(a + 1, b + 1, bound - 1);
    size_t added = distance(a, b + 1, bound - 1);
    size_t dropped = distance(a + 1, b, bound - 1);
    best = added < best ? added : best;
    return 1 + (dropped < best ? dropped : best);
}

struct guess guess_begin(const char *word, size_t too_far) {
    return (struct guess){.word = word, .distance = too_far};
}

// A distance as long as the name itself would mean that nothing of it is left: no guess.
void guess_offer(struct guess *guess, const char *name) {
    if (!name) {
        return;
    }
    size_t found = distance(guess->word, name, guess->distance);
    if (found && found < guess->distance && found < strlen(name)) {
        guess->nearest = name;
        guess->distance = found;
    }
}
