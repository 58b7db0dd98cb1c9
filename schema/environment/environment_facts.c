// SPDX-License-Identifier: MIT
// The facts of an environment: Python, marker variables, installed distributions, platform tags. What
// two facts say of the Python version must agree, or the same release would fit by one and not by the
// other.
#include "schema/environment/environment_parts.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/requirement/marker.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"
#include "schema/base/list.h"

#include <stdlib.h>
#include <string.h>

static void decode_python(struct environment_decoding *decoding, const char *where,
                          const json_t *value) {
    const char *text = environment_line(decoding, where, value, LIMIT_VERSION_BYTES);
    const struct version *version;
    struct error err;
    if (!text) {
        return;
    }
    if (python_version_parse(decoding->arena, text_from(text), &version, &err)) {
        environment_add_error(decoding, "version-invalid", where, &err);
        return;
    }
    decoding->environment->python = version_string(version);
}

// ---- markers ----

static void decode_marker(struct environment_decoding *decoding, const char *where,
                          const char *name, const json_t *value,
                          struct marker_environment *markers) {
    const char *text = environment_line(decoding, where, value, LIMIT_SHORT_TEXT_BYTES);
    enum marker_variable variable;
    struct error err;
    if (!marker_variable_find(text_from(name), &variable) || variable == MARKER_EXTRA) {
        environment_add(decoding, "marker-variable-unknown", where,
                        "%s is not a variable of environment markers",
                        quote_text(text_from(name)).text);
    } else if (markers->values[variable]) {
        environment_add(decoding, "name-duplicate", where,
                        "The variable %s stands twice, in two spellings of its name",
                        marker_variable_name(variable));
    } else if (text && marker_environment_set(markers, variable, text_from(text), &err)) {
        environment_add_error(decoding, "marker-value-invalid", where, &err);
    }
}

static void decode_markers(struct environment_decoding *decoding, const char *where,
                           const json_t *value) {
    struct environment *environment = decoding->environment;
    struct marker_environment markers;
    const char *name;
    json_t *item;
    if (!environment_is_object(decoding, where, value, LIMIT_LIST_ITEMS)) {
        return;
    }
    marker_environment_init(&markers, decoding->arena);
    json_object_foreach((json_t *)value, name, item) {
        if (!json_is_null(item)) {
            decode_marker(decoding, json_pointer(decoding->arena, where, name), name, item,
                          &markers);
        }
    }
    environment->markers =
        environment_array(decoding, MARKER_VARIABLE_COUNT, sizeof *environment->markers);
    for (size_t i = 0; environment->markers && i < MARKER_VARIABLE_COUNT; i++) {
        if (markers.values[i]) {
            environment->markers[environment->marker_count++] = (struct environment_pair){
                marker_variable_name((enum marker_variable)i), markers.values[i]};
        }
    }
}

static const char *marker_value(const struct environment *environment,
                                enum marker_variable variable) {
    for (size_t i = 0; i < environment->marker_count; i++) {
        if (strcmp(environment->markers[i].name, marker_variable_name(variable)) == 0) {
            return environment->markers[i].value;
        }
    }
    return NULL;
}

// A marker's version against the one that `python` stands for; either may be missing.
static void check_python_agrees(struct environment_decoding *decoding, const char *where,
                                const struct marker_environment *told,
                                enum marker_variable variable) {
    const char *text = marker_value(decoding->environment, variable);
    const struct version *python = told->versions[variable];
    const struct version *version;
    struct error err = {0};
    if (!text || !python) {
        return;
    }
    if (version_parse(decoding->arena, text_from(text), &version, &err)) {
        decoding->findings->no_memory |= err.status == STATUS_NO_MEMORY;
        return; // "3.11.2+", as a build of one's own says: nothing to compare
    }
    if (version_compare(version, python) != 0) {
        environment_add(decoding, "facts-disagree",
                        json_pointer(decoding->arena,
                                     json_pointer(decoding->arena, where, "markers"),
                                     marker_variable_name(variable)),
                        "%s is %s, but python is %s", marker_variable_name(variable),
                        quote_text(text_from(text)).text, decoding->environment->python);
    }
}

static void check_python(struct environment_decoding *decoding, const char *where) {
    const char *python = decoding->environment->python;
    struct marker_environment told;
    marker_environment_init(&told, decoding->arena);
    if (!python) {
        return;
    }
    if (marker_environment_set_python(&told, text_from(python), NULL)) {
        decoding->findings->no_memory = true; // it is a version: nothing else can be wrong
        return;
    }
    check_python_agrees(decoding, where, &told, MARKER_PYTHON_VERSION);
    check_python_agrees(decoding, where, &told, MARKER_PYTHON_FULL_VERSION);
}

// ---- installed distributions ----

static void decode_one_have(struct environment_decoding *decoding, const char *where,
                            const char *name, const json_t *value) {
    struct environment *environment = decoding->environment;
    const char *text = environment_line(decoding, where, value, LIMIT_VERSION_BYTES);
    struct environment_pair pair;
    const struct version *version;
    struct error err;
    if (name_normalize(decoding->arena, text_from(name), &pair.name, &err)) {
        environment_add_error(decoding, "name-invalid", where, &err);
    } else if (text && version_parse(decoding->arena, text_from(text), &version, &err)) {
        environment_add_error(decoding, "version-invalid", where, &err);
    } else if (text) {
        pair.value = version_string(version);
        environment->have[environment->have_count++] = pair;
    }
}

static int compare_pairs(const void *left, const void *right) {
    const struct environment_pair *a = left;
    const struct environment_pair *b = right;
    return strcmp(a->name, b->name);
}

static void decode_have(struct environment_decoding *decoding, const char *where,
                        const json_t *value) {
    struct environment *environment = decoding->environment;
    const char *name;
    json_t *item;
    if (!environment_is_object(decoding, where, value, LIMIT_ENVIRONMENT_HAVE)) {
        return;
    }
    environment->have =
        environment_array(decoding, json_object_size(value), sizeof *environment->have);
    if (!environment->have) {
        return;
    }
    json_object_foreach((json_t *)value, name, item) {
        if (!json_is_null(item)) {
            decode_one_have(decoding, json_pointer(decoding->arena, where, name), name, item);
        }
    }
    qsort(environment->have, environment->have_count, sizeof *environment->have, compare_pairs);
    for (size_t i = 1; i < environment->have_count; i++) {
        if (compare_pairs(&environment->have[i - 1], &environment->have[i]) == 0) {
            environment_add(decoding, "name-duplicate",
                            json_pointer(decoding->arena, where, environment->have[i].name),
                            "The package stands twice, in two spellings of its name");
        }
    }
}

// ---- tags ----

// One tag, not a compressed set: three words with '-' between them.
static bool is_tag(const char *text) {
    size_t words = 1;
    for (size_t i = 0; text[i]; i++) {
        bool joint = text[i] == '-';
        if (joint ? i == 0 || text[i - 1] == '-' || !text[i + 1]
                  : !is_alnum(text[i]) && text[i] != '_') {
            return false;
        }
        words += joint;
    }
    return words == 3;
}

// A hash of the tags so far keeps a list of thousands linear.
struct seen_tags {
    const char **slots;
    size_t slot_count; // a power of two, more than twice the tags
};

static bool was_seen(struct seen_tags *seen, const char *tag) {
    size_t hash = 5381;
    for (const char *at = tag; *at; at++) {
        hash = hash * 33 + (unsigned char)*at;
    }
    size_t slot = hash & (seen->slot_count - 1);
    while (seen->slots[slot] && strcmp(seen->slots[slot], tag) != 0) {
        slot = (slot + 1) & (seen->slot_count - 1);
    }
    bool found = seen->slots[slot] != NULL;
    seen->slots[slot] = tag;
    return found;
}

static void decode_tag(struct environment_decoding *decoding, const char *where,
                       const json_t *value, struct seen_tags *seen) {
    struct environment *environment = decoding->environment;
    const char *text = environment_line(decoding, where, value, LIMIT_FILE_NAME_BYTES);
    if (!text) {
        return;
    }
    if (!is_tag(text)) {
        environment_add(decoding, "tag-invalid", where,
                        "%s is not a tag of a wheel, as cp311-cp311-manylinux_2_36_x86_64 is",
                        quote_text(text_from(text)).text);
        return;
    }
    char *tag = arena_strdup(decoding->arena, text);
    decoding->findings->no_memory |= !tag;
    for (char *at = tag; at && *at; at++) {
        *at = to_lower(*at);
    }
    if (tag && !was_seen(seen, tag)) {
        environment->tags[environment->tag_count++] = tag;
    }
}

static void decode_tags(struct environment_decoding *decoding, const char *where,
                        const json_t *value) {
    struct environment *environment = decoding->environment;
    size_t index;
    json_t *item;
    if (!environment_is_array(decoding, where, value, LIMIT_ENVIRONMENT_TAGS)) {
        return;
    }
    struct seen_tags seen = {NULL, 2};
    while (seen.slot_count <= 2 * json_array_size(value)) {
        seen.slot_count *= 2;
    }
    seen.slots = environment_array(decoding, seen.slot_count, sizeof *seen.slots);
    environment->tags =
        environment_array(decoding, json_array_size(value), sizeof *environment->tags);
    if (!seen.slots || !environment->tags) {
        return;
    }
    json_array_foreach(value, index, item) {
        decode_tag(decoding, json_pointer_index(decoding->arena, where, index), item, &seen);
    }
}

void environment_decode_facts(struct environment_decoding *decoding, const char *where,
                              const json_t *value) {
    static const struct environment_member members[] = {
        {"python", decode_python},
        {"markers", decode_markers},
        {"have", decode_have},
        {"tags", decode_tags},
    };
    environment_decode_members(decoding, where, value, members, COUNT_OF(members));
    check_python(decoding, where);
}
