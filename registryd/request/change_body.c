// SPDX-License-Identifier: MIT
// Objects with known keys.
#include "registryd/request/change_body.h"

#include "registryd/request/document.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"

#include <string.h>

static bool is_known(const struct change_form *form, const char *key) {
    for (size_t i = 0; i < form->key_count; i++) {
        if (strcmp(form->keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static enum status refuse_unknown(struct report_reading *reading, const struct change_form *form,
                                  json_t *object, struct error *err) {
    size_t errors_before = reading->findings->error_count;
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (!is_known(form, key)) {
            report_add_error(reading, "unknown-key", json_pointer(reading->arena, "", key),
                             "%s has no \"%s\"", form->what, key);
        }
    }
    return findings_fail(reading->findings, errors_before, err);
}

enum status change_body_parse(const struct request *request, const struct change_form *form,
                              struct findings *findings, json_t **ret_object, struct error *err) {
    struct report_reading reading = {request->arena, findings};
    scoped(cleanup_json) json_t *object = NULL;
    enum status status = document_check_json(request, form->what, err);
    if (!status) {
        status = json_parse(request->body, LIMIT_DOCUMENT_BYTES, &object, err);
    }
    if (!status && !json_is_object(object)) {
        return fail(err, STATUS_MALFORMED, NULL, "%s is an object, not %s", form->what,
                    json_type_name(object));
    }
    if (!status) {
        status = refuse_unknown(&reading, form, object, err);
    }
    if (!status) {
        *ret_object = take(object);
    }
    return status;
}

bool change_body_text(struct report_reading *reading, const json_t *object,
                      const struct report_text *member, const char **ret_text) {
    const char *text = report_member_text(reading, object, "", member);
    if (text && !text_trim(text_from(text)).len) {
        text = NULL;
    }
    const char *copy = arena_strdup(reading->arena, text);
    *ret_text = copy;
    return !copy == !text;
}
