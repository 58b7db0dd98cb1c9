// SPDX-License-Identifier: MIT
// The question of a resolution or a snapshot, as it stands in an address after the '?'. What is read must
// be sorted and sound: groups, facts and tags each once and in order.
#include "tests/fuzz/fuzz.h"

#include "registryd/api/resolve/selection_query.h"
#include "registryd/http/head/uri.h"
#include "schema/snapshot/query_string.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

static void check_facts(const struct resolve_fact *facts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        must(facts[i].name && *facts[i].name && facts[i].value);
        must(!i || strcmp(facts[i - 1].name, facts[i].name) < 0);
    }
}

static void check(const struct resolve_query *query) {
    for (size_t i = 1; i < query->group_count; i++) {
        must(strcmp(query->groups[i - 1], query->groups[i]) < 0);
    }
    for (size_t i = 1; i < query->tag_count; i++) {
        must(strcmp(query->tags[i - 1], query->tags[i]) <= 0);
    }
    check_facts(query->have, query->have_count);
    check_facts(query->markers, query->marker_count);
}

static void write_query(const struct request *request) {
    struct query_parameter *parts =
        arena_array(request->arena, request->query_count + 1, sizeof *parts);
    for (size_t i = 0; parts && i < request->query_count; i++) {
        parts[i] = (struct query_parameter){request->query[i].name, request->query[i].value};
    }
    must(parts && query_string_write(request->arena, parts, request->query_count));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct api api = {0};
    struct uri uri;
    struct error err;
    struct text path = {"/v1/resolve", 11};
    struct text query = {(const char *)bytes, len};
    if (!uri_parse(arena, path, query, &uri, NULL)) {
        struct resolve_query read;
        struct request request = {
            .arena = arena, .method = "GET", .query = uri.query, .query_count = uri.query_count};
        // who waits for a change needs an index, and is another matter
        if (!request_query(&request, "min_serial")) {
            write_query(&request);
            if (!selection_query_decode_page(&api, &request, &read, &err)) {
                check(&read);
            }
            selection_query_decode_format(&api, &request, &read, &err);
        }
    }
    arena_free(arena);
    return 0;
}
