// SPDX-License-Identifier: MIT
// What a stranger writes into tokens, scopes, X-Forwarded-For and log lines. Input: four texts, one a
// line. What must hold besides not crashing: a hidden text holds no secret and keeps its length, a scope
// that is read is one there is, a log line's value ends where it seems to.
#include "tests/fuzz/fuzz.h"

#include "registryd/access/rights.h"
#include "registryd/access/token.h"
#include "schema/base/token_hide.h"
#include "registryd/http/head/forwarded.h"
#include "schema/base/log.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static char *copy_of(struct arena *arena, struct text text) {
    char *copy = arena_copy(arena, text.ptr, text.len);
    must(copy);
    return copy;
}

static void try_token(struct arena *arena, struct text text) {
    char *line = copy_of(arena, text);
    size_t len = strlen(line);
    token_hide(line);
    must(strlen(line) == len);
    must(!token_is_well_formed(text_from(line)));
}

static void try_scope(struct arena *arena, struct text text) {
    struct right right;
    if (!right_parse(arena, text, &right, NULL)) {
        must(right.scope < SCOPE_COUNT);
        must(!right_check_object(right.scope, right.object, NULL));
    }
    const struct token_row row = {.name = "t",
                                  .team = "t",
                                  .kind = "user",
                                  .scopes = copy_of(arena, text),
                                  .grants = copy_of(arena, text)};
    struct rights rights;
    must(!rights_make(arena, &row, &rights, NULL));
    rights_allow(&rights, SCOPE_YANK, copy_of(arena, text));
}

static void try_forwarded(struct arena *arena, struct text text) {
    struct forwarded forwarded;
    char client[CLIENT_ADDRESS_SIZE];
    const struct header header = {"X-Forwarded-For", copy_of(arena, text)};
    const struct raw_request raw = {.headers = &header, .header_count = 1};
    if (forwarded_parse(header.value, 1, &forwarded, NULL)) {
        must(!forwarded_parse("127.0.0.0/8", 2, &forwarded, NULL));
    }
    forwarded_client(&forwarded, "127.0.0.1", &raw, client);
    must(strlen(client) > 0);
}

// The value ends before " end=1", and nowhere earlier.
static void check_line(void *context, enum log_level level, const char *line) {
    (void)context;
    (void)level;
    const char *c = line + strlen("value=");
    if (*c == '"') {
        for (c++; *c && *c != '"'; c++) {
            c += c[0] == '\\' && c[1];
        }
        c += *c == '"';
    } else {
        c += strcspn(c, " ");
    }
    must(!*c || strcmp(c, " end=1") == 0 || strlen(line) >= 2000);
}

static void try_log(struct arena *arena, struct text text) {
    const struct log_sink sink = {check_line, NULL, LOG_LEVEL_DEBUG};
    const char *value = copy_of(arena, text);
    log_event(&sink, LOG_LEVEL_INFO, "value=%s end=%d", value, 1);
    log_event(&sink, LOG_LEVEL_INFO, "value=\"%s\" end=%d", value, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static void (*const tries[])(struct arena * arena, struct text text) = {try_token, try_scope,
                                                                            try_forwarded, try_log};
    struct arena *arena = arena_new(0);
    struct text rest = {(const char *)bytes, len};
    struct text line;
    for (size_t i = 0; i < COUNT_OF(tries) && text_split(&rest, '\n', &line); i++) {
        if (!text_has_nul(line.ptr, line.len)) {
            tries[i](arena, line);
        }
    }
    arena_free(arena);
    return 0;
}
