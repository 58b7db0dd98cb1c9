// SPDX-License-Identifier: MIT
// The canonical text of a question (question.h).
// Daemon and client call this same function, so equal questions are equal bytes: a client compares
// the text in its file with the text of what it would ask now.
#include "schema/snapshot/query_string.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

// Parameters that change how the answer is handed over, and not what it says.
static const char *const delivery[] = {"explain", "limit", "cursor", "min_serial", "min_epoch"};

void query_string_add_encoded(struct buffer *buffer, const char *text) {
    for (const char *p = text; *p; p++) {
        if (is_alnum(*p) || strchr("-._~", *p)) {
            buffer_add(buffer, p, 1);
        } else {
            buffer_printf(buffer, "%%%02X", (unsigned char)*p);
        }
    }
}

// A part without a value comes before one with a value, so that equal parts stand side by side.
static int compare_parts(const void *left, const void *right) {
    const struct query_parameter *a = left;
    const struct query_parameter *b = right;
    int order = strcmp(a->name, b->name);
    if (order || !a->value || !b->value) {
        return order ? order : !!a->value - !!b->value;
    }
    return strcmp(a->value, b->value);
}

static bool counts(const struct query_parameter *part) {
    for (size_t i = 0; i < COUNT_OF(delivery); i++) {
        if (strcmp(part->name, delivery[i]) == 0) {
            return false;
        }
    }
    return part->value && strcmp(part->name, "environment") != 0;
}

static void add_part(struct buffer *buffer, const struct query_parameter *part) {
    buffer_add_string(buffer, buffer->len ? "&" : "");
    buffer_add_string(buffer, part->name);
    buffer_add_string(buffer, "=");
    query_string_add_encoded(buffer, part->value);
}

// The normal form of a question: sorted and without doubles, so that two hosts that ask the same in another
// order share a file in the cache.
const char *query_string_write(struct arena *arena, struct query_parameter *parts, size_t count) {
    // Always in the text and always first: the default is written out.
    struct query_parameter environment = {"environment", "default"};
    scoped(buffer_done) struct buffer buffer;
    buffer_init(&buffer, LIMIT_DOCUMENT_BYTES);
    for (size_t i = 0; i < count; i++) {
        bool is_given = parts[i].value && *parts[i].value;
        environment =
            is_given && strcmp(parts[i].name, environment.name) == 0 ? parts[i] : environment;
    }
    add_part(&buffer, &environment);
    if (count) {
        qsort(parts, count, sizeof *parts, compare_parts);
    }
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && compare_parts(&parts[i - 1], &parts[i]) == 0;
        if (counts(&parts[i]) && !again) {
            add_part(&buffer, &parts[i]);
        }
    }
    return buffer.failed ? NULL : arena_copy(arena, buffer.ptr, buffer.len);
}

bool query_string_has_group(const char *query, const char *group) {
    scoped(buffer_done) struct buffer wanted;
    buffer_init(&wanted, LIMIT_DOCUMENT_BYTES);
    buffer_add_string(&wanted, "group=");
    query_string_add_encoded(&wanted, group);
    struct text rest = text_from(query);
    struct text part;
    bool names_any = false;
    while (text_split(&rest, '&', &part)) {
        if (!wanted.failed && text_equals(part, wanted.ptr)) {
            return true;
        }
        names_any = names_any || (part.len > 6 && memcmp(part.ptr, "group=", 6) == 0);
    }
    // No group at all is the question for every group.
    return !names_any;
}
