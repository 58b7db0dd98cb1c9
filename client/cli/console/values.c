// SPDX-License-Identifier: MIT
// The word that help prints for a value says its kind, so a new option of a known kind needs no check of its own. Texts,
// names and patterns are left to the registry. Here only the letters of a value are checked.
#include "client/cli/console/values.h"

#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/guess.h"
#include "schema/packaging/version/version.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum status check_choice(struct arena *arena, const struct option_row *row,
                                const char *value, struct error *err) {
    struct guess guess = guess_begin(value, GUESS_TOO_FAR);
    struct text rest = text_from(row->choices);
    for (struct text choice; text_split(&rest, '|', &choice);) {
        const char *name = arena_copy(arena, choice.ptr, choice.len);
        if (!name) {
            return fail_no_memory(err);
        }
        if (strcmp(name, value) == 0) {
            return STATUS_OK;
        }
        guess_offer(&guess, name);
    }
    return guess.nearest ? fail(err, STATUS_USAGE, NULL,
                                "Invalid %s \"%s\". Did you mean \"%s\"? Use one of %s.", row->name,
                                value, guess.nearest, row->choices)
                         : fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use one of %s.",
                                row->name, value, row->choices);
}

static enum status check_number(const struct option_row *row, const char *value,
                                struct error *err) {
    enum { DIGITS_MAX = 18 };
    size_t len = strspn(value, "0123456789");
    bool is_number = len && !value[len] && len <= DIGITS_MAX;
    long long number = is_number ? strtoll(value, NULL, 10) : -1;
    long long max = row->max_number ? row->max_number : LLONG_MAX;
    if (number >= row->min_number && number <= max) {
        return STATUS_OK;
    }
    if (row->max_number) {
        return fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use a number from %lld to %lld.",
                    row->name, value, row->min_number, row->max_number);
    }
    return fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use a number%s.", row->name, value,
                row->min_number ? " from 1 on" : "");
}

static enum status check_version(struct arena *arena, const struct option_row *row,
                                 const char *value, struct error *err) {
    const struct version *version = NULL;
    enum status status = version_parse(arena, text_from(value), &version, NULL);
    if (!status || status == STATUS_NO_MEMORY) {
        return status ? fail_no_memory(err) : STATUS_OK;
    }
    return fail(err, STATUS_USAGE, NULL, "Invalid %s \"%s\". Use a version, for example %s.",
                row->name, value, strcmp(row->name, "--python") == 0 ? "3.11" : "1.2.0");
}

static enum status check_input(const struct option_row *row, const char *value, struct error *err) {
    bool is_file = strcmp(value, "-") != 0 && strcmp(value, "none") != 0;
    return is_file && access(value, R_OK)
               ? fail(err, STATUS_USAGE, value, "Cannot read the file of %s: %s", row->name,
                      strerror(errno))
               : STATUS_OK;
}

enum status value_check(struct arena *arena, const struct option_row *row, const char *value,
                        struct error *err) {
    static const char *const numbers[] = {"N", "NUMBER", "DAYS"};
    if (row->is_input) {
        return check_input(row, value, err);
    }
    if (row->choices) {
        return check_choice(arena, row, value, err);
    }
    if (strcmp(row->argument, "VERSION") == 0) {
        return check_version(arena, row, value, err);
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (strcmp(row->argument, numbers[i]) == 0) {
            return check_number(row, value, err);
        }
    }
    return STATUS_OK;
}

// "[FROM [TO]]" has the words FROM and TO.
enum status value_check_argument(const char *words, size_t index, const char *value,
                                 struct error *err) {
    struct text rest = text_from(words);
    struct text word = {0};
    for (size_t i = 0; i <= index; i++) {
        if (!text_split(&rest, ' ', &word)) {
            return STATUS_OK;
        }
    }
    while (word.len && *word.ptr == '[') {
        word = (struct text){word.ptr + 1, word.len - 1};
    }
    while (word.len && word.ptr[word.len - 1] == ']') {
        word.len--;
    }
    bool is_number = text_equals(word, "N") || text_equals(word, "NUMBER");
    const struct option_row row = {.name = "number"};
    return is_number ? check_number(&row, value, err) : STATUS_OK;
}
