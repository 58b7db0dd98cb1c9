// SPDX-License-Identifier: MIT
// POST /v1/files/move: moves files to the database or to the object store for some seconds, and says where to go on. Many
// short requests take the place of a job in the background: the client sees the progress, and nothing runs on when it stops.
#include "registryd/api/admin/handlers.h"

#include "registryd/request/body.h"
#include "registryd/request/query.h"
#include "registryd/store/files/store_moves.h"
#include "schema/base/clock.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

enum { SECONDS_STANDARD = 5, SECONDS_MAX = 60, DIGEST_CHARACTERS = 64 };

struct move_query {
    const char *to;
    const char *after;
    int64_t seconds;
};

static const char *const place_names[] = {
    [FILE_IN_DATABASE] = "database",
    [FILE_IN_OBJECTS] = "objects",
};

static enum status read_place(const char *to, enum file_place *ret_place, struct error *err) {
    for (size_t i = 0; i < COUNT_OF(place_names); i++) {
        if (strcmp(to, place_names[i]) == 0) {
            *ret_place = (enum file_place)i;
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_INVALID, "/to", "\"%s\" is no place for files: use objects or database",
                to);
}

static bool is_digest(const char *text) {
    return strlen(text) == DIGEST_CHARACTERS && strspn(text, "0123456789abcdef") == strlen(text);
}

static json_t *encode_problems(const struct file_move_outcome *outcome) {
    scoped(cleanup_json) json_t *array = json_array();
    for (size_t i = 0; array && i < outcome->problem_count; i++) {
        if (json_array_append_new(array,
                                  json_pack("{s:s,s:s}", "sha256", outcome->problems[i].sha256,
                                            "reason", outcome->problems[i].reason))) {
            return NULL;
        }
    }
    return take(array);
}

enum status files_move(struct api *api, const struct request *request, struct reply *reply,
                       struct findings *findings, struct error *err) {
    static const struct object_member members[] = {
        {"to", MEMBER_LINE, offsetof(struct move_query, to), .required = true,
         .max = LIMIT_NAME_BYTES},
        {"after", MEMBER_LINE, offsetof(struct move_query, after), .max = DIGEST_CHARACTERS},
        {"seconds", MEMBER_INTEGER, offsetof(struct move_query, seconds), .min = 1,
         .max = SECONDS_MAX},
    };
    static const struct body_form form = {"A move of files", members, COUNT_OF(members),
                                          LIMIT_SMALL_BODY_BYTES};
    struct move_query query = {.seconds = SECONDS_STANDARD};
    struct file_move_outcome outcome;
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    status = body_decode(request, &form, findings, &query, err);
    if (status) {
        return status;
    }
    if (query.after && !is_digest(query.after)) {
        return fail(err, STATUS_INVALID, "/after", "\"after\" must be the \"next\" of an answer");
    }
    struct file_move move = {.after = query.after ? query.after : "",
                             .until_ms = monotonic_ms() + query.seconds * 1000};
    status = read_place(query.to, &move.to, err);
    if (status) {
        return status;
    }
    status = store_files_move(api->store, request->arena, &move, &outcome, err);
    if (status) {
        return status;
    }
    json_t *json =
        json_pack("{s:s,s:I,s:I,s:I,s:I,s:s?,s:o}", "to", query.to, "moved",
                  (json_int_t)outcome.moved, "moved_bytes", (json_int_t)outcome.moved_bytes, "left",
                  (json_int_t)outcome.left, "left_bytes", (json_int_t)outcome.left_bytes, "next",
                  outcome.next, "problems", encode_problems(&outcome));
    return reply_json(request, reply, json, err);
}
