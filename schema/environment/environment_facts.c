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

// "3.12.1", "3.13.0rc1", "3.13.0+": what sys.version says of itself.
static void decode_python(struct object_reader *reader, const char *where, const json_t *value,
                          void *target) {
    struct environment *environment = target;

    const char *text = object_text(reader, where, value, LIMIT_VERSION_BYTES, true);
    const struct version *version;
    struct error err;
    if (!text) {
        return;
    }
    if (python_version_parse(reader->arena, text_from(text), &version, &err)) {
        object_add_cause(reader, "version-invalid", where, &err);
        return;
    }
    environment->python = version_string(version);
}

// ---- markers ----

// Old and new spellings (os.name, os_name) are one variable, so both together are a duplicate.
static void decode_marker(struct object_reader *reader, const char *where, const char *name,
                          const json_t *value, struct marker_environment *markers) {
    const char *text = object_text(reader, where, value, LIMIT_SHORT_TEXT_BYTES, true);
    enum marker_variable variable;
    struct error err;
    if (!marker_variable_find(text_from(name), &variable) || variable == MARKER_EXTRA) {
        object_add_error(reader, "marker-variable-unknown", where,
                         "%s is not an environment marker variable",
                         quote_text(text_from(name)).text);
    } else if (markers->values[variable]) {
        object_add_error(reader, "name-duplicate", where,
                         "The variable %s is given twice, in two spellings",
                         marker_variable_name(variable));
    } else if (text && marker_environment_set(markers, variable, text_from(text), &err)) {
        object_add_cause(reader, "marker-value-invalid", where, &err);
    }
}

static void decode_markers(struct object_reader *reader, const char *where, const json_t *value,
                           void *target) {
    struct environment *environment = target;

    struct marker_environment markers;
    const char *name;
    json_t *item;
    if (!object_is(reader, where, value, JSON_OBJECT, LIMIT_LIST_ITEMS)) {
        return;
    }
    marker_environment_init(&markers, reader->arena);
    json_object_foreach((json_t *)value, name, item) {
        if (!json_is_null(item)) {
            decode_marker(reader, json_pointer(reader->arena, where, name), name, item, &markers);
        }
    }
    // In the order of the variables, so that equal facts are equal lists.
    environment->markers =
        object_array(reader, MARKER_VARIABLE_COUNT, sizeof *environment->markers);
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
static void check_python_agrees(struct object_reader *reader, const char *where,
                                const struct environment *environment,
                                const struct marker_environment *told,
                                enum marker_variable variable) {
    const char *text = marker_value(environment, variable);
    const struct version *python = told->versions[variable];
    const struct version *version;
    struct error err = {0};
    if (!text || !python) {
        return;
    }
    if (version_parse(reader->arena, text_from(text), &version, &err)) {
        reader->findings->no_memory |= err.status == STATUS_NO_MEMORY;
        return; // "3.11.2+", as a build of one's own says: nothing to compare
    }
    if (version_compare(version, python) != 0) {
        object_add_error(reader, "facts-disagree",
                         json_pointer(reader->arena, json_pointer(reader->arena, where, "markers"),
                                      marker_variable_name(variable)),
                         "%s is %s, but \"python\" is %s", marker_variable_name(variable),
                         quote_text(text_from(text)).text, environment->python);
    }
}

// A release may ask for Python by requires_python or by a marker; both must see one version.
static void check_python(struct object_reader *reader, const char *where,
                         const struct environment *environment) {
    const char *python = environment->python;
    struct marker_environment told;
    marker_environment_init(&told, reader->arena);
    if (!python) {
        return;
    }
    if (marker_environment_set_python(&told, text_from(python), NULL)) {
        reader->findings->no_memory = true; // it is a version: nothing else can be wrong
        return;
    }
    check_python_agrees(reader, where, environment, &told, MARKER_PYTHON_VERSION);
    check_python_agrees(reader, where, environment, &told, MARKER_PYTHON_FULL_VERSION);
}

// ---- installed distributions ----

// Installed distributions: {"honeyframe": "4.2"}. Names are normalised, since that is what requirements are
// compared by.
static void decode_one_have(struct object_reader *reader, const char *where, const char *name,
                            const json_t *value, struct environment *environment) {
    const char *text = object_text(reader, where, value, LIMIT_VERSION_BYTES, true);
    struct environment_pair pair;
    const struct version *version;
    struct error err;
    if (name_normalize(reader->arena, text_from(name), &pair.name, &err)) {
        object_add_cause(reader, "name-invalid", where, &err);
    } else if (text && version_parse(reader->arena, text_from(text), &version, &err)) {
        object_add_cause(reader, "version-invalid", where, &err);
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

// Names and versions in their normal form, sorted for environment_find_version.
static void decode_have(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct environment *environment = target;

    const char *name;
    json_t *item;
    if (!object_is(reader, where, value, JSON_OBJECT, LIMIT_ENVIRONMENT_HAVE)) {
        return;
    }
    environment->have = object_array(reader, json_object_size(value), sizeof *environment->have);
    if (!environment->have) {
        return;
    }
    json_object_foreach((json_t *)value, name, item) {
        if (!json_is_null(item)) {
            decode_one_have(reader, json_pointer(reader->arena, where, name), name, item,
                            environment);
        }
    }
    qsort(environment->have, environment->have_count, sizeof *environment->have, compare_pairs);
    for (size_t i = 1; i < environment->have_count; i++) {
        if (compare_pairs(&environment->have[i - 1], &environment->have[i]) == 0) {
            object_add_error(reader, "name-duplicate",
                             json_pointer(reader->arena, where, environment->have[i].name),
                             "The package is named twice, in two spellings");
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

// Open addressing. The table is never more than half full, so the search for a free slot ends.
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

// Lower case, as file names are compared.
static void decode_tag(struct object_reader *reader, const char *where, const json_t *value,
                       struct seen_tags *seen, struct environment *environment) {
    const char *text = object_text(reader, where, value, LIMIT_FILE_NAME_BYTES, true);
    if (!text) {
        return;
    }
    if (!is_tag(text)) {
        object_add_error(
            reader, "tag-invalid", where,
            "%s is not a wheel tag. A tag looks like cp311-cp311-manylinux_2_36_x86_64.",
            quote_text(text_from(text)).text);
        return;
    }
    char *tag = arena_strdup(reader->arena, text);
    reader->findings->no_memory |= !tag;
    for (char *at = tag; at && *at; at++) {
        *at = to_lower(*at);
    }
    if (tag && !was_seen(seen, tag)) {
        environment->tags[environment->tag_count++] = tag;
    }
}

// Ten thousand tags are allowed, so duplicates are found by a hash table with open addressing.
static void decode_tags(struct object_reader *reader, const char *where, const json_t *value,
                        void *target) {
    struct environment *environment = target;

    size_t index;
    json_t *item;
    if (!object_is(reader, where, value, JSON_ARRAY, LIMIT_ENVIRONMENT_TAGS)) {
        return;
    }
    struct seen_tags seen = {NULL, 2};
    while (seen.slot_count <= 2 * json_array_size(value)) {
        seen.slot_count *= 2;
    }
    seen.slots = object_array(reader, seen.slot_count, sizeof *seen.slots);
    environment->tags = object_array(reader, json_array_size(value), sizeof *environment->tags);
    if (!seen.slots || !environment->tags) {
        return;
    }
    json_array_foreach(value, index, item) {
        decode_tag(reader, json_pointer_index(reader->arena, where, index), item, &seen,
                   environment);
    }
}

void environment_decode_facts(struct object_reader *reader, const char *where, const json_t *value,
                              void *target) {
    static const struct object_member members[] = {
        {"python", MEMBER_CUSTOM, .decode = decode_python},
        {"markers", MEMBER_CUSTOM, .decode = decode_markers},
        {"have", MEMBER_CUSTOM, .decode = decode_have},
        {"tags", MEMBER_CUSTOM, .decode = decode_tags},
    };
    object_decode(reader, where, value, members, COUNT_OF(members), target);
    check_python(reader, where, target);
}
