// SPDX-License-Identifier: MIT
// What the table says about itself: --help and --print-config. What --print-config prints is a YAML file that
// --config takes again, each line with the source of its value. Secrets are masked by a function that is
// passed in, because only libpq can tell a password from the rest of a connection string.
#include "registryd/config/config.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"

#include <stddef.h>
#include <string.h>

enum { PAGE_BYTES = 64 * 1024, DOC_COLUMN = 8, LAST_COLUMN = 80 };

// Words are never broken; a word that is longer than a line stands alone on one.
static void add_wrapped(struct buffer *page, const char *text) {
    size_t column = 0;
    struct text rest = text_from(text);
    struct text word;
    while (text_split(&rest, ' ', &word)) {
        if (column && column + 1 + word.len > LAST_COLUMN) {
            buffer_add_string(page, "\n");
            column = 0;
        }
        if (column) {
            buffer_add_string(page, " ");
        } else {
            buffer_printf(page, "%*s", DOC_COLUMN, "");
            column = DOC_COLUMN - 1;
        }
        buffer_add(page, word.ptr, word.len);
        column += 1 + word.len;
    }
    buffer_add_string(page, "\n");
}

// A flag, its value, its default; below it what it does, and the variable of the environment.
static void add_setting_help(struct buffer *page, const struct setting *row) {
    buffer_printf(page, "\n    --%s %s", row->key, row->value_name);
    if (row->standard) {
        buffer_printf(page, "  (default %s)", row->standard);
    }
    buffer_add_string(page, "\n");
    add_wrapped(page, row->doc);
    buffer_printf(page, "%*s%s\n", DOC_COLUMN, "", row->environment);
}

// Frees the page in any case.
static const char *finish(struct arena *arena, struct buffer *page) {
    const char *text = page->failed ? NULL : arena_copy(arena, page->ptr, page->len);
    buffer_done(page);
    return text;
}

// The general part, then each row of the table.
const char *config_help(struct arena *arena) {
    struct buffer page;
    buffer_init(&page, PAGE_BYTES);
    buffer_add_string(&page,
                      "registryd: a registry of plugins, served over HTTP.\n\n"
                      "usage: registryd [--SETTING VALUE]...\n"
                      "       registryd --help | --version | --print-config | --print-routes\n\n"
                      "Settings. A flag overrides the environment variable below it, which\n"
                      "overrides the YAML file, which overrides the default.\n");
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        add_setting_help(&page, &settings_table[i]);
    }
    return finish(arena, &page);
}

static const char *origin_name(enum config_origin origin) {
    static const char *const names[] = {
        [CONFIG_DEFAULT] = "default",
        [CONFIG_FILE] = "file",
        [CONFIG_ENVIRONMENT] = "environment",
        [CONFIG_FLAG] = "flag",
    };
    return names[origin];
}

// A YAML scalar in single quotes: only the quote itself needs care.
static void add_quoted(struct buffer *page, const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        buffer_add(page, text[i] == '\'' ? "''" : text + i, text[i] == '\'' ? 2 : 1);
    }
}

static void add_text_value(struct buffer *page, const char *value) {
    buffer_add_string(page, "'");
    add_quoted(page, value, strlen(value));
    buffer_add_string(page, "'");
}

// What cannot be read might be a password from its first byte to its last.
static void add_secret_value(struct buffer *page, const char *value, config_mask *mask) {
    scoped(buffer_done) struct buffer masked;
    buffer_init(&masked, PAGE_BYTES);
    bool is_masked = !mask(value, &masked, NULL) && !masked.failed && masked.len;
    add_text_value(page, is_masked ? masked.ptr : "***");
}

// Settings of this type are kept as the place of their word in the row's list.
static void add_word(struct buffer *page, const char *words, int place) {
    struct text rest = text_from(words);
    struct text word = {"", 0};
    for (int i = 0; i <= place; i++) {
        text_split(&rest, ' ', &word);
    }
    buffer_add(page, word.ptr, word.len);
}

// As the file would spell it, so that the output can be used as a file.
static void add_value(struct buffer *page, const struct setting *row, const struct config *config,
                      config_mask *mask) {
    const void *field = (const char *)config + row->offset;
    switch (row->type) {
    case SETTING_TEXT: {
        const char *value = *(const char *const *)field;
        if (value && row->is_secret) {
            add_secret_value(page, value, mask);
        } else if (value) {
            add_text_value(page, value);
        } else {
            buffer_add_string(page, "null");
        }
        break;
    }
    case SETTING_NUMBER:
        buffer_printf(page, "%d", *(const int *)field);
        break;
    case SETTING_WORD:
        add_word(page, row->words, *(const int *)field);
        break;
    case SETTING_FLAG:
        buffer_add_string(page, *(const int *)field ? "yes" : "no");
        break;
    case SETTING_LOG_LEVEL:
        buffer_add_string(page, log_level_name(*(const enum log_level *)field));
        break;
    }
}

const char *config_print(struct arena *arena, const struct config_result *result,
                         config_mask *mask) {
    struct buffer page;
    buffer_init(&page, PAGE_BYTES);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        // The file cannot name itself, so that row is only a comment.
        bool names_file = settings_table[i].offset == offsetof(struct config, config);
        buffer_printf(&page, "%s%s: ", names_file ? "# " : "", settings_table[i].key);
        add_value(&page, &settings_table[i], &result->config, mask);
        buffer_printf(&page, " # %s\n", origin_name(result->origins[i]));
    }
    return finish(arena, &page);
}
