// SPDX-License-Identifier: MIT
// Pages of another package index, in both forms, and statements of a registry. What must hold besides not crashing: every
// name that comes out is a safe part of a path, and every digest has 64 digits. The first byte chooses the form.
#include "tests/fuzz/fuzz.h"

#include "client/import/index_page.h"
#include "client/mirror/statement.h"
#include "schema/json/json.h"
#include "schema/snapshot/signed_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_links(const struct index_links *links) {
    for (size_t i = 0; i < links->count; i++) {
        const struct index_link *link = &links->items[i];
        must(link->url && link->filename && !strchr(link->filename, '/') &&
             link->filename[0] != '.');
        must(!link->sha256 || strspn(link->sha256, "0123456789abcdef") == 64);
    }
}

static void check_page(struct arena *arena, const char *type, struct text body) {
    struct index_links links;
    struct strings names;
    if (!index_page_read(arena, type, body, &links, NULL)) {
        check_links(&links);
    }
    if (!index_page_read_names(arena, type, body, &names, NULL)) {
        must(names.count == 0 || names.items[names.count - 1]);
    }
}

static void check_statement(struct arena *arena, struct text body) {
    struct text line;
    struct statement_package package;
    struct statement_index index;
    if (signed_text_open(body, NULL, &line, NULL)) {
        return;
    }
    scoped(cleanup_json) json_t *json =
        json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    if (!statement_read_package(arena, json, &package, NULL)) {
        must(statement_is_package(package.package) && !strchr(package.package, '.'));
    }
    for (size_t i = 0; !statement_read_index(arena, json, &index, NULL) && i < index.count; i++) {
        must(statement_is_package(index.items[i].package));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct text body = {(const char *)bytes + 1, len ? len - 1 : 0};
    switch (len ? bytes[0] : 's') {
    case 'h':
        check_page(arena, "text/html", body);
        break;
    case 'j':
        check_page(arena, "application/vnd.pypi.simple.v1+json", body);
        break;
    default:
        check_statement(arena, body);
    }
    arena_free(arena);
    return 0;
}
