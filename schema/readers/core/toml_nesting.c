// SPDX-License-Identifier: MIT
// The look at the bytes before toml++ sees them: 16,000 dots in one key overflow its stack. Strings and
// comments are skipped as TOML delimits them; where the text is not TOML the count may be wrong, but
// then the parser stops at that place too.
#include "schema/readers/core/toml.h"

#include "schema/base/limits.h"
#include "schema/readers/core/reader_add.h"

#include <string.h>

struct scan {
    const struct source_file *file;
    size_t at;
    size_t line;
    size_t dots;
    size_t depth;
};

static bool starts_with(const struct scan *scan, const char *text) {
    size_t len = strlen(text);
    return scan->file->len - scan->at >= len &&
           memcmp(scan->file->bytes + scan->at, text, len) == 0;
}

// Past a string that begins at `at`, or to the end of its line when it has no end there.
static void skip_string(struct scan *scan, char quote) {
    const char triple[] = {quote, quote, quote, '\0'};
    bool many_lines = starts_with(scan, triple);
    scan->at += many_lines ? 3 : 1;
    while (scan->at < scan->file->len) {
        char c = scan->file->bytes[scan->at];
        bool ends = many_lines ? starts_with(scan, triple) : c == quote;
        if (ends || (c == '\n' && !many_lines)) {
            scan->at += ends ? (many_lines ? 3 : 1) : 0;
            return;
        }
        bool escape = c == '\\' && quote == '"' && scan->at + 1 < scan->file->len;
        scan->line += c == '\n' || (escape && scan->file->bytes[scan->at + 1] == '\n');
        scan->at += escape ? 2 : 1;
    }
}

static void skip_comment(struct scan *scan) {
    while (scan->at < scan->file->len && scan->file->bytes[scan->at] != '\n') {
        scan->at++;
    }
}

static enum status count(struct scan *scan, char c, struct error *err) {
    scan->dots = c == '.' ? scan->dots + 1 : strchr("=,[]{}\n", c) ? 0 : scan->dots;
    scan->depth += c == '[' || c == '{';
    scan->depth -= scan->depth && (c == ']' || c == '}');
    scan->line += c == '\n';
    if (scan->dots > LIMIT_TOML_KEY_DOTS) {
        return reader_fail(scan->file, scan->line, err, "A key has more than %d dots",
                           LIMIT_TOML_KEY_DOTS);
    }
    if (scan->depth > LIMIT_JSON_DEPTH) {
        return reader_fail(scan->file, scan->line, err, "Arrays and tables are nested too deep");
    }
    return STATUS_OK;
}

enum status toml_check_nesting(const struct source_file *file, struct error *err) {
    struct scan scan = {.file = file, .line = 1};
    enum status status = STATUS_OK;
    while (!status && scan.at < file->len) {
        char c = file->bytes[scan.at];
        if (c == '"' || c == '\'') {
            skip_string(&scan, c);
        } else if (c == '#') {
            skip_comment(&scan);
        } else {
            status = count(&scan, c, err);
            scan.at++;
        }
    }
    return status;
}
