// SPDX-License-Identifier: MIT
// The table behind plugin_yaml_fields.h and the rule of each key. A new key is a row here, a line in
// docs/RELEASE.md, and a valid and an invalid folder under tests/data/manifest.
// Types are judged by the core rules of YAML 1.2. A number where a text is due (version: 1.10) keeps its spelling
// and gives a warning, because a Python host would read the number 1.1.
#include "schema/readers/conventions/plugin_yaml_fields.h"

#include "schema/packaging/entry_point.h"
#include "schema/packaging/version/version.h"
#include "schema/base/list.h"

#include <string.h>

// Labels are shown to people, where an empty one is an empty button.
static void check_label(struct reader *reader, const struct node *node) {
    if (reader_is_line(reader, node) && !*node->string) {
        reader_add(reader, "text-empty", node, NULL, "The value must not be empty");
    }
}

// Honeyframe's manifest wants a version by PEP 440, so another spelling is an error.
static void check_version(struct reader *reader, const struct node *node) {
    const struct version *version;
    struct error err;
    if (version_parse(reader->arena, text_from(node->string), &version, &err)) {
        const char *hint =
            "Write numbers with dots, and a pre-release as 1.2.0a1, 1.2.0b1, 1.2.0rc1";
        if (err.status == STATUS_NO_MEMORY) {
            reader_add_error(reader, "version-invalid", node, &err);
        } else {
            reader_add(reader, "version-invalid", node, hint, "%s", err.message);
        }
    }
}

static void check_path(struct reader *reader, const struct node *node) {
    reader_is_inside(reader, node);
}

// The directory of a plugin may be hyphenated; the import system takes that, the grammar does not.
static bool is_attribute_reference(struct reader *reader, const char *text) {
    char *copy = arena_strdup(reader->arena, text);
    struct object_reference reference;
    reader->findings->no_memory |= !copy;
    for (char *c = copy; c && *c && *c != ':'; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    return copy && object_reference_parse(text_from(copy), &reference, NULL) == STATUS_OK &&
           reference.attr.len && !reference.extras.len;
}

// Each "plugins.crm.backend.routers.customers:router": a module, a colon, and the name of a router in it.
static void check_routers(struct reader *reader, const struct node *node) {
    reader_is_strings(reader, node);
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->type == NODE_STRING && !is_attribute_reference(reader, item->string)) {
            reader_add(reader, "router-invalid", item,
                       "Write it as plugins.crm.backend.routers.customers:router",
                       "\"%s\" is not module:attr", item->string);
        }
    }
}

static void check_permissions(struct reader *reader, const struct node *node) {
    reader_is_strings(reader, node);
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->type == NODE_STRING) {
            check_label(reader, item);
        }
    }
}

static bool is_scalar(const struct node *node) {
    return node->type == NODE_INTEGER || node->type == NODE_REAL || node->type == NODE_BOOLEAN;
}

// A plain scalar where a text is wanted: a host that reads the file loads the plugin all the same, so the
// text counts as it is written ("1.10", not 1.1). The tree belongs to this reader alone.
static void take_as_text(struct reader *reader, const struct node *node) {
    if (is_scalar(node) && node->string) {
        reader_add_warning(reader, "yaml-unquoted", node, "Put it in quotes",
                           "This is %s in YAML, but a text is required; it is read as \"%s\"",
                           node_type_name(node->type), node->string);
        ((struct node *)node)->type = NODE_STRING;
    }
}

// Whether one of the scalars is written so.
// By spelling, so that an unquoted 010 among the permissions matches the unquoted 010 of a group.
static bool has_text(const struct node *list, const char *text) {
    for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
        if (item->string && strcmp(item->string, text) == 0) {
            return true;
        }
    }
    return false;
}

// A group is made when the plugin is installed; it may only hold permissions that the plugin declares:
//     permissions: [crm.read]
//     seed_groups: [{name: Sales, permissions: [crm.read, crm.write]}]     crm.write: permission-undeclared
static void check_group_permissions(struct reader *reader, const struct node *node) {
    const struct node *group = node->parent;
    const struct node *declared = node_find(group->parent->parent, "permissions");
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->string && has_text(declared, item->string)) {
            take_as_text(reader, item);
        }
    }
    reader_is_strings(reader, node);
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->type == NODE_STRING && !has_text(declared, item->string)) {
            reader_add(reader, "permission-undeclared", item,
                       "Add the permission to the manifest's permissions, or remove it here",
                       "The permission \"%s\" is not among the manifest's permissions",
                       item->string);
        }
    }
}

static void check_route(struct reader *reader, const struct node *node) {
    check_label(reader, node);
    if (node->string[0] != '/') {
        reader_add(reader, "nav-path-invalid", node, NULL,
                   "\"%s\" is not a path of the platform: it must begin with /", node->string);
    }
}

static const struct manifest_field nav_fields[] = {
    {.key = "label",
     .type = NODE_STRING,
     .required = true,
     .missing_code = "key-missing",
     .check = check_label,
     .description = "what the sidebar shows"},
    {.key = "path",
     .type = NODE_STRING,
     .required = true,
     .missing_code = "key-missing",
     .check = check_route,
     .description = "address under the platform, begins with /"},
    {.key = "icon", .type = NODE_STRING, .check = check_label, .description = "name of an icon"},
};
static const struct manifest_table nav_table = {nav_fields, COUNT_OF(nav_fields)};

static const struct manifest_field group_fields[] = {
    {.key = "name",
     .type = NODE_STRING,
     .required = true,
     .missing_code = "key-missing",
     .check = check_label,
     .description = "name of the group"},
    {.key = "permissions",
     .type = NODE_LIST,
     .required = true,
     .missing_code = "key-missing",
     .check = check_group_permissions,
     .description = "each declared in permissions above"},
};
static const struct manifest_table group_table = {group_fields, COUNT_OF(group_fields)};

static const struct manifest_field fields[] = {
    {.key = "name",
     .type = NODE_STRING,
     .required = true,
     .missing_code = "name-missing",
     .check = check_label,
     .description = "the slug: the name of the plugin's directory"},
    {.key = "version",
     .type = NODE_STRING,
     .required = true,
     .missing_code = "version-missing",
     .check = check_version,
     .description = "version of the plugin, PEP 440"},
    {.key = "display_name",
     .type = NODE_STRING,
     .check = check_label,
     .description = "label for people; the summary of the release"},
    {.key = "routers",
     .type = NODE_LIST,
     .check = check_routers,
     .description = "FastAPI routers, each module:attr"},
    {.key = "dbt_workspace",
     .type = NODE_STRING,
     .check = check_path,
     .description = "path of the dbt workspace in the plugin's directory"},
    {.key = "frontend_entry",
     .type = NODE_STRING,
     .check = check_path,
     .description = "path of the frontend's entry in the plugin's directory"},
    {.key = "nav",
     .type = NODE_LIST,
     .items = &nav_table,
     .description = "routes for the sidebar: label, path, icon"},
    {.key = "permissions",
     .type = NODE_LIST,
     .check = check_permissions,
     .description = "permissions the plugin asks for"},
    {.key = "seed_groups",
     .type = NODE_LIST,
     .items = &group_table,
     .description = "groups made on install: name, permissions"},
};
const struct manifest_table plugin_yaml_fields = {fields, COUNT_OF(fields)};

static const struct manifest_field *find_field(const struct manifest_table *table,
                                               const char *key) {
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->fields[i].key, key) == 0) {
            return &table->fields[i];
        }
    }
    return NULL;
}

// Items of a list of tables (nav, seed_groups) have tables of fields of their own.
static void check_items(struct reader *reader, const struct node *list,
                        const struct manifest_table *table) {
    for (const struct node *item = list->first; item; item = item->next) {
        if (reader_is(reader, item, NODE_TABLE)) {
            manifest_check(reader, item, table);
        }
    }
}

// Before the type is judged, because what is taken as text is a string from here on.
static void take_texts(struct reader *reader, const struct node *node,
                       const struct manifest_field *field) {
    if (field->type == NODE_STRING) {
        take_as_text(reader, node);
    }
    bool is_texts = field->type == NODE_LIST && !field->items &&
                    field->check == check_permissions && node->type == NODE_LIST;
    for (const struct node *item = is_texts ? node->first : NULL; item; item = item->next) {
        take_as_text(reader, item);
    }
}

// "icon:" without a value is null, which counts as absent unless the key is required.
static void check_member(struct reader *reader, const struct node *node,
                         const struct manifest_field *field) {
    take_texts(reader, node, field);
    bool absent = node->type == NODE_NULL && !field->required;
    if (absent || !reader_is(reader, node, field->type)) {
        return;
    }
    if (field->items) {
        check_items(reader, node, field->items);
    }
    if (field->check) {
        field->check(reader, node);
    }
}

// In the order of the file first, then what is missing, so that findings read from top to bottom.
void manifest_check(struct reader *reader, const struct node *table,
                    const struct manifest_table *known) {
    for (const struct node *node = table->first; node; node = node->next) {
        const struct manifest_field *field = find_field(known, node->key);
        if (field) {
            check_member(reader, node, field);
        } else {
            reader_add_warning(reader, "unknown-key", node, NULL,
                               "\"%s\" is not a key of the manifest", node->key);
        }
    }
    for (size_t i = 0; i < known->count; i++) {
        const struct manifest_field *field = &known->fields[i];
        if (field->required && !node_find(table, field->key)) {
            reader_add_missing(reader, field->missing_code, table, field->key, NULL);
        }
    }
}
