// SPDX-License-Identifier: MIT
// The table of well-known labels, the split of "label, url", and the two rules: what a label is and what a
// link is. A URL becomes an `href` on a page, so only http and https pass, and nothing that could end the
// attribute; `javascript:` is not a link. "What's New?" and "whatsnew" are one label to readers.
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

// The well-known labels of the specification are compared in normal form: "Home-page" and
// "homepage" are one.
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

enum status url_label_check(struct text label, struct error *err) {
    if (!label.len || count_characters(label) > LABELLED_URL_CHARACTERS) {
        return fail(err, STATUS_INVALID, NULL,
                    "the label %s of a URL does not have 1 to %d characters",
                    quote_text(label).text, LABELLED_URL_CHARACTERS);
    }
    return STATUS_OK;
}

enum status web_url_check(struct text url, struct error *err) {
    size_t scheme = url.len > 7 && strncasecmp(url.ptr, "http://", 7) == 0    ? 7
                    : url.len > 8 && strncasecmp(url.ptr, "https://", 8) == 0 ? 8
                                                                              : 0;
    if (!scheme || strchr("/?#:", url.ptr[scheme])) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not an address that begins with https:// or http:// and a host",
                    quote_text(url).text);
    }
    for (size_t i = 0; i < url.len; i++) {
        if (is_space(url.ptr[i]) || strchr("<>\"", url.ptr[i])) {
            return fail(err, STATUS_INVALID, NULL,
                        "%s is not an address: it must not contain white space, '<', '>' or '\"'",
                        quote_text(url).text);
        }
    }
    return STATUS_OK;
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
    struct labelled_url url = {arena_copy(arena, label.ptr, label.len),
                               arena_copy(arena, rest.ptr, rest.len), labelled_url_kind(label)};
    if (!url.label || !url.url) {
        return fail_no_memory(err);
    }
    *ret_url = url;
    return STATUS_OK;
}
