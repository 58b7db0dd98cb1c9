// SPDX-License-Identifier: MIT
// One setting's text, from whatever source, into its member of struct config.
#include "registryd/config/config_file.h"

#include "schema/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool parse_number(const char *text, const struct setting *row, int *ret_number) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || *end || !is_digit(end[-1]) || number < row->min || number > row->max) {
        return false;
    }
    *ret_number = (int)number;
    return true;
}

static bool parse_log_level(const char *text, int *ret_level) {
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
        if (strcmp(text, log_level_name((enum log_level)level)) == 0) {
            *ret_level = level;
            return true;
        }
    }
    return false;
}

// The place of a word among those there are.
static bool parse_word(const char *text, const char *words, int *ret_place) {
    struct text rest = text_from(words);
    struct text word;
    for (int place = 0; text_split(&rest, ' ', &word); place++) {
        if (text_equals(word, text)) {
            *ret_place = place;
            return true;
        }
    }
    return false;
}

static bool parse_flag(const char *text, int *ret_flag) {
    int place = 0;
    if (!parse_word(text, "no yes false true 0 1", &place)) {
        return false;
    }
    *ret_flag = place % 2;
    return true;
}

enum status config_set(struct config_result *result, const struct setting *row, const char *text,
                       const struct config_source *source, struct error *err) {
    void *field = (char *)&result->config + row->offset;
    if (!*text) {
        return fail(err, STATUS_USAGE, source->where, "%s needs a value (%s)", row->key,
                    row->value_name);
    }
    switch (row->type) {
    case SETTING_TEXT:
        *(const char **)field = text;
        break;
    case SETTING_NUMBER:
        if (!parse_number(text, row, field)) {
            return fail(err, STATUS_USAGE, source->where,
                        "%s must be a whole number from %d to %d, not \"%s\"", row->key, row->min,
                        row->max, text);
        }
        break;
    case SETTING_WORD:
        if (!parse_word(text, row->words, field)) {
            return fail(err, STATUS_USAGE, source->where, "%s must be one of: %s; not \"%s\"",
                        row->key, row->words, text);
        }
        break;
    case SETTING_FLAG:
        if (!parse_flag(text, field)) {
            return fail(err, STATUS_USAGE, source->where, "%s must be yes or no, not \"%s\"",
                        row->key, text);
        }
        break;
    case SETTING_LOG_LEVEL:
        if (!parse_log_level(text, field)) {
            return fail(err, STATUS_USAGE, source->where,
                        "%s must be error, warning, info or debug, not \"%s\"", row->key, text);
        }
        break;
    }
    result->origins[row - settings_table] = source->origin;
    return STATUS_OK;
}
