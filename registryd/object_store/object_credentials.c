// SPDX-License-Identifier: MIT
// Lines of "name = value" below "[default]", or before any section. Other sections are other identities, and other names
// are for other tools: both are passed over. No message repeats a line, because it may hold a secret.
#include "registryd/object_store/object_credentials.h"

#include "schema/base/list.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct object_credentials, member)
static const struct {
    const char *name;
    size_t offset;
} keys[] = {
    {"aws_access_key_id", AT(access_key)},
    {"aws_secret_access_key", AT(secret_key)},
    {"aws_session_token", AT(session_token)},
};
#undef AT

static enum status take_line(struct arena *arena, struct text line,
                             struct object_credentials *credentials, struct error *err) {
    const char *sign = line.len ? memchr(line.ptr, '=', line.len) : NULL;
    if (!sign) {
        return STATUS_OK;
    }
    struct text name = text_trim((struct text){line.ptr, (size_t)(sign - line.ptr)});
    struct text value =
        text_trim((struct text){sign + 1, line.len - (size_t)(sign + 1 - line.ptr)});
    bool is_text = value.len && !text_has_nul(value.ptr, value.len); // a key is no bytes
    for (size_t i = 0; i < COUNT_OF(keys) && is_text; i++) {
        if (text_equals(name, keys[i].name)) {
            const char *copy = arena_copy(arena, value.ptr, value.len);
            if (!copy) {
                return fail_no_memory(err);
            }
            memcpy((char *)credentials + keys[i].offset, &copy, sizeof copy);
        }
    }
    return STATUS_OK;
}

enum status object_credentials_parse(struct arena *arena, const char *where, struct text file,
                                     struct object_credentials *ret_credentials,
                                     struct error *err) {
    struct object_credentials credentials = {0};
    struct text line;
    bool is_ours = true;
    while (text_split(&file, '\n', &line)) {
        line = text_trim(line);
        if (line.len && *line.ptr == '[') {
            is_ours = text_equals(line, "[default]");
        } else if (is_ours && line.len && *line.ptr != '#') {
            enum status status = take_line(arena, line, &credentials, err);
            if (status) {
                return status;
            }
        }
    }
    if (!credentials.access_key || !credentials.secret_key) {
        return fail(err, STATUS_USAGE, where,
                    "The file has no aws_access_key_id and aws_secret_access_key in its section "
                    "[default]");
    }
    *ret_credentials = credentials;
    return STATUS_OK;
}
