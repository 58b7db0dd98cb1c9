// SPDX-License-Identifier: MIT
// A file read by a declaration: find the document, check what is required, fill the templates. The document
// is the record's manifest. "{domain}" must be a text or a whole number of it, "{version?}" may be missing or
// null; a value of another type was meant and is an error, because leaving it out in silence would hide that
// the host and the registry disagree about it.
//
//     take: PLUGIN            {"id": "mail", "domain": "crm"}     the document
//     name: "{domain}.{id}"   crm.mail                            a template over its keys
#include "schema/readers/conventions/declared.h"

#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/packaging/version/version.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/python/python_source.h"
#include "schema/readers/core/toml.h"
#include "schema/readers/core/yaml.h"

#include <string.h>

struct filling {
    struct arena *arena;
    const struct declared *declared;
    const struct declared_match *match; // the file and what the stars stood for
    struct findings *findings;
    const char *where; // the file, and the line where it is known
    json_t *document;  // an object
    bool wrong_type;   // an optional key of the last template is there and no text
};

// ---- the document ----

// Follows a dotted path: "tool.crm.id". jansson finds by NUL-terminated keys and the path is a view, hence
// the loop over the members.
static const json_t *find_value(const json_t *document, struct text path) {
    struct text key;
    while (document && text_split(&path, '.', &key)) {
        const json_t *found = NULL;
        const char *name;
        json_t *value;
        json_object_foreach((json_t *)document, name, value) {
            found = text_equals(key, name) ? value : found;
        }
        document = found;
    }
    return document;
}

static json_t *refuse(struct filling *f, const char *message) {
    findings_add(f->findings, SEVERITY_ERROR, "declared-document", f->where, NULL, "%s", message);
    return NULL;
}

// The keywords of a call; those that are not literal are left out, and "require" reports them.
static json_t *encode_call(struct filling *f, const struct python_call *call) {
    const char *dot = call ? strrchr(call->callee, '.') : NULL;
    if (!call || strcmp(dot ? dot + 1 : call->callee, f->declared->call) != 0) {
        return refuse(f, "The value is not made by the call that the convention expects");
    }
    json_t *document = json_object();
    for (size_t i = 0; i < call->argument_count; i++) {
        const struct python_argument *argument = &call->arguments[i];
        if (argument->name && argument->json) {
            json_object_set_new(document, argument->name,
                                json_loads(argument->json, JSON_DECODE_ANY, NULL));
        }
    }
    return document;
}

// The value of `take` at the top level, read without running the module. With `call` it is the keywords of
// that call: PLUGIN = Plugin(id="mail", on=handler) gives {"id": "mail"}; `on` is not literal.
static json_t *find_python(struct filling *f, const struct python_module *module,
                           const struct python_value *taken) {
    for (size_t i = 0; i < f->declared->defines.count; i++) {
        if (!python_binds(module, f->declared->defines.items[i])) {
            findings_add(f->findings, SEVERITY_ERROR, "declared-defines", f->where, NULL,
                         "The module does not define \"%s\"", f->declared->defines.items[i]);
        }
    }
    if (!taken->line) {
        findings_add(f->findings, SEVERITY_ERROR, "declared-document", f->where, NULL,
                     "There is no \"%s\" at the top level", f->declared->take);
        return NULL;
    }
    f->where = arena_printf(f->arena, "%s:%d", f->match->file->path, taken->line);
    if (f->declared->call) {
        return encode_call(f, taken->call);
    }
    json_t *document = taken->json ? json_loads(taken->json, JSON_DECODE_ANY, NULL) : NULL;
    if (!document) {
        findings_add(
            f->findings, SEVERITY_ERROR, "declared-document", f->where,
            "Write a literal value, so that the value can be read without running the plugin",
            "The value is not literal: %s", taken->why_not ? taken->why_not : "no text");
    }
    return document;
}

// Only the part that `take` names must be expressible in JSON: a date elsewhere in the file does no harm.
static enum status read_tree(struct filling *f, json_t **ret_document, struct error *err) {
    const struct node *root;
    enum status status = f->declared->format == DECLARED_YAML
                             ? yaml_parse(f->arena, f->match->file, &root, err)
                             : toml_parse(f->arena, f->match->file, &root, err);
    if (status) {
        return status;
    }
    struct reader reader = {f->arena, f->findings, f->match->file->path};
    const struct node *part = root;
    struct text path = text_from(f->declared->take);
    struct text key;
    while (part && text_split(&path, '.', &key)) {
        const char *name = arena_copy(f->arena, key.ptr, key.len);
        if (!name) {
            return fail_no_memory(err);
        }
        part = node_find(part, name);
    }
    if (f->declared->format == DECLARED_TOML) {
        reader_warn_of_toml(&reader, root);
    }
    if (part) {
        reader_is_json(&reader, part);
    }
    *ret_document = node_encode(root);
    return *ret_document ? STATUS_OK : fail_no_memory(err);
}

static enum status read_whole(struct filling *f, json_t **ret_document, struct error *err) {
    const struct source_file *file = f->match->file;
    if (f->declared->format == DECLARED_PYTHON) {
        struct python_module module;
        struct python_value taken;
        enum status status = python_source_read(f->arena, file, NULL, &module, err);
        if (status) {
            return status;
        }
        status = python_value_read(&module, f->declared->take, &taken, err);
        *ret_document = status ? NULL : find_python(f, &module, &taken);
        return status;
    }
    if (f->declared->format != DECLARED_JSON) {
        return read_tree(f, ret_document, err);
    }
    enum status status =
        json_parse((struct text){file->bytes, file->len}, LIMIT_DOCUMENT_BYTES, ret_document, err);
    return status ? error_within(err, arena_printf(f->arena, "%s: ", file->path)) : STATUS_OK;
}

// The part that `take` names, as an object; NULL with a finding when it is none. Owned.
// Python has taken its part already: `take` names a variable there, not a path.
static json_t *take_part(struct filling *f, json_t *whole) {
    const json_t *part = whole;
    if (f->declared->format != DECLARED_PYTHON && f->declared->take) {
        part = find_value(whole, text_from(f->declared->take));
    }
    if (!json_is_object(part)) {
        return whole ? refuse(f, "The document does not exist, or is not a table of keys") : NULL;
    }
    return json_incref((json_t *)part);
}

// ---- templates ----

// Texts and whole numbers only. A real number or a boolean has more than one spelling (1.0, 1; True, true), so
// a name made from it would depend on who writes it.
static bool add_scalar(const json_t *value, struct buffer *out) {
    if (json_is_string(value)) {
        buffer_add(out, json_string_value(value), json_string_length(value));
        return json_string_length(value) == strlen(json_string_value(value));
    }
    if (json_is_integer(value)) {
        buffer_printf(out, "%lld", (long long)json_integer_value(value));
    }
    return json_is_integer(value);
}

// One "{…}" without its braces.
// {1} is what the first "*" of `look` stood for, {id} and {tool.id} are keys, {id?} may be absent.
static bool add_field(struct filling *f, struct text field, struct buffer *out) {
    bool optional = field.len && field.ptr[field.len - 1] == '?';
    field.len -= optional;
    if (field.len == 1 && is_digit(field.ptr[0])) {
        size_t index = (size_t)(field.ptr[0] - '1');
        bool known = index < f->match->captures.count;
        buffer_add_string(out, known ? f->match->captures.items[index] : "");
        return known;
    }
    const json_t *value = f->document ? find_value(f->document, field) : NULL;
    bool added = add_scalar(value, out);
    f->wrong_type |= !added && value && !json_is_null(value);
    return added || optional;
}

// NULL when a field has no text; an empty optional text is "". Arena.
// "{domain}.{id}" with {"id": "mail", "domain": "crm"} gives "crm.mail". An opening brace without a closing
// one makes the template fail, as a missing key does.
static const char *fill(struct filling *f, const char *template) {
    struct buffer out;
    f->wrong_type = false;
    buffer_init(&out, LIMIT_SHORT_TEXT_BYTES);
    buffer_add(&out, "", 0);
    bool good = true;
    while (good && *template) {
        size_t plain = strcspn(template, "{");
        buffer_add(&out, template, plain);
        template += plain;
        if (*template) {
            size_t len = strcspn(template + 1, "}");
            good = template[len + 1] == '}' && add_field(f, (struct text){template + 1, len}, &out);
            template += len + 2;
        }
    }
    const char *text = good && !out.failed ? arena_copy(f->arena, out.ptr, out.len) : NULL;
    buffer_done(&out);
    return text;
}

// Empty is as bad as missing: a record needs its group, name and value.
static const char *fill_required(struct filling *f, const char *what, const char *template) {
    const char *text = fill(f, template);
    if (!text || !*text) {
        findings_add(f->findings, SEVERITY_ERROR, "declared-template", f->where, NULL,
                     "The %s \"%s\" cannot be made: one of its keys is missing or is not a text",
                     what, template);
        return NULL;
    }
    return text;
}

// NULL when its keys are missing. A key that is there with another type is an error: it was meant.
static const char *fill_optional(struct filling *f, const char *what, const char *template) {
    const char *text = template ? fill(f, template) : NULL;
    if (template && f->wrong_type) {
        findings_add(
            f->findings, SEVERITY_ERROR, "declared-template", f->where, NULL,
            "The %s \"%s\" cannot be made: one of its keys is neither text nor a whole number",
            what, template);
        return NULL;
    }
    return text && *text ? text : NULL;
}

// A warning here: discovery does without a valid version, and publishing refuses it by its own rule.
static const char *fill_version(struct filling *f) {
    const char *text = fill_optional(f, "version", f->declared->version);
    const struct version *version;
    struct error fault;
    if (text && version_parse(f->arena, text_from(text), &version, &fault)) {
        findings_add(f->findings, SEVERITY_WARNING, "version-invalid", f->where,
                     "Write numbers with dots, and a pre-release as 1.2.0a1, 1.2.0b1, 1.2.0rc1",
                     "%s", fault.message);
    }
    return text;
}

// ---- rules ----

static void check_required(struct filling *f) {
    for (size_t i = 0; f->document && i < f->declared->require.count; i++) {
        const char *key = f->declared->require.items[i];
        const json_t *value = find_value(f->document, text_from(key));
        if (!json_is_string(value) || !json_string_length(value)) {
            findings_add(f->findings, SEVERITY_ERROR, "declared-key", f->where, NULL,
                         value ? "\"%s\" must be a text" : "\"%s\" is missing", key);
        }
    }
}

// same: ["{1}", "{id}"] demands that the directory is called as the plugin says.
static void check_same(struct filling *f) {
    const struct strings *same = &f->declared->same;
    for (size_t i = 0; f->document && i + 1 < same->count; i += 2) {
        const char *one = fill(f, same->items[i]);
        const char *other = fill(f, same->items[i + 1]);
        if (one && other && strcmp(one, other) != 0) {
            findings_add(f->findings, SEVERITY_ERROR, "declared-differs", f->where, NULL,
                         "%s is \"%s\" and %s is \"%s\"; they must be the same", same->items[i],
                         one, same->items[i + 1], other);
        }
    }
}

// ---- the release ----

// Starts from the project's release, if there is one, and overlays what the file says itself.
static const struct release *make_release(struct filling *f, const struct entry_point *entry) {
    struct arena *arena = f->arena;
    const struct release *project = f->match->project;
    struct release *release = arena_alloc(arena, sizeof *release);
    struct entry_point *entries = arena_alloc(arena, sizeof *entries);
    struct manifest *manifest = arena_alloc(arena, sizeof *manifest);
    if (!release || !entries || !manifest) {
        return NULL;
    }
    if (project) {
        *release = *project;
    }
    const char *package = fill_optional(f, "package", f->declared->package);
    const char *version = fill_version(f);
    const char *summary = fill_optional(f, "summary", f->declared->summary);
    *entries = *entry;
    *manifest =
        (struct manifest){entry->group, entry->name, json_encode_canonical(arena, f->document)};
    release->name = package ? package : project ? project->name : entry->name;
    if (version) {
        release->version = version;
    }
    if (summary) {
        release->summary = summary;
    }
    release->entry_points = entries;
    release->entry_point_count = 1;
    release->manifests = manifest;
    release->manifest_count = 1;
    release->provenance = (struct provenance){
        .convention = f->declared->name, .path = f->match->file->path, .confidence = "declared"};
    return manifest->json ? release : NULL;
}

enum status declared_read(struct arena *arena, const struct declared *declared,
                          const struct declared_match *match, struct findings *findings,
                          const struct release **ret_release, struct error *err) {
    struct filling f = {arena, declared, match, findings, match->file->path, NULL, false};
    size_t errors_before = findings->error_count;
    scoped(cleanup_json) json_t *whole = NULL;
    *ret_release = NULL;
    enum status status = read_whole(&f, &whole, err);
    if (status) {
        return status;
    }
    scoped(cleanup_json) json_t *document = take_part(&f, whole);
    f.document = document;
    check_required(&f);
    check_same(&f);
    struct entry_point entry = {
        .group = document ? fill_required(&f, "group", declared->group) : NULL,
        .name = document ? fill_required(&f, "name", declared->entry_name) : NULL,
        .value = document ? fill_required(&f, "value", declared->value) : NULL,
    };
    if (entry.group && entry.name && entry.value) {
        *ret_release = make_release(&f, &entry);
        if (!*ret_release) {
            return fail_no_memory(err);
        }
    }
    return findings_fail(findings, errors_before, err);
}
