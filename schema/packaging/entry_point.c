// SPDX-License-Identifier: MIT
// The grammar of entry points, one function a field, called for every way in: documents, pyproject.toml,
// entry_points.txt of wheels, sdists and installed distributions. A text is checked as what it becomes
// (docs/FIELDS.md): a group is a word on a page and in an address, a name becomes the left side of a line
// of entry_points.txt, a script's name becomes a file beside Python, a value becomes an import.
#include "schema/packaging/entry_point.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/quote.h"
#include "schema/packaging/python_text.h"
#include "schema/packaging/shown_text.h"

// What every part of an entry point must be: there, within its limit, UTF-8.
static enum status check_text(struct text text, const char *what, size_t limit, struct error *err) {
    if (text.len == 0) {
        return fail(err, STATUS_INVALID, NULL, "the %s is empty", what);
    }
    if (text.len > limit) {
        return fail(err, STATUS_INVALID, NULL,
                    "the %s %s is %zu bytes long, at most %zu are allowed", what,
                    quote_text(text).text, text.len, limit);
    }
    if (!utf8_is_valid(text.ptr, text.len)) {
        return fail(err, STATUS_INVALID, NULL, "the %s %s is not valid UTF-8", what,
                    quote_text(text).text);
    }
    return STATUS_OK;
}

// ---- groups and names ----

// Words of letters, digits and '_', joined by single dots or dashes; letters are those of ASCII, or any.
// good: my_app.plugins   crm-sync.v2      bad: .plugins   a..b   crm-   a b
static bool is_group(struct text text, bool any_letters) {
    bool after_word = false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_joint = text.ptr[i] == '.' || text.ptr[i] == '-';
        bool is_letter = is_alnum(text.ptr[i]) || text.ptr[i] == '_' ||
                         (any_letters && (unsigned char)text.ptr[i] >= 0x80);
        if (is_joint ? !after_word : !is_letter) {
            return false;
        }
        after_word = !is_joint;
    }
    return after_word;
}

enum status entry_point_group_check(struct text group, struct error *err) {
    enum status status = check_text(group, "entry-point group", LIMIT_GROUP_BYTES, err);
    if (status) {
        return status;
    }
    if (!is_group(group, false)) {
        return fail(err, STATUS_INVALID, NULL,
                    "%s is not a group that can be indexed: use ASCII letters, digits and '_' in "
                    "words joined by single '.' or '-', such as 'my_app.plugins'",
                    quote_text(group).text);
    }
    return STATUS_OK;
}

// Registries hold groups with letters beyond ASCII from before the stricter rule; reading them must go on.
bool entry_point_group_may_be_stored(struct text group) {
    return group.len <= LIMIT_GROUP_BYTES && is_group(group, true) &&
           utf8_is_valid(group.ptr, group.len);
}

// Why a name cannot stand as the left side of a line of entry_points.txt, or NULL.
// '[' would begin a header there, '#' and ';' a comment, '=' would end the name.
static const char *find_name_fault(struct text name) {
    if (name.ptr[0] == '[' || name.ptr[0] == '#' || name.ptr[0] == ';') {
        return "it may not begin with '[', '#' or ';'";
    }
    if (python_text_strip(name).len != name.len) {
        return "it may not begin or end with white space";
    }
    if (memchr(name.ptr, '=', name.len)) {
        return "'=' is not allowed in it";
    }
    switch (shown_name_find_fault(name)) {
    case SHOWN_CONTROL:
        return "control characters and line breaks are not allowed in it";
    case SHOWN_INVISIBLE:
        return "invisible characters and those that change the writing direction are not allowed "
               "in it";
    case SHOWN_GOOD:
        break;
    }
    return NULL;
}

enum status entry_point_name_check(struct text name, struct error *err) {
    enum status status = check_text(name, "entry-point name", LIMIT_ENTRY_NAME_BYTES, err);
    if (status) {
        return status;
    }
    const char *fault = find_name_fault(name);
    return fault ? fail(err, STATUS_INVALID, NULL, "%s is not an entry-point name: %s",
                        quote_text(name).text, fault)
                 : STATUS_OK;
}

// ---- scripts ----

bool entry_point_group_is_scripts(struct text group) {
    return text_equals(group, "console_scripts") || text_equals(group, "gui_scripts");
}

// Whether Windows takes the name for a device, whatever ending stands behind it.
// CON, CON.txt and com1.exe all open a device on Windows, in every directory.
static bool is_device(struct text name) {
    static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    struct text rest = name;
    struct text stem = {0};
    text_split(&rest, '.', &stem);
    stem = text_trim(stem);
    for (size_t i = 0; i < COUNT_OF(devices); i++) {
        if (text_equals_nocase(stem, devices[i])) {
            return true;
        }
    }
    struct text port = {stem.ptr, 3};
    return stem.len == 4 && stem.ptr[3] >= '1' && stem.ptr[3] <= '9' &&
           (text_equals_nocase(port, "com") || text_equals_nocase(port, "lpt"));
}

// Why an entry-point name cannot be the name of a file, or NULL.
// An installer writes bin/NAME and, on Windows, Scripts\NAME.exe; "../x" would be written elsewhere.
static const char *find_script_fault(struct text name) {
    for (size_t i = 0; i < name.len; i++) {
        if (strchr("/\\:", name.ptr[i])) {
            return "'/', '\\' and ':' lead to another directory or drive";
        }
        if (strchr("<>\"|?*", name.ptr[i])) {
            return "'<', '>', '\"', '|', '?' and '*' are not allowed in it";
        }
    }
    if (name.ptr[0] == '.' || name.ptr[0] == '-') {
        return "it may not begin with '.' or '-'";
    }
    if (name.ptr[name.len - 1] == '.') {
        return "it may not end with '.'";
    }
    return is_device(name) ? "Windows takes it for a device" : NULL;
}

enum status script_name_check(struct text name, struct error *err) {
    enum status status = entry_point_name_check(name, err);
    if (status) {
        return status;
    }
    const char *fault = find_script_fault(name);
    return fault ? fail(err, STATUS_INVALID, NULL,
                        "%s is not the name of a script, which becomes one file: %s",
                        quote_text(name).text, fault)
                 : STATUS_OK;
}

// ---- object references ----

// The brackets at the end, if there are any, cut off *text.
// "crm.plugin:Plugin [mail, sms]": the brackets are the last part of a reference (they name extras that the
// object needs; the standard no longer recommends them).
static bool cut_extras(struct text *text, struct text *ret_extras) {
    *ret_extras = (struct text){text->ptr + text->len, 0};
    if (text->len == 0 || text->ptr[text->len - 1] != ']') {
        return true;
    }
    size_t at = 0;
    while (at < text->len && text->ptr[at] != '[') {
        at++;
    }
    if (at == text->len) {
        return false;
    }
    *ret_extras = text_trim((struct text){text->ptr + at + 1, text->len - at - 2});
    text->len = at;
    *text = text_trim(*text);
    return true;
}

static bool is_extra_name(struct text name) {
    if (name.len == 0 || !is_alnum(name.ptr[0]) || !is_alnum(name.ptr[name.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return true;
}

// "[]" names none, which is allowed.
static bool are_extras(struct text extras) {
    struct text rest = extras;
    struct text name;
    while (extras.len > 0 && text_split(&rest, ',', &name)) {
        if (!is_extra_name(text_trim(name))) {
            return false;
        }
    }
    return true;
}

// Identifiers joined by dots. NULL when they are, else why not.
// A keyword is an identifier by its letters, and yet "class.plugin" cannot be imported.
static const char *find_path_fault(struct text path, const char *not_identifiers,
                                   const char *keyword) {
    struct text word;
    if (!path.len) {
        return not_identifiers;
    }
    while (text_split(&path, '.', &word)) {
        if (!python_text_is_identifier(word)) {
            return not_identifiers;
        }
        if (python_text_is_keyword(word)) {
            return keyword;
        }
    }
    return NULL;
}

static enum status refuse_reference(struct text value, const char *fault, struct error *err) {
    return fail(err, STATUS_INVALID, NULL,
                "%s is not an object reference: %s (wanted: 'package.module:attribute', "
                "optionally ' [extra]')",
                quote_text(value).text, fault);
}

// Why the parts of a reference cannot be imported, or NULL.
static const char *find_reference_fault(const struct object_reference *reference, bool has_attr) {
    const char *fault =
        find_path_fault(reference->module, "the part before ':' is not a Python module name",
                        "the part before ':' has a keyword of Python");
    if (fault || !has_attr) {
        return fault;
    }
    return find_path_fault(reference->attr, "the part after ':' is not a Python attribute name",
                           "the part after ':' has a keyword of Python");
}

// "shop.crm:Plugin.make [extra]": module, attribute and extras. The parts point into `value`; nothing
// is copied. "shop.crm:" has a colon and no attribute, which is a fault.
enum status object_reference_parse(struct text value, struct object_reference *ret_reference,
                                   struct error *err) {
    struct text rest = text_trim(value);
    enum status status = check_text(rest, "object reference", LIMIT_ENTRY_VALUE_BYTES, err);
    if (status) {
        return status;
    }
    if (shown_text_find_fault(value) == SHOWN_CONTROL) {
        return refuse_reference(value, "control characters and line breaks are not allowed", err);
    }
    struct object_reference reference = {0};
    if (!cut_extras(&rest, &reference.extras)) {
        return refuse_reference(value, "']' has no '['", err);
    }
    bool has_attr = rest.len > 0 && text_split(&rest, ':', &reference.module) && rest.ptr;
    reference.module = text_trim(reference.module);
    if (has_attr) {
        reference.attr = text_trim(rest);
    }
    const char *fault = find_reference_fault(&reference, has_attr);
    if (fault) {
        return refuse_reference(value, fault, err);
    }
    if (!are_extras(reference.extras)) {
        return refuse_reference(value, "the extras in brackets are not names joined by commas",
                                err);
    }
    *ret_reference = reference;
    return STATUS_OK;
}

// An installer writes a script that calls the object, so that a module alone is not enough.
enum status script_reference_check(const struct object_reference *reference, struct error *err) {
    if (reference->attr.len) {
        return STATUS_OK;
    }
    return fail(err, STATUS_INVALID, NULL,
                "a script needs a function: '%.*s:main' instead of '%.*s'",
                (int)reference->module.len, reference->module.ptr, (int)reference->module.len,
                reference->module.ptr);
}

bool module_part_is_folder(struct text part, struct text folder) {
    bool is_same = part.len == folder.len;
    for (size_t i = 0; is_same && i < part.len; i++) {
        is_same = part.ptr[i] == folder.ptr[i] || (part.ptr[i] == '_' && folder.ptr[i] == '-');
    }
    return is_same;
}
