// SPDX-License-Identifier: MIT
// Exceptions: for one package, one code and a time, the environment sets a rule aside. The table says which
// rules can be set aside at all. A quarantine, a hold and a yank are decisions of the registry or of the
// package's team, so no environment sets them aside; its own choices it changes where they are made.
#include "schema/environment/environment_exceptions.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/utc.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// By code. docs/ENVIRONMENTS.md gives the reason for every other code.
static const char *const codes[] = {
    "marker-unknown", "requires-host", "requires-plugin", "requires-python", "too-new", NULL,
};
enum { CODE_COUNT = COUNT_OF(codes) - 1 };

const char *const *environment_exception_codes(void) {
    return codes;
}

static int compare_codes(const void *code, const void *item) {
    return strcmp(code, *(const char *const *)item);
}

// The code of the table, or NULL.
static const char *find_code(const char *code) {
    const char *const *found =
        bsearch(code, codes, CODE_COUNT, sizeof(const char *), compare_codes);
    return found ? *found : NULL;
}

bool environment_may_except(const char *code) {
    return find_code(code);
}

// Kept in one form, with time and "Z", whatever form it was given in: otherwise the same moment written twice
// would make a new revision.
static void decode_until(struct object_reader *reader, const char *where, const json_t *value,
                         void *target) {
    struct environment_exception *exception = target;
    enum { MOMENT_BYTES_MAX = 40 };
    const char *text = object_text(reader, where, value, MOMENT_BYTES_MAX, true);
    char until[UTC_SIZE];
    if (!text) {
        return;
    }
    if (!utc_parse(text_from(text), &exception->until_ms)) {
        object_add_error(reader, "until-invalid", where,
                         "The end of an exception must be a date or a time in UTC: \"2026-12-31\" "
                         "or \"2026-12-31T09:30:00Z\"");
        return;
    }
    utc_write(exception->until_ms, until);
    exception->until = arena_strdup(reader->arena, until);
    reader->findings->no_memory |= !exception->until;
}

static void decode_exception(struct object_reader *reader, const char *where, const json_t *value,
                             struct environment_exception *exception) {
    static const struct object_member members[] = {
        {"until", MEMBER_CUSTOM, .required = true, .decode = decode_until},
        {"reason", MEMBER_LINE, offsetof(struct environment_exception, reason), .required = true,
         .max = LIMIT_SHORT_TEXT_BYTES},
        {"by", MEMBER_LINE, offsetof(struct environment_exception, by),
         .max = LIMIT_SHORT_TEXT_BYTES},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), exception);
}

static int compare_exceptions(const void *left, const void *right) {
    return strcmp(((const struct environment_exception *)left)->code,
                  ((const struct environment_exception *)right)->code);
}

// {"too-new": {"until": "2026-12-31", "reason": "…"}, …}; null takes one out, so that a merge patch can.
void environment_exceptions_decode(struct object_reader *reader, const char *where,
                                   const json_t *value, void *target) {
    struct environment_exceptions *exceptions = target;
    const char *key;
    json_t *item;
    if (!object_is(reader, where, value, JSON_OBJECT, 0) || !json_object_size(value)) {
        return;
    }
    exceptions->items = object_array(reader, json_object_size(value), sizeof *exceptions->items);
    json_object_foreach((json_t *)value, key, item) {
        const char *at = json_pointer(reader->arena, where, key);
        const char *code = find_code(key);
        if (!code) {
            object_add_error(reader, "exception-refused", at,
                             "No exception is possible for the code \"%s\"", key);
        } else if (!json_is_null(item) && exceptions->items) {
            struct environment_exception *exception = &exceptions->items[exceptions->count++];
            exception->code = code;
            decode_exception(reader, at, item, exception);
        }
    }
    if (exceptions->count) {
        qsort(exceptions->items, exceptions->count, sizeof *exceptions->items, compare_exceptions);
    }
}

const struct environment_exception *
environment_exceptions_find(const struct environment_exceptions *exceptions, const char *code) {
    for (size_t i = 0; i < exceptions->count; i++) {
        if (strcmp(exceptions->items[i].code, code) == 0) {
            return &exceptions->items[i];
        }
    }
    return NULL;
}

json_t *environment_exceptions_encode(const struct environment_exceptions *exceptions) {
    scoped(cleanup_json) json_t *object = json_object();
    for (size_t i = 0; object && i < exceptions->count; i++) {
        const struct environment_exception *exception = &exceptions->items[i];
        json_t *item = json_pack("{s:s,s:s,s:s*}", "until", exception->until, "reason",
                                 exception->reason, "by", exception->by);
        if (json_object_set_new(object, exception->code, item)) {
            return NULL;
        }
    }
    return take(object);
}
