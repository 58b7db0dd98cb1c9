// SPDX-License-Identifier: MIT
// A question meets the requirements of every release, and most name nothing that matters to it. Hashes are made
// when a package is loaded, so that such a requirement costs one comparison; the text decides where hashes agree.
#include "registryd/candidates/requirement_name.h"

#include "schema/base/text.h"

#include <string.h>

// In "numpy>=1.26" the name ends before ">".
static bool ends_name(char c) {
    return !is_alnum(c) && c != '-' && c != '_' && c != '.';
}

// PEP 503: lower case, and each run of "-", "_" and "." becomes one hyphen.
bool requirement_read_name(const char *requirement, char ret_name[LIMIT_NAME_BYTES + 1]) {
    size_t len = 0;
    struct text text = text_trim(text_from(requirement));
    for (size_t i = 0; i < text.len && !ends_name(text.ptr[i]); i++) {
        char c = is_alnum(text.ptr[i]) ? to_lower(text.ptr[i]) : '-';
        if (len == LIMIT_NAME_BYTES) {
            return false;
        }
        if (c != '-' || !len || ret_name[len - 1] != '-') {
            ret_name[len++] = c;
        }
    }
    ret_name[len] = '\0';
    return true;
}

// Cold, so that it is not inlined: its buffer would cost every comparison a guard of the stack.
__attribute__((cold)) static bool is_spelling_of(const char *requirement, const char *name) {
    char own[LIMIT_NAME_BYTES + 1];
    return requirement_read_name(requirement, own) && strcmp(own, name) == 0;
}

// Most requirements spell the name in its normal form, and go on with nothing or an operator.
bool requirement_asks_for(const char *requirement, const char *name) {
    const char *c = requirement;
    const char *at = name;
    while (*at && *c == *at) {
        c++;
        at++;
    }
    if (!*at && at != name && (!*c || *c == '>' || *c == '=' || ends_name(*c))) {
        return true;
    }
    return is_spelling_of(requirement, name);
}

// FNV-1a, folded.
uint32_t requirement_hash(const char *text) {
    uint64_t hash = 14695981039346656037U;
    for (const char *c = text; *c; c++) {
        hash = (hash ^ (unsigned char)*c) * 1099511628211U;
    }
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded ? folded : 1;
}

uint32_t requirement_hash_name(const char *requirement) {
    char name[LIMIT_NAME_BYTES + 1];
    return requirement_read_name(requirement, name) ? requirement_hash(name) : 0;
}
