// SPDX-License-Identifier: MIT
// A declaration's YAML -> struct declared: one table of its keys, then what the keys must say together. A new
// key of the language is a row of a table here, a member of struct declared, its use in declared_read.c, and a
// row in docs/CONVENTIONS.md. The parsed declaration is immutable, so the threads of a walk share it.
#include "schema/readers/conventions/declared.h"

#include "schema/readers/core/node.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/yaml.h"
#include "schema/base/list.h"

#include <string.h>

// A row says where the value goes; the type of the member follows from `type`: const char *, bool or strings.
struct key {
    const char *name;
    enum node_type type; // NODE_STRING, NODE_BOOLEAN or NODE_LIST of strings
    size_t offset;
    bool required;
};

#define TEXT(name, member, required)                                                               \
    { name, NODE_STRING, offsetof(struct declared, member), required }
#define LIST(name, member)                                                                         \
    { name, NODE_LIST, offsetof(struct declared, member), false }

// A whole declaration, as a team writes it:
//     name: crm-plugins
//     look: "*/plugin.json"          * is one directory; {1} below is what it stood for
//     read: json
//     require: [id]
//     record: {group: crm.plugins, name: "{id}", value: "{1}:{entry}"}
// "read" and "record" have rules of their own (read_format, declared_parse).
static const struct key top_keys[] = {
    TEXT("name", name, true),  TEXT("description", description, false),
    TEXT("look", look, true),  TEXT("take", take, false),
    TEXT("call", call, false), {"project", NODE_BOOLEAN, offsetof(struct declared, project), false},
    LIST("defines", defines),  LIST("require", require),
    LIST("same", same),
};

static const struct key record_keys[] = {
    TEXT("group", group, true),      TEXT("name", entry_name, true),
    TEXT("value", value, true),      TEXT("package", package, false),
    TEXT("version", version, false), TEXT("summary", summary, false),
};

static const char *const formats[] = {
    [DECLARED_PYTHON] = "python",
    [DECLARED_YAML] = "yaml",
    [DECLARED_TOML] = "toml",
    [DECLARED_JSON] = "json",
};

static void read_key(struct reader *reader, const struct node *table, const struct key *key,
                     struct declared *declared) {
    const struct node *node = node_find(table, key->name);
    void *member = (char *)declared + key->offset;
    if (!node) {
        if (key->required) {
            reader_add_missing(reader, "declared-required", table, key->name,
                               "docs/CONVENTIONS.md lists the keys of a declaration");
        }
    } else if (key->type == NODE_LIST) {
        if (reader_is_strings(reader, node)) {
            *(struct strings *)member = reader_strings(reader, node);
        }
    } else if (!reader_is(reader, node, key->type)) {
        return;
    } else if (key->type == NODE_BOOLEAN) {
        *(bool *)member = node->integer != 0;
    } else {
        *(const char **)member = node->string;
    }
}

static bool is_known(const char *name, const struct key *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

// Unknown keys are errors and not warnings: a misspelt "require" would otherwise accept every file.
static void read_table(struct reader *reader, const struct node *table, const struct key *keys,
                       size_t count, struct declared *declared) {
    for (size_t i = 0; i < count; i++) {
        read_key(reader, table, &keys[i], declared);
    }
    for (const struct node *node = table->first; node; node = node->next) {
        bool elsewhere = keys == top_keys &&
                         (strcmp(node->key, "read") == 0 || strcmp(node->key, "record") == 0);
        if (!elsewhere && !is_known(node->key, keys, count)) {
            reader_add(reader, "declared-unknown-key", node,
                       "docs/CONVENTIONS.md lists the keys of a declaration",
                       "A declaration has no key \"%s\"", node->key);
        }
    }
}

static void read_format(struct reader *reader, const struct node *root, struct declared *declared) {
    const struct node *node = node_find(root, "read");
    if (!node) {
        reader_add_missing(reader, "declared-required", root, "read",
                           "Use one of python, yaml, toml, json");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (node->type == NODE_STRING && strcmp(node->string, formats[i]) == 0) {
            declared->format = (enum declared_format)i;
            return;
        }
    }
    reader_add(reader, "declared-format", node, NULL,
               "What to read must be one of python, yaml, toml, json");
}

// "*" must stand for whole path segments, and the path may not leave the root.
// "*" stands for whole segments, so that a walk can list one directory for each star and nothing else.
// Refused: "**/x.py", "plug*/x.py", "/x/*.py", "../*/x.py", and "crm/*", whose star would name the file.
static void check_look(struct reader *reader, const struct node *root,
                       const struct declared *declared) {
    struct text rest = text_from(declared->look);
    struct text segment;
    size_t captures = 0;
    bool good = rest.len > 0;
    while (good && text_split(&rest, '/', &segment)) {
        bool star = text_equals(segment, "*");
        captures += star;
        good = segment.len && !text_equals(segment, ".") && !text_equals(segment, "..") &&
               (star || !memchr(segment.ptr, '*', segment.len));
        good = good && !(star && !rest.ptr);
    }
    if (!good || !captures || captures > DECLARED_CAPTURES_MAX) {
        reader_add(reader, "declared-look", node_find(root, "look"),
                   "For example \"*/plugin.json\" or \"apps/*/plugin.py\"",
                   "\"look\" must be a relative path to a file in which \"*\" stands for one whole "
                   "directory name");
    }
}

// What no single key can say: which keys need each other, and which exclude each other.
static void check_together(struct reader *reader, const struct node *root,
                           const struct declared *declared) {
    const struct node *same = node_find(root, "same");
    if (declared->look) {
        check_look(reader, root, declared);
    }
    if (declared->same.count % 2) {
        reader_add(reader, "declared-same", same, NULL,
                   "\"same\" must list templates in pairs; the last one has no partner");
    }
    if (declared->format == DECLARED_PYTHON && !declared->take) {
        reader_add_missing(reader, "declared-required", root, "take",
                           "Name the top-level variable that holds the document");
    }
    if (declared->format != DECLARED_PYTHON && (declared->call || declared->defines.count)) {
        reader_add(reader, "declared-python-only",
                   node_find(root, declared->call ? "call" : "defines"), NULL,
                   "\"call\" and \"defines\" are for Python files only");
    }
}

// Goes on after every finding; a declaration is handed out only when it has none.
enum status declared_parse(struct arena *arena, const struct source_file *file,
                           struct findings *findings, const struct declared **ret_declared,
                           struct error *err) {
    struct reader reader = {arena, findings, file->path};
    size_t errors_before = findings->error_count;
    const struct node *root;
    enum status status = yaml_parse(arena, file, &root, err);
    if (status) {
        return status;
    }
    struct declared *declared = arena_alloc(arena, sizeof *declared);
    if (!declared) {
        return fail_no_memory(err);
    }
    if (reader_is(&reader, root, NODE_TABLE)) {
        const struct node *record = node_find(root, "record");
        read_table(&reader, root, top_keys, COUNT_OF(top_keys), declared);
        read_format(&reader, root, declared);
        if (!record) {
            reader_add_missing(&reader, "declared-required", root, "record",
                               "Say how group, name and value are made");
        } else if (reader_is(&reader, record, NODE_TABLE)) {
            read_table(&reader, record, record_keys, COUNT_OF(record_keys), declared);
        }
        check_together(&reader, root, declared);
    }
    status = findings_fail(findings, errors_before, err);
    if (status == STATUS_OK) {
        *ret_declared = declared;
    }
    return status;
}
