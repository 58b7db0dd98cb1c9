// SPDX-License-Identifier: MIT
// The table of well-known labels, and the split of "label, url".
#include "schema/packaging/metadata/labelled_url.h"

#include "schema/base/quote.h"
#include "schema/base/list.h"
#include "schema/base/text.h"

#include <string.h>

// Normalised labels, the kind itself first.
static const struct {
    const char *kind;
    const char *labels[6];
} known[] = {
    {"homepage", {"homepage"}},
    {"source", {"source", "repository", "sourcecode", "github"}},
    {"download", {"download"}},
    {"changelog", {"changelog", "changes", "whatsnew", "history"}},
    {"releasenotes", {"releasenotes"}},
    {"documentation", {"documentation", "docs"}},
    {"issues", {"issues", "bugs", "issue", "tracker", "issuetracker", "bugtracker"}},
    {"funding", {"funding", "sponsor", "donate", "donation"}},
};

// Whether `label` is `normalized` once ASCII punctuation, white space and case are gone.
static bool equals_normalized(struct text label, const char *normalized) {
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (is_space(c) || (c > ' ' && c < 0x7f && !is_alnum(c))) {
            continue;
        }
        if (to_lower(c) != *normalized) {
            return false;
        }
        normalized++;
    }
    return *normalized == '\0';
}

const char *labelled_url_kind(struct text label) {
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        for (size_t j = 0; j < 6 && known[i].labels[j]; j++) {
            if (equals_normalized(label, known[i].labels[j])) {
                return known[i].kind;
            }
        }
    }
    return NULL;
}

enum status labelled_url_parse(struct arena *arena, struct text text, struct labelled_url *ret_url,
                               struct error *err) {
    struct text rest = text;
    struct text label = {0};
    text_split(&rest, ',', &label);
    label = text_trim(label);
    rest = text_trim(rest);
    if (label.len == 0 || rest.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "%s is not 'label, URL'", quote_text(text).text);
    }
    if (count_characters(label) > LABELLED_URL_CHARACTERS) {
        return fail(err, STATUS_INVALID, NULL,
                    "the label %s is longer than the %d characters that are allowed",
                    quote_text(label).text, LABELLED_URL_CHARACTERS);
    }
    struct labelled_url url = {arena_copy(arena, label.ptr, label.len),
                               arena_copy(arena, rest.ptr, rest.len), labelled_url_kind(label)};
    if (!url.label || !url.url) {
        return fail_no_memory(err);
    }
    *ret_url = url;
    return STATUS_OK;
}
