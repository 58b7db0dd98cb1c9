// SPDX-License-Identifier: MIT
// "Did you mean": the known name that is nearest to a misspelt word, by edit distance. Pure.
//
//     struct guess guess = guess_begin(word, GUESS_TOO_FAR);
//     guess_offer(&guess, "list");
//     guess_offer(&guess, "show");
//     … guess.nearest …
#pragma once

#include <stddef.h>

enum { GUESS_TOO_FAR = 3 }; // for short names such as those of commands and options

struct guess {
    const char *word;    // borrowed
    const char *nearest; // borrowed; NULL: no name is near
    size_t distance;     // letters to change, add or drop to get from `word` to `nearest`
};

// A name is near when fewer than `too_far` letters differ.
struct guess guess_begin(const char *word, size_t too_far);

// Takes the name as the guess when it is nearer than all before. NULL and the word itself are ignored.
void guess_offer(struct guess *guess, const char *name);
