// SPDX-License-Identifier: MIT
// The fields of a file checked against the specification and parsed: what is wrong becomes a lint with its
// line, what is right is kept. A value that documents have too is checked by the function of its field
// (docs/FIELDS.md) and its lint has the code of the document's finding, so that a wheel and a document with
// one fault get one verdict. Only running out of memory ends the work.
#include "schema/packaging/metadata/core_metadata_parts.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/quote.h"
#include "schema/packaging/entry_point.h"
#include "schema/packaging/metadata/content_type.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/metadata/mailbox.h"
#include "schema/packaging/name.h"
#include "schema/packaging/python_text.h"

#include <string.h>

// ---- single values ----

static enum status invalid(struct text value, struct error *err, const char *wanted) {
    return fail(err, STATUS_INVALID, NULL, "%s is not %s", quote_text(value).text, wanted);
}

// Dynamic: Requires-Dist     this field of the sdist may differ in a wheel that is built from it (PEP 643)
static enum status check_dynamic(struct text value, struct error *err) {
    enum core_metadata_field field;
    if (!core_metadata_field_find(value, &field)) {
        return invalid(value, err, "a field of core metadata");
    }
    if (field == METADATA_METADATA_VERSION || field == METADATA_NAME || field == METADATA_VERSION) {
        return fail(err, STATUS_INVALID, NULL, "%s can never be dynamic", quote_text(value).text);
    }
    return STATUS_OK;
}

// One line as Python sees lines: a form feed ends one too.
static enum status check_summary(struct text value, struct error *err) {
    struct text rest = value;
    struct text line;
    bool unusual;
    bool one_line = !python_text_split_line(&rest, &line, &unusual) || line.len == value.len;
    return one_line ? STATUS_OK : invalid(value, err, "one line");
}

// PEP 639: a path below the metadata directory, which installers copy; globs are for pyproject.toml only.
static enum status check_license_file(struct text value, struct error *err) {
    struct text rest = value;
    struct text part;
    bool good = value.len > 0 && value.ptr[0] != '/' && !memchr(value.ptr, '\\', value.len) &&
                !memchr(value.ptr, '*', value.len);
    good = good && !(value.len > 1 && is_alpha(value.ptr[0]) && value.ptr[1] == ':');
    while (good && text_split(&rest, '/', &part)) {
        good = !text_equals(part, "..");
    }
    return good ? STATUS_OK
                : invalid(value, err, "a relative path with '/', without '..', '*' and '\\'");
}

// "a.b" or "a.b; private".
static enum status check_dotted_name(struct text value, struct error *err) {
    static const char wanted[] = "an importable dotted name, optionally with '; private'";
    struct text rest = value;
    struct text name = {0};
    text_split(&rest, ';', &name);
    name = text_trim(name);
    if (rest.ptr && !text_equals(text_trim(rest), "private")) {
        return invalid(value, err, wanted);
    }
    struct object_reference reference;
    bool is_module = object_reference_parse(name, &reference, NULL) == STATUS_OK &&
                     reference.module.len == name.len;
    return is_module ? STATUS_OK : invalid(value, err, wanted);
}

// One empty Import-Name says that nothing can be imported.
static enum status check_import_name(struct text value, struct error *err) {
    return value.len == 0 ? STATUS_OK : check_dotted_name(value, err);
}

static enum status (*const rules[METADATA_FIELD_COUNT])(struct text value, struct error *err) = {
    [METADATA_DYNAMIC] = check_dynamic,
    [METADATA_SUMMARY] = check_summary,
    [METADATA_DESCRIPTION_CONTENT_TYPE] = content_type_check,
    [METADATA_LICENSE_EXPRESSION] = license_check,
    [METADATA_LICENSE_FILE] = check_license_file,
    [METADATA_IMPORT_NAME] = check_import_name,
    [METADATA_IMPORT_NAMESPACE] = check_dotted_name,
};

// Whether one value keeps the rule of its field; those that are parsed are checked where they are parsed.
static enum status check_value(enum core_metadata_field field, struct text value,
                               struct error *err) {
    return rules[field] ? rules[field](value, err) : STATUS_OK;
}

// ---- fields ----

// `declared` is what the file says it is; a newer field in an older file is worth a warning, no more.
struct checker {
    struct arena *arena;
    struct core_metadata *metadata; // what was split, and what is filled here
    int declared;                   // 21 for 2.1; 0: unknown
};

// "Requires-Dist: …". The code is the field's own where a document has the same field.
static void lint_field(struct checker *c, enum core_metadata_lint code,
                       enum core_metadata_field field, size_t line, const char *text) {
    const struct core_metadata_row *row = &core_metadata_rows[field];
    bool has_own = code == METADATA_LINT_FIELD_INVALID && row->invalid.code;
    lints_add(&c->metadata->lints, has_own ? &row->invalid : &core_metadata_lints[code], line,
              "%s: %s", row->name, text);
}

static struct core_metadata_values *values_of(struct checker *c, enum core_metadata_field field) {
    return &c->metadata->values[field];
}

// True when the call went well; what is wrong becomes a lint, and no memory is kept for the end.
static bool passed(struct checker *c, enum core_metadata_field field, size_t line,
                   enum status status, const struct error *fault) {
    if (status == STATUS_NO_MEMORY) {
        c->metadata->lints.no_memory = true;
    } else if (status) {
        lint_field(c, METADATA_LINT_FIELD_INVALID, field, line, fault->message);
    }
    return status == STATUS_OK;
}

// "2.1" to 21, every minor from 9 on to 9; 0 for what is no metadata version.
static int read_version(struct text text) {
    struct text minor = text_trim(text);
    struct text major = {0};
    text_split(&minor, '.', &major);
    if (major.len != 1 || !is_digit(major.ptr[0]) || minor.len == 0 || minor.len > 9) {
        return 0;
    }
    for (size_t i = 0; i < minor.len; i++) {
        if (!is_digit(minor.ptr[i])) {
            return 0;
        }
    }
    return (major.ptr[0] - '0') * 10 + (minor.len > 1 ? 9 : minor.ptr[0] - '0');
}

// 2.0 (PEP 426) was a draft that was withdrawn, and yet files carry it.
static void check_metadata_version(struct checker *c) {
    static const int known[] = {10, 11, 12, 21, 22, 23, 24, 25, 26};
    const struct core_metadata_values *values = values_of(c, METADATA_METADATA_VERSION);
    if (values->count == 0) {
        return;
    }
    const struct core_metadata_value *value = &values->items[0];
    const struct quote quoted = quote_text(text_from(value->text));
    int version = read_version(text_from(value->text));
    bool is_major_known = version >= 10 && version < 30;
    c->declared = is_major_known ? version : 0;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (version == known[i]) {
            return;
        }
    }
    if (!is_major_known) {
        lints_add(&c->metadata->lints, &core_metadata_lints[METADATA_LINT_VERSION_UNKNOWN],
                  value->line, "Metadata-Version %s cannot be read; 1.0 to 2.6 are known",
                  quoted.text);
    } else if (version < known[COUNT_OF(known) - 1]) {
        lints_add(
            &c->metadata->lints, &core_metadata_lints[METADATA_LINT_VERSION_NEVER], value->line,
            "Metadata-Version %s was never a version of the standard; the file is read as far "
            "as it can be",
            quoted.text);
    } else {
        lints_add(
            &c->metadata->lints, &core_metadata_lints[METADATA_LINT_VERSION_NEWER], value->line,
            "Metadata-Version %s is newer than 2.6, the newest known here; the file is read as "
            "far as it can be",
            quoted.text);
    }
}

// Of a field that stands twice the first one counts; Description may also stand in the body.
static void check_counts(struct checker *c) {
    static const enum core_metadata_field required[] = {METADATA_METADATA_VERSION, METADATA_NAME,
                                                        METADATA_VERSION};
    for (size_t i = 0; i < COUNT_OF(required); i++) {
        if (values_of(c, required[i])->count == 0) {
            lint_field(c, METADATA_LINT_MISSING_FIELD, required[i], 0, "the field is missing");
        }
    }
    for (size_t i = 0; i < METADATA_FIELD_COUNT; i++) {
        const struct core_metadata_values *values = &c->metadata->values[i];
        bool newer = values->count > 0 && core_metadata_rows[i].since > c->declared;
        if (newer && c->declared > 0) {
            lint_field(c, METADATA_LINT_FIELD_NEWER, (enum core_metadata_field)i,
                       values->items[0].line, "the field is newer than the Metadata-Version");
        }
        bool single = !core_metadata_rows[i].multiple && i != METADATA_DESCRIPTION;
        if (single && values->count > 1) {
            lint_field(c, METADATA_LINT_DUPLICATE_FIELD, (enum core_metadata_field)i,
                       values->items[1].line, "the field may stand only once");
        }
    }
}

// Only rules that need no other field; what depends on others is read below.
static void check_values(struct checker *c) {
    for (size_t i = 0; i < METADATA_FIELD_COUNT; i++) {
        const struct core_metadata_values *values = &c->metadata->values[i];
        for (size_t j = 0; j < values->count; j++) {
            struct error fault = {0};
            struct text text = text_trim(text_from(values->items[j].text));
            enum core_metadata_field field = (enum core_metadata_field)i;
            passed(c, field, values->items[j].line, check_value(field, text, &fault), &fault);
        }
    }
}

static size_t spaces_before(struct text line) {
    size_t count = 0;
    while (count < line.len && line.ptr[count] == ' ') {
        count++;
    }
    return count;
}

// Header lines behind "|" margins of seven spaces, or eight, as many tools write them.
static const char *without_margins(struct arena *arena, const char *text) {
    char *out = arena_strdup(arena, text);
    struct text rest = text_from(text);
    struct text line;
    char *at = out;
    bool first = true;
    while (out && text_split(&rest, '\n', &line)) {
        size_t bar = spaces_before(line);
        if (!first && (bar == line.len || line.ptr[bar] != '|')) {
            return text; // an ordinary folded header
        }
        struct text kept = line;
        size_t cut = first ? bar : bar + 1;
        kept.ptr += cut;
        kept.len -= cut;
        if (!first) {
            *at++ = '\n';
        }
        memcpy(at, kept.ptr, kept.len);
        at += kept.len;
        *at = '\0';
        first = false;
    }
    return out;
}

// The body counts as one more value and stands last. A description that was folded into a header
// has a margin on each line, which is no part of it; the body of a message came with Metadata 2.1.
static void read_description(struct checker *c) {
    const struct core_metadata_values *values = values_of(c, METADATA_DESCRIPTION);
    if (values->count == 0) {
        return;
    }
    const struct core_metadata_value *last = &values->items[values->count - 1];
    if (values->count > 1) {
        lint_field(c, METADATA_LINT_DESCRIPTION_TWICE, METADATA_DESCRIPTION, last->line,
                   "the description is given more than once, in fields or in the body");
    }
    if (c->metadata->has_body && c->declared > 0 && c->declared < 21) {
        lint_field(c, METADATA_LINT_FIELD_NEWER, METADATA_DESCRIPTION, last->line,
                   "a description in the body is newer than the Metadata-Version");
    }
    bool folded = !c->metadata->has_body && strchr(last->text, '\n');
    c->metadata->description = folded ? without_margins(c->arena, last->text) : last->text;
    c->metadata->lints.no_memory |= !c->metadata->description;
}

static void read_identity(struct checker *c) {
    const struct core_metadata_values *names = values_of(c, METADATA_NAME);
    const struct core_metadata_values *versions = values_of(c, METADATA_VERSION);
    struct error fault = {0};
    if (names->count > 0) {
        struct text name = text_trim(text_from(names->items[0].text));
        passed(c, METADATA_NAME, names->items[0].line,
               name_normalize(c->arena, name, &c->metadata->normalized_name, &fault), &fault);
    }
    if (versions->count > 0) {
        struct text version = text_from(versions->items[0].text);
        passed(c, METADATA_VERSION, versions->items[0].line,
               version_parse(c->arena, version, &c->metadata->version, &fault), &fault);
    }
}

static void read_requires_python(struct checker *c) {
    const struct core_metadata_values *values = values_of(c, METADATA_REQUIRES_PYTHON);
    struct error fault = {0};
    if (values->count > 0) {
        struct text text = text_from(values->items[0].text);
        passed(c, METADATA_REQUIRES_PYTHON, values->items[0].line,
               specifier_set_parse(c->arena, text, &c->metadata->requires_python, &fault), &fault);
    }
}

// Requirements that cannot be parsed are lints and left out; what is kept can be judged by the resolver.
static void read_requirements(struct checker *c) {
    const struct core_metadata_values *values = values_of(c, METADATA_REQUIRES_DIST);
    const struct requirement **kept = arena_array(c->arena, values->count + 1, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; kept && i < values->count; i++) {
        struct error fault = {0};
        struct text text = text_trim(text_from(values->items[i].text));
        count += passed(c, METADATA_REQUIRES_DIST, values->items[i].line,
                        requirement_parse(c->arena, text, &kept[count], &fault), &fault);
    }
    c->metadata->lints.no_memory |= !kept;
    c->metadata->requirements = kept;
    c->metadata->requirement_count = count;
}

// The index of the extra with this normal form, or `count`.
static size_t find_extra(const char **extras, size_t count, const char *extra) {
    size_t i = 0;
    while (i < count && strcmp(extras[i], extra) != 0) {
        i++;
    }
    return i;
}

// Before 2.3 an extra could be spelled in any way, so crm[My_Extra] and crm[my-extra] may be two for old
// tools and are one for new ones.
static void read_extras(struct checker *c) {
    const struct core_metadata_values *values = values_of(c, METADATA_PROVIDES_EXTRA);
    const char **extras = arena_array(c->arena, 2 * values->count + 1, sizeof *extras);
    const char **raw = extras ? extras + values->count : NULL; // as the kept ones are written
    size_t count = 0;
    for (size_t i = 0; extras && i < values->count; i++) {
        struct error fault = {0};
        const char *normalized;
        struct text text = text_trim(text_from(values->items[i].text));
        size_t line = values->items[i].line;
        if (!passed(c, METADATA_PROVIDES_EXTRA, line,
                    name_normalize(c->arena, text, &normalized, &fault), &fault)) {
            continue;
        }
        if (c->declared >= 23 && !text_equals(text, normalized)) {
            lint_field(c, METADATA_LINT_FIELD_INVALID, METADATA_PROVIDES_EXTRA, line,
                       "since Metadata-Version 2.3 an extra must be written in its normal form");
        }
        size_t found = find_extra(extras, count, normalized);
        if (found < count && !text_equals(text, raw[found])) {
            lint_field(c, METADATA_LINT_EXTRA_CLASH, METADATA_PROVIDES_EXTRA, line,
                       "another extra has the same normal form");
        }
        if (found == count) {
            extras[count] = normalized;
            raw[count++] = arena_copy(c->arena, text.ptr, text.len);
            c->metadata->lints.no_memory |= !raw[count - 1];
        }
    }
    c->metadata->lints.no_memory |= !extras;
    c->metadata->extras = extras;
    c->metadata->extra_count = count;
}

static void check_project_url(struct checker *c, const struct core_metadata_value *value,
                              struct labelled_url *urls, size_t *count) {
    struct error fault = {0};
    struct labelled_url *url = &urls[*count];
    if (!passed(c, METADATA_PROJECT_URL, value->line,
                labelled_url_parse(c->arena, text_from(value->text), url, &fault), &fault)) {
        return;
    }
    if (url_label_check(text_from(url->label), &fault)) {
        lint_field(c, METADATA_LINT_URL_LABEL, METADATA_PROJECT_URL, value->line, fault.message);
    }
    passed(c, METADATA_PROJECT_URL, value->line, web_url_check(text_from(url->url), &fault),
           &fault);
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(urls[i].label, url->label) == 0) {
            lint_field(c, METADATA_LINT_URL_LABEL_TWICE, METADATA_PROJECT_URL, value->line,
                       "another URL has the same label");
            break;
        }
    }
    (*count)++;
}

static void check_project_urls(struct checker *c) {
    const struct core_metadata_values *values = values_of(c, METADATA_PROJECT_URL);
    struct labelled_url *urls = arena_array(c->arena, values->count + 1, sizeof *urls);
    size_t count = 0;
    for (size_t i = 0; urls && i < values->count; i++) {
        check_project_url(c, &values->items[i], urls, &count);
    }
    c->metadata->lints.no_memory |= !urls;
}

// Author-email and Maintainer-email; old tools write UNKNOWN where there is none.
static void check_people(struct checker *c, enum core_metadata_field field) {
    const struct core_metadata_values *values = values_of(c, field);
    const struct mailbox *mailboxes;
    size_t count;
    struct error fault = {0};
    if (values->count > 0 && strcmp(values->items[0].text, "UNKNOWN") != 0) {
        passed(
            c, field, values->items[0].line,
            mailboxes_parse(c->arena, text_from(values->items[0].text), &mailboxes, &count, &fault),
            &fault);
    }
}

// A name is imported either as a module or as a namespace.
static void check_imports(struct checker *c) {
    const struct core_metadata_values *names = values_of(c, METADATA_IMPORT_NAME);
    const struct core_metadata_values *spaces = values_of(c, METADATA_IMPORT_NAMESPACE);
    for (size_t i = 0; i < names->count; i++) {
        size_t len = strcspn(names->items[i].text, "; \t");
        if (len == 0 && names->count > 1) {
            lint_field(c, METADATA_LINT_FIELD_INVALID, METADATA_IMPORT_NAME, names->items[i].line,
                       "an empty value must be the only one");
        }
        for (size_t j = 0; j < spaces->count; j++) {
            bool same = len == strcspn(spaces->items[j].text, "; \t") &&
                        strncmp(names->items[i].text, spaces->items[j].text, len) == 0;
            if (same) {
                lint_field(c, METADATA_LINT_FIELD_INVALID, METADATA_IMPORT_NAMESPACE,
                           spaces->items[j].line, "the name is an Import-Name too");
            }
        }
    }
}

static void check_licenses(struct checker *c) {
    const struct core_metadata_values *old = values_of(c, METADATA_LICENSE);
    if (old->count > 0 && values_of(c, METADATA_LICENSE_EXPRESSION)->count > 0) {
        lint_field(c, METADATA_LINT_LICENSE_TWICE, METADATA_LICENSE, old->items[0].line,
                   "the field must not be combined with License-Expression");
    }
}

// All faults are collected, so that a publisher sees them in one answer.
enum status core_metadata_check(struct arena *arena, struct core_metadata *metadata,
                                struct error *err) {
    struct checker c = {.arena = arena, .metadata = metadata};
    check_metadata_version(&c);
    check_counts(&c);
    check_values(&c);
    check_licenses(&c);
    check_project_urls(&c);
    check_people(&c, METADATA_AUTHOR_EMAIL);
    check_people(&c, METADATA_MAINTAINER_EMAIL);
    check_imports(&c);
    read_identity(&c);
    read_description(&c);
    read_requires_python(&c);
    read_requirements(&c);
    read_extras(&c);
    return metadata->lints.no_memory ? fail_no_memory(err) : STATUS_OK;
}
