// SPDX-License-Identifier: MIT
// PEP 440 text to a version. One pass, left to right, over a lower-case copy in the arena; the
// numbers are views into that copy. Greedy reading is enough: no later part can begin inside an
// earlier one.
//
//     [N "!"] N ("." N)* [("a" | "b" | "rc") N] [".post" N] [".dev" N] ["+" local]     the normal form
//     "v1.0-ALPHA_2" -> 1.0a2      "1.0-1" -> 1.0.post1      "1.0+Ubuntu-1" -> 1.0+ubuntu.1
#include "schema/packaging/version/version_parts.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/base/list.h"

#include <string.h>

// Moves over the lower-case copy; never backwards, except over the one dot that ends a release.
struct version_cursor {
    const char *at; // what is read next
    const char *end;
    const char *last_part; // for the message: what was read last
};

struct spelling {
    const char *word;   // lower case
    enum pre_rank rank; // of a pre-release
};

// Longer words stand before their own beginnings.
static const struct spelling pre_spellings[] = {
    {"alpha", PRE_ALPHA}, {"a", PRE_ALPHA}, {"beta", PRE_BETA},  {"b", PRE_BETA},
    {"rc", PRE_RC},       {"c", PRE_RC},    {"preview", PRE_RC}, {"pre", PRE_RC},
};
static const struct spelling post_spellings[] = {
    {"post", PRE_NONE},
    {"rev", PRE_NONE},
    {"r", PRE_NONE},
};
static const struct spelling dev_spellings[] = {
    {"dev", PRE_NONE},
};

static const struct text zero = {"0", 1};

static size_t left(const struct version_cursor *c) {
    return (size_t)(c->end - c->at);
}

static bool next_is(const struct version_cursor *c, char wanted) {
    return c->at < c->end && *c->at == wanted;
}

static bool at_separator(const struct version_cursor *c) {
    return next_is(c, '-') || next_is(c, '_') || next_is(c, '.');
}

// Digits at the cursor, without leading zeros; false when there are none.
// Numbers stay text: the standard sets no limit to their digits.
static bool read_number(struct version_cursor *c, struct text *ret_number) {
    const char *start = c->at;
    while (c->at < c->end && is_digit(*c->at)) {
        c->at++;
    }
    if (c->at == start) {
        return false;
    }
    while (start < c->at - 1 && *start == '0') {
        start++;
    }
    *ret_number = (struct text){start, (size_t)(c->at - start)};
    return true;
}

// "[-_.]? word [-_.]? N?" for the first word that fits; moves the cursor only on success.
static const struct spelling *read_labelled(struct version_cursor *c,
                                            const struct spelling *spellings, size_t count,
                                            struct text *ret_number) {
    struct version_cursor ahead = *c;
    ahead.at += at_separator(&ahead);
    if (ahead.at == ahead.end) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (*ahead.at != *spellings[i].word) { // nearly always
            continue;
        }
        size_t len = strlen(spellings[i].word);
        if (len > left(&ahead) || memcmp(ahead.at, spellings[i].word, len) != 0) {
            continue;
        }
        ahead.at += len;
        ahead.at += at_separator(&ahead);
        if (!read_number(&ahead, ret_number)) {
            *ret_number = zero;
        }
        c->at = ahead.at;
        return &spellings[i];
    }
    return NULL;
}

// "1.0.post1": the dot after the 0 was taken, found to lead to no number, and is given back.
// `release_stripped` counts up to the last number that is not zero: 1.0 and 1.0.0 are equal.
static void parse_release(struct version_cursor *c, struct version *version) {
    version->release = version->parts;
    bool more = true;
    while (more) {
        struct text *number = &version->release[version->release_count];
        if (!read_number(c, number)) {
            c->at -= version->release_count > 0; // the dot belongs to what follows
            break;
        }
        version->release_count++;
        c->last_part = "the release number";
        if (number->len > 1 || *number->ptr != '0') {
            version->release_stripped = version->release_count;
        }
        more = next_is(c, '.');
        c->at += more;
    }
}

// In this order only: 1.0.dev1a2 is no version. A version with nothing but .dev sorts before all
// pre-releases (PRE_DEV_ONLY): 1.0.dev1 < 1.0a1 < 1.0.
static void parse_suffixes(struct version_cursor *c, struct version *version) {
    version->pre_rank = PRE_NONE;
    if (c->at == c->end) {
        return;
    }
    const size_t pre_count = COUNT_OF(pre_spellings);
    const size_t post_count = COUNT_OF(post_spellings);
    const struct spelling *pre = read_labelled(c, pre_spellings, pre_count, &version->pre);
    if (pre) {
        c->last_part = "the pre-release";
    }
    if (next_is(c, '-') && left(c) > 1 && is_digit(c->at[1])) { // "1.0-1": implicit post-release
        c->at++;
        read_number(c, &version->post);
        c->last_part = "the post-release";
    } else if (read_labelled(c, post_spellings, post_count, &version->post)) {
        c->last_part = "the post-release";
    }
    if (read_labelled(c, dev_spellings, 1, &version->dev)) {
        c->last_part = "the development release";
    }
    bool dev_only = !pre && !version->post.ptr && version->dev.ptr;
    version->pre_rank = pre ? pre->rank : dev_only ? PRE_DEV_ONLY : PRE_NONE;
}

// A local segment: digits only are a number and lose their leading zeros.
static bool read_local_segment(struct version_cursor *c, struct text *ret_segment) {
    struct version_cursor digits = *c;
    bool number = read_number(&digits, ret_segment);
    if (number && (digits.at == digits.end || !is_alnum(*digits.at))) {
        c->at = digits.at;
        return true;
    }
    const char *start = c->at;
    while (c->at < c->end && is_alnum(*c->at)) {
        c->at++;
    }
    *ret_segment = (struct text){start, (size_t)(c->at - start)};
    return c->at > start;
}

// "+ubuntu.1": the segments are kept apart, because numbers and words compare differently.
static void parse_local(struct version_cursor *c, struct version *version) {
    if (!next_is(c, '+')) {
        return;
    }
    version->local = version->parts + version->release_count;
    do {
        const char *separator = c->at++;
        if (!read_local_segment(c, &version->local[version->local_count])) {
            c->at = separator;
            return; // the caller refuses what is left
        }
        version->local_count++;
        c->last_part = "the local part";
    } while (at_separator(c));
}

static char *add(char *out, const char *label, struct text number) {
    while (*label) {
        *out++ = *label++;
    }
    memcpy(out, number.ptr, number.len);
    return out + number.len;
}

// The normal form. A spelled-out label is at most five bytes longer than what was written for it.
// `text` is what was parsed; most often it is the normal form already.
static enum status make_string(struct arena *arena, const char *text, struct version *version,
                               struct error *err) {
    static const char *const pre_labels[] = {[PRE_ALPHA] = "a", [PRE_BETA] = "b", [PRE_RC] = "rc"};
    char string[LIMIT_VERSION_BYTES + 32];
    char *out = string;
    if (version->epoch.len > 1 || *version->epoch.ptr != '0') {
        out = add(out, "", version->epoch);
        *out++ = '!';
    }
    for (size_t i = 0; i < version->release_count; i++) {
        out = add(out, i ? "." : "", version->release[i]);
    }
    if (version->pre_rank != PRE_DEV_ONLY && version->pre_rank != PRE_NONE) {
        out = add(out, pre_labels[version->pre_rank], version->pre);
    }
    if (version->post.ptr) {
        out = add(out, ".post", version->post);
    }
    if (version->dev.ptr) {
        out = add(out, ".dev", version->dev);
    }
    for (size_t i = 0; i < version->local_count; i++) {
        out = add(out, i ? "." : "+", version->local[i]);
    }
    if (out - string > LIMIT_VERSION_BYTES) { // or it could not be read back
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "a version is over %d bytes in its normal form (%.40s\xe2\x80\xa6)",
                    LIMIT_VERSION_BYTES, string);
    }
    size_t len = (size_t)(out - string);
    bool same = strlen(text) == len && memcmp(text, string, len) == 0;
    version->string = same ? text : arena_copy(arena, string, len);
    return version->string ? STATUS_OK : fail_no_memory(err);
}

// Says what was read last, which shows the author where it went wrong: in "1.0-beta-x" the "x" cannot follow
// the pre-release.
static enum status refuse(struct text text, const struct version_cursor *c, struct error *err) {
    struct text rest = {c->at, left(c)};
    if (!c->last_part) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not a version (PEP 440): it must begin with a number",
                    quote_text(text).text);
    }
    if (rest.len == 0) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not a version (PEP 440): a number must follow %s", quote_text(text).text,
                    c->last_part);
    }
    return fail(err, STATUS_INVALID, NULL, "%s is not a version (PEP 440): %s cannot follow %s",
                quote_text(text).text, quote_text(rest).text, c->last_part);
}

// An epoch looks like the first release number until its '!' shows, hence the second try.
static enum status parse_parts(struct text text, struct version_cursor *c, struct version *version,
                               struct error *err) {
    c->at += next_is(c, 'v');
    struct version_cursor start = *c;
    if (!read_number(c, &version->epoch)) {
        return refuse(text, c, err);
    }
    if (next_is(c, '!')) {
        c->at++;
        c->last_part = "the epoch";
    } else {
        version->epoch = zero;
        *c = start;
    }
    parse_release(c, version);
    if (version->release_count > 0) {
        parse_suffixes(c, version);
        parse_local(c, version);
    }
    bool whole = version->release_count > 0 && c->at == c->end;
    return whole ? STATUS_OK : refuse(text, c, err);
}

// Room for a version of this text, its parts and a lower-case copy of the text, which is what
// *ret_copy is; in one piece, because versions are made by the thousand.
static struct version *new_version(struct arena *arena, struct text text, char **ret_copy) {
    size_t parts = 1;
    for (size_t i = 0; i < text.len; i++) {
        parts += !is_alnum(text.ptr[i]); // at least one byte stands between two parts
    }
    const size_t size = sizeof(struct version) + parts * sizeof(struct text);
    struct version *version = arena_alloc(arena, size + text.len + 1);
    if (!version) {
        return NULL;
    }
    char *copy = (char *)version + size;
    for (size_t i = 0; i < text.len; i++) {
        copy[i] = to_lower(text.ptr[i]);
    }
    *ret_copy = copy;
    return version;
}

// Versions are keys of the database, so their length has a bound.
static enum status check_length(struct text text, struct error *err) {
    if (text.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "a version is empty");
    }
    if (text.len > LIMIT_VERSION_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "the version %s is %zu bytes long, at most %d are allowed",
                    quote_text(text).text, text.len, LIMIT_VERSION_BYTES);
    }
    return STATUS_OK;
}

enum status version_parse(struct arena *arena, struct text text, const struct version **ret_version,
                          struct error *err) {
    text = text_trim(text);
    enum status status = check_length(text, err);
    if (status) {
        return status;
    }
    char *copy = NULL;
    struct version *version = new_version(arena, text, &copy);
    if (!version) {
        return fail_no_memory(err);
    }
    struct version_cursor c = {.at = copy, .end = copy + text.len};
    status = parse_parts(text, &c, version, err);
    if (status) {
        return status;
    }
    status = make_string(arena, copy, version, err);
    if (status) {
        return status;
    }
    *ret_version = version;
    return STATUS_OK;
}

// 3.13.0rc1 -> 3.13.0, 1!2.0+local -> 1!2.0.
enum status version_release_only(struct arena *arena, const struct version *version,
                                 const struct version **ret_release, struct error *err) {
    size_t len = strspn(version->string, "0123456789!.");
    char last = version->string[len];
    len -= last && version->string[len - 1] == '.'; // of ".post1" and ".dev1"
    const char *text = arena_copy(arena, version->string, len);
    return text ? version_parse(arena, text_from(text), ret_release, err) : fail_no_memory(err);
}
