// SPDX-License-Identifier: MIT
// PEP 503 names: one character test, one pass to the normal form. The normal form ("Foo__Bar.x" ->
// "foo-bar-x") is the key of a package everywhere: in the database, in addresses and in the index, so two
// spellings never become two packages. Extras are normalised by the same rule (PEP 685).
#include "schema/packaging/name.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"

static bool is_separator(char c) {
    return c == '-' || c == '_' || c == '.';
}

// A regular expression in the standard: ^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$ without regard to case.
bool name_is_valid(struct text name) {
    if (name.len == 0 || name.len > LIMIT_NAME_BYTES) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_alnum(name.ptr[i]) && !is_separator(name.ptr[i])) {
            return false;
        }
    }
    return is_alnum(name.ptr[0]) && is_alnum(name.ptr[name.len - 1]);
}

static enum status refuse(struct text name, struct error *err) {
    if (name.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "a name is empty");
    }
    if (name.len > LIMIT_NAME_BYTES) {
        return fail(err, STATUS_INVALID, NULL,
                    "the name %s is %zu bytes long, at most %d are allowed", quote_text(name).text,
                    name.len, LIMIT_NAME_BYTES);
    }
    return fail(
        err, STATUS_INVALID, NULL,
        "%s is not a valid name: ASCII letters, digits, '.', '-' and '_' are allowed, and it "
        "must begin and end with a letter or digit",
        quote_text(name).text);
}

// PEP 503: "Zope.Interface" and "zope--interface" are both "zope-interface".
enum status name_normalize(struct arena *arena, struct text name, const char **ret_normalized,
                           struct error *err) {
    if (!name_is_valid(name)) {
        return refuse(name, err);
    }
    char *normalized = arena_copy(arena, name.ptr, name.len);
    if (!normalized) {
        return fail_no_memory(err);
    }
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_separator(c)) {
            normalized[len++] = to_lower(c);
        } else if (normalized[len - 1] != '-') { // a valid name does not begin with a separator
            normalized[len++] = '-';
        }
    }
    normalized[len] = '\0';
    *ret_normalized = normalized;
    return STATUS_OK;
}
