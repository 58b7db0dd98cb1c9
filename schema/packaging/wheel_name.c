// SPDX-License-Identifier: MIT
// Splits artifact file names at their dashes. A wheel's three tags are counted from the right; what
// stands before them is name, version and perhaps a build tag. A source distribution has one dash that
// counts, the last; a version with a dash of its own ("1.0.2-2") is told how to be written, because its
// first half would become a part of the name.
//
//     crm_mail-1.0-1-py3-none-manylinux_2_17_x86_64.whl
//     name     ver  build py abi platform (dots join several: py2.py3)
//     crm_mail-1.0.tar.gz
#include "schema/packaging/wheel_name.h"

#include "schema/base/limits.h"
#include "schema/packaging/name.h"
#include "schema/base/quote.h"

#include <string.h>

enum { WHEEL_MAX_PARTS = 6 }; // name, version, build, python, abi, platform

static enum status refuse(struct text file_name, const char *fault, struct error *err) {
    return fail(err, STATUS_INVALID, NULL, "%s is not the file name of an artifact: %s",
                quote_text(file_name).text, fault);
}

static bool has_suffix(struct text text, const char *suffix) {
    size_t len = strlen(suffix);
    return text.len >= len && memcmp(text.ptr + text.len - len, suffix, len) == 0;
}

static bool is_printable(struct text text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '/') {
            return false;
        }
    }
    return true;
}

static enum status check_file_name(struct text file_name, struct error *err) {
    if (file_name.len > LIMIT_FILE_NAME_BYTES) {
        return fail(err, STATUS_TOO_LARGE, NULL,
                    "the file name %s is %zu bytes long, at most %d are allowed",
                    quote_text(file_name).text, file_name.len, LIMIT_FILE_NAME_BYTES);
    }
    if (!is_printable(file_name)) {
        return refuse(file_name, "only printable ASCII without blanks and '/' is allowed", err);
    }
    return STATUS_OK;
}

static bool is_tag(struct text tag) {
    for (size_t i = 0; i < tag.len; i++) {
        if (!is_alnum(tag.ptr[i]) && tag.ptr[i] != '_') {
            return false;
        }
    }
    return tag.len > 0;
}

static size_t count_dots(struct text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '.';
    }
    return count;
}

// "py2.py3" is two tags. Lower case, because tags are compared as they come from an environment.
static enum status parse_tags(struct arena *arena, struct text file_name, struct text part,
                              struct wheel_tags *ret_tags, struct error *err) {
    const char **items = arena_array(arena, count_dots(part) + 1, sizeof *items);
    if (!items) {
        return fail_no_memory(err);
    }
    size_t count = 0;
    struct text tag;
    while (text_split(&part, '.', &tag)) {
        if (!is_tag(tag)) {
            return refuse(file_name, "a tag holds only ASCII letters, digits and '_'", err);
        }
        char *copy = arena_copy(arena, tag.ptr, tag.len);
        if (!copy) {
            return fail_no_memory(err);
        }
        for (size_t i = 0; i < tag.len; i++) {
            copy[i] = to_lower(copy[i]);
        }
        items[count++] = copy;
    }
    *ret_tags = (struct wheel_tags){items, count};
    return STATUS_OK;
}

// "1", "1_ubuntu", "20240101.2": the leading number sorts builds of one version.
static bool is_build(struct text build) {
    for (size_t i = 0; i < build.len; i++) {
        if (!is_alnum(build.ptr[i]) && build.ptr[i] != '_' && build.ptr[i] != '.') {
            return false;
        }
    }
    return build.len > 0 && is_digit(build.ptr[0]);
}

static enum status parse_name_and_version(struct arena *arena, struct text name,
                                          struct text version_text, const char **ret_name,
                                          const struct version **ret_version, struct error *err) {
    enum status status = name_normalize(arena, name, ret_name, err);
    if (status) {
        return status;
    }
    return version_parse(arena, version_text, ret_version, err);
}

// A wheel spells '-' and '.' in its name as '_'; "__" would not say which name it was.
static enum status parse_wheel_name(struct arena *arena, struct text file_name,
                                    const struct text *parts, struct wheel_name *out,
                                    struct error *err) {
    for (size_t i = 0; i + 1 < parts[0].len; i++) {
        if (parts[0].ptr[i] == '_' && parts[0].ptr[i + 1] == '_') {
            return refuse(file_name, "the name of a wheel must not contain '__'", err);
        }
    }
    return parse_name_and_version(arena, parts[0], parts[1], &out->normalized_name, &out->version,
                                  err);
}

// 0 when there are more dashes than a wheel can have.
static size_t split_parts(struct text stem, struct text *parts) {
    size_t count = 0;
    struct text part;
    while (text_split(&stem, '-', &part)) {
        if (count == WHEEL_MAX_PARTS) {
            return 0;
        }
        parts[count++] = part;
    }
    return count;
}

// "py3", "cp313.cp314": where a build tag would begin with a digit, this one is a Python's.
static bool is_python_tag(struct text part) {
    return is_alpha(part.ptr[0]) && is_digit(part.ptr[part.len - 1]);
}

// Five parts or six. The version of a wheel spells '-' as '_' too, which version_parse takes as well.
static enum status parse_wheel_parts(struct arena *arena, struct text file_name,
                                     struct wheel_name *out, struct error *err) {
    struct text parts[WHEEL_MAX_PARTS];
    struct text stem = {file_name.ptr, file_name.len - 4};
    size_t count = split_parts(stem, parts);
    if (count == WHEEL_MAX_PARTS && parts[2].len && is_python_tag(parts[2])) {
        return refuse(file_name,
                      "wheel variants, which have a part behind the platform, are not supported",
                      err);
    }
    if (count < 5) {
        return refuse(file_name, "a wheel is named NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl",
                      err);
    }
    enum status status = parse_wheel_name(arena, file_name, parts, out, err);
    if (status) {
        return status;
    }
    struct text build = {"", 0};
    if (count == WHEEL_MAX_PARTS) {
        build = parts[2];
        if (!is_build(build)) {
            return refuse(file_name, "a build tag begins with a digit", err);
        }
    }
    out->build = arena_copy(arena, build.ptr, build.len);
    if (!out->build) {
        return fail_no_memory(err);
    }
    const struct text *tags = parts + count - 3;
    struct wheel_tags *const targets[] = {&out->pythons, &out->abis, &out->platforms};
    for (size_t i = 0; i < 3 && !status; i++) {
        status = parse_tags(arena, file_name, tags[i], targets[i], err);
    }
    return status;
}

// "crm-1.2-1-py3-none-any.whl"; the build tag ("1") may be left out.
enum status wheel_name_parse(struct arena *arena, struct text file_name,
                             const struct wheel_name **ret_name, struct error *err) {
    enum status status = check_file_name(file_name, err);
    if (status) {
        return status;
    }
    if (!has_suffix(file_name, ".whl")) {
        return refuse(file_name, "a wheel ends in '.whl'", err);
    }
    struct wheel_name *name = arena_alloc(arena, sizeof *name);
    if (!name) {
        return fail_no_memory(err);
    }
    status = parse_wheel_parts(arena, file_name, name, err);
    if (status) {
        return status;
    }
    *ret_name = name;
    return STATUS_OK;
}

// "crm-1.0.2-2": what stands behind the dash before the last one is a version with the last part, as only
// a version with a dot in it can be meant. Its normal form has no '-', and says what to write.
static enum status check_single_dash(struct arena *arena, struct text file_name, struct text stem,
                                     size_t dash, struct error *err) {
    size_t before = dash - 1;
    while (before > 0 && stem.ptr[before - 1] != '-') {
        before--;
    }
    struct text whole = {stem.ptr + before, stem.len - before};
    struct text front = {stem.ptr + before, dash - 1 - before};
    const struct version *version;
    if (!before || !memchr(front.ptr, '.', front.len) ||
        version_parse(arena, front, &version, NULL) ||
        version_parse(arena, whole, &version, NULL)) {
        return STATUS_OK;
    }
    return fail(
        err, STATUS_INVALID, NULL,
        "%s is not the file name of an artifact: the version '%.*s' has a '-', which ends the "
        "name; write it as %s",
        quote_text(file_name).text, (int)whole.len, whole.ptr, version_string(version));
}

// Names of sdists were never bound to one spelling: "crm-mail-1.0.tar.gz" is crm-mail, 1.0.
enum status sdist_name_parse(struct arena *arena, struct text file_name,
                             const struct sdist_name **ret_name, struct error *err) {
    enum status status = check_file_name(file_name, err);
    if (status) {
        return status;
    }
    struct text stem = file_name;
    if (has_suffix(file_name, ".tar.gz")) {
        stem.len -= strlen(".tar.gz");
    } else if (has_suffix(file_name, ".zip")) {
        stem.len -= strlen(".zip");
    } else {
        return refuse(file_name, "a source distribution ends in '.tar.gz' or '.zip'", err);
    }
    size_t dash = stem.len;
    while (dash > 0 && stem.ptr[dash - 1] != '-') {
        dash--;
    }
    if (dash == 0) {
        return refuse(file_name, "a source distribution is named NAME-VERSION.tar.gz", err);
    }
    status = check_single_dash(arena, file_name, stem, dash, err);
    if (status) {
        return status;
    }
    struct sdist_name *name = arena_alloc(arena, sizeof *name);
    if (!name) {
        return fail_no_memory(err);
    }
    struct text version = {stem.ptr + dash, stem.len - dash};
    stem.len = dash - 1;
    status =
        parse_name_and_version(arena, stem, version, &name->normalized_name, &name->version, err);
    if (status) {
        return status;
    }
    *ret_name = name;
    return STATUS_OK;
}
