// SPDX-License-Identifier: MIT
// The variables of the standard, and what is known of an environment. Values are parsed as versions once,
// when they are stated, so that evaluation allocates nothing. What cannot be read is refused here and not
// there: `python_full_version` "3.x" would make every comparison false, and a requirement that does not
// apply would not be seen by anyone.
//
//     python_version is "3.13", python_full_version "3.13.0rc1" for a release candidate.
#include "schema/packaging/requirement/marker_parts.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"
#include "schema/packaging/version/version_parts.h"

#include <string.h>

// The old names are from before PEP 508; sdists of that time still carry them.
struct variable_row {
    const char *name;       // as the standard spells it
    const char *old_name;   // accepted, never written
    bool is_version;        // compared as a version where it is one
    bool is_always_version; // a value that is no version is refused
};

// `is_version`: compared as a version when both sides are versions. A kernel is not always one:
// platform_release is "5.15.0-76-generic" on Debian, and then it is compared as text.
static const struct variable_row variables[MARKER_VARIABLE_COUNT] = {
    [MARKER_OS_NAME] = {"os_name", "os.name", false},
    [MARKER_SYS_PLATFORM] = {"sys_platform", "sys.platform", false},
    [MARKER_PLATFORM_MACHINE] = {"platform_machine", "platform.machine", false},
    [MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = {"platform_python_implementation",
                                               "platform.python_implementation", false},
    [MARKER_PLATFORM_RELEASE] = {"platform_release", NULL, true},
    [MARKER_PLATFORM_SYSTEM] = {"platform_system", NULL, false},
    [MARKER_PLATFORM_VERSION] = {"platform_version", "platform.version", true},
    [MARKER_PYTHON_VERSION] = {"python_version", NULL, true, true},
    [MARKER_PYTHON_FULL_VERSION] = {"python_full_version", NULL, true, true},
    [MARKER_IMPLEMENTATION_NAME] = {"implementation_name", NULL, false},
    [MARKER_IMPLEMENTATION_VERSION] = {"implementation_version", NULL, true, true},
    [MARKER_EXTRA] = {"extra", NULL, false},
};

const char *marker_variable_name(enum marker_variable variable) {
    return variables[variable].name;
}

bool marker_variable_is_version(enum marker_variable variable) {
    return variables[variable].is_version;
}

// The old names, such as "os.name" and "python_implementation", are those of PEP 345 and setuptools.
bool marker_variable_find(struct text name, enum marker_variable *ret_variable) {
    if (text_equals(name, "python_implementation")) {
        *ret_variable = MARKER_PLATFORM_PYTHON_IMPLEMENTATION;
        return true;
    }
    for (size_t i = 0; i < MARKER_VARIABLE_COUNT; i++) {
        const char *old_name = variables[i].old_name;
        if (text_equals(name, variables[i].name) || (old_name && text_equals(name, old_name))) {
            *ret_variable = (enum marker_variable)i;
            return true;
        }
    }
    return false;
}

void marker_environment_init(struct marker_environment *environment, struct arena *arena) {
    *environment = (struct marker_environment){.arena = arena};
}

// The set is copied with each extra: there are few, and callers may still hold the old one.
static enum status add_extra(struct marker_environment *environment, struct text name,
                             struct error *err) {
    const char *normalized;
    enum status status = name_normalize(environment->arena, name, &normalized, err);
    if (status) {
        return status;
    }
    size_t count = environment->extra_count;
    const char **extras = arena_array(environment->arena, count + 1, sizeof *extras);
    if (!extras) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        extras[i] = environment->extras[i];
    }
    extras[count] = normalized;
    environment->extras = extras;
    environment->extra_count = count + 1;
    return STATUS_OK;
}

static bool is_plain(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text.ptr, text.len);
}

enum status marker_environment_set(struct marker_environment *environment,
                                   enum marker_variable variable, struct text value,
                                   struct error *err) {
    const char *name = variables[variable].name;
    if (variable == MARKER_EXTRA) {
        return add_extra(environment, value, err);
    }
    if (value.len > LIMIT_SHORT_TEXT_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL, "the value of %s is over %d bytes", name,
                    LIMIT_SHORT_TEXT_BYTES);
    }
    if (!is_plain(value)) {
        return fail(err, STATUS_INVALID, NULL,
                    "the value of %s, %s, is not UTF-8 text without control characters", name,
                    quote_text(value).text);
    }
    const char *copy = arena_copy(environment->arena, value.ptr, value.len);
    if (!copy) {
        return fail_no_memory(err);
    }
    const struct version *version = NULL;
    enum status status = STATUS_OK;
    if (variables[variable].is_always_version) {
        status = python_version_parse(environment->arena, value, &version, NULL);
    } else if (variables[variable].is_version) {
        status = version_parse(environment->arena, value, &version, NULL);
    }
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status && variables[variable].is_always_version) {
        return fail(err, STATUS_INVALID, NULL,
                    "the value of %s, %s, is not a version, such as 3.13.1", name,
                    quote_text(value).text);
    }
    environment->values[variable] = copy;
    environment->versions[variable] = version;
    return STATUS_OK;
}

// A Python built from a checkout calls itself "3.13.0+"; an empty local part is no version by PEP 440.
enum status python_version_parse(struct arena *arena, struct text text,
                                 const struct version **ret_version, struct error *err) {
    text = text_trim(text);
    bool is_untagged =
        text.len > 1 && text.len < LIMIT_VERSION_BYTES && text.ptr[text.len - 1] == '+';
    if (!is_untagged) {
        return version_parse(arena, text, ret_version, err);
    }
    const char *completed = arena_printf(arena, "%.*slocal", (int)text.len, text.ptr);
    return completed ? version_parse(arena, text_from(completed), ret_version, err)
                     : fail_no_memory(err);
}

// "3.12" says nothing about python_full_version, so that stays unknown; "3.12.1" sets both.
enum status marker_environment_set_python(struct marker_environment *environment, struct text text,
                                          struct error *err) {
    const struct version *version;
    enum status status = python_version_parse(environment->arena, text, &version, err);
    if (status) {
        return status;
    }
    struct text major = version->release[0];
    struct text minor = version_release_at(version, 1);
    char *both = arena_printf(environment->arena, "%.*s.%.*s", (int)major.len, major.ptr,
                              (int)minor.len, minor.ptr);
    if (!both) {
        return fail_no_memory(err);
    }
    bool full = version->release_count > 2 || version_is_prerelease(version);
    if (full) {
        status =
            marker_environment_set(environment, MARKER_PYTHON_FULL_VERSION, text_trim(text), err);
    }
    if (status) {
        return status;
    }
    return marker_environment_set(environment, MARKER_PYTHON_VERSION, text_from(both), err);
}
