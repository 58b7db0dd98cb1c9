// SPDX-License-Identifier: MIT
// What [project] says of Python code: scripts and entry points (all three keys fill one list of the
// release), and import-names and import-namespaces (PEP 794), which are checked and not kept. Names and
// values are checked by the functions of entry_point.h, with the line of the key.
//
//     [project.scripts]                      console_scripts: crm = crm.cli:main
//     crm = "crm.cli:main"
//     [project.entry-points."crm.plugins"]   quoted, because TOML reads crm.plugins as two tables
//     mail = "crm_mail:Plugin"
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/packaging/entry_point.h"
#include "schema/packaging/python_text.h"

#include <string.h>

// ---- entry points ----

static const char console_scripts[] = "console_scripts";
static const char gui_scripts[] = "gui_scripts";

// Makes room for `more` entries behind those there are.
static bool reserve(struct pyproject *project, const struct node *place, size_t more) {
    struct release *release = project->release;
    size_t room = release->entry_point_count + more;
    if (room > LIMIT_ENTRY_POINTS) {
        reader_add(&project->reader, "too-many-items", place, NULL,
                   "The package has more than %d entry points", LIMIT_ENTRY_POINTS);
        return false;
    }
    struct entry_point *entries = reader_array(&project->reader, room, sizeof *entries);
    if (entries && release->entry_point_count) {
        memcpy(entries, release->entry_points, release->entry_point_count * sizeof *entries);
    }
    if (entries) {
        release->entry_points = entries;
    }
    return entries;
}

static bool is_value(struct pyproject *project, const struct node *node, bool is_script) {
    struct object_reference reference;
    struct error err;
    enum status status = object_reference_parse(text_from(node->string), &reference, &err);
    if (!status && is_script) {
        status = script_reference_check(&reference, &err);
    }
    if (status) {
        reader_add_error(&project->reader, "entry-point-value-invalid", node, &err);
        return false;
    }
    if (reference.extras.len && !project->for_record) {
        reader_add_warning(
            &project->reader, "entry-point-extras", node,
            "Add the requirements of these extras to the dependencies of the package",
            "Readers of entry points ignore extras");
    }
    return true;
}

static bool is_name(struct pyproject *project, const struct node *node, bool is_script) {
    struct error err;
    struct text name = text_from(node->key);
    const char *code = NULL;
    if (entry_point_name_check(name, &err)) {
        code = "entry-point-name-invalid";
    } else if (is_script && script_name_check(name, &err)) {
        code = "script-name-invalid";
    }
    if (code) {
        reader_add_error(&project->reader, code, node, &err);
    }
    return !code;
}

// [project.entry-points.honeyframe.plugins] is a table in a table: dots of a group must be quoted.
static bool is_entry(struct pyproject *project, const struct node *node, bool is_script) {
    if (!is_name(project, node, is_script)) {
        return false;
    }
    if (node->type == NODE_TABLE && !is_script) {
        const char *hint = arena_printf(
            project->reader.arena, "Quote a group with dots: [%s.\"%s.%s\"]",
            node_path(project->reader.arena, node->parent->parent), node->parent->key, node->key);
        reader_add(&project->reader, "entry-point-group-nested", node, hint,
                   "Groups of entry points cannot be nested");
        return false;
    }
    return reader_is(&project->reader, node, NODE_STRING) && is_value(project, node, is_script);
}

static void note_refused(struct pyproject *project, const char *group, const char *name) {
    if (!project->refused.group) {
        bool is_name_good = !entry_point_name_check(text_from(name), NULL);
        project->refused = (struct entry_point){group, is_name_good ? name : "", NULL};
    }
}

// What is wrong is left out of the release and told by a finding; the other entry points stay.
static void read_group(struct pyproject *project, const char *group, const struct node *table,
                       bool is_script) {
    struct release *release = project->release;
    if (!reader_is(&project->reader, table, NODE_TABLE) || !reserve(project, table, table->count)) {
        return;
    }
    for (const struct node *node = table->first; node; node = node->next) {
        if (is_entry(project, node, is_script)) {
            release->entry_points[release->entry_point_count++] =
                (struct entry_point){group, node->key, node->string};
        } else if (node->type != NODE_TABLE) {
            note_refused(project, group, node->key);
        }
    }
}

void project_keep_refused(struct pyproject *project) {
    struct release *release = project->release;
    if (!project->for_record || !project->refused.group || release->entry_point_count) {
        return;
    }
    release->entry_points = reader_array(&project->reader, 1, sizeof *release->entry_points);
    if (release->entry_points) {
        release->entry_points[release->entry_point_count++] = project->refused;
    }
}

void project_read_scripts(struct pyproject *project, const struct node *node) {
    read_group(project, console_scripts, node, true);
}

void project_read_gui_scripts(struct pyproject *project, const struct node *node) {
    read_group(project, gui_scripts, node, true);
}

// A walk lists a group that no registry indexes, with a warning; publishing it is an error.
static void read_free_group(struct pyproject *project, const struct node *table) {
    struct error err;
    if (entry_point_group_check(text_from(table->key), &err)) {
        if (!project->for_record) {
            reader_add_error(&project->reader, "entry-point-group-invalid", table, &err);
            return;
        }
        reader_add_warning(&project->reader, "group-not-indexed", table, NULL, "%s", err.message);
    }
    read_group(project, table->key, table, false);
}

// PEP 621: scripts have tables of their own, and these two names are an error in entry-points.
static void read_named_group(struct pyproject *project, const struct node *table) {
    bool console = strcmp(table->key, console_scripts) == 0;
    if (console || strcmp(table->key, gui_scripts) == 0) {
        reader_add(&project->reader, "entry-point-group-reserved", table,
                   console ? "Move them to [project.scripts]"
                           : "Move them to [project.gui-scripts]",
                   "The group \"%s\" has its own table", table->key);
        return;
    }
    read_free_group(project, table);
}

void project_read_entry_points(struct pyproject *project, const struct node *node) {
    if (!reader_is(&project->reader, node, NODE_TABLE)) {
        return;
    }
    for (const struct node *table = node->first; table; table = table->next) {
        read_named_group(project, table);
    }
}

// ---- [tool.poetry] ----
//
// What poetry-core builds when there is no [project] table:
//
//     [tool.poetry]
//     name = "acme-csv"
//     version = "1.0.0"
//     [tool.poetry.scripts]                   group console_scripts
//     acme = "acme_csv.cli:run"
//     old = { reference = "acme_csv.old:run", type = "console", extras = ["cli"] }
//     [tool.poetry.plugins."acme.exporters"]  any group
//     csv = "acme_csv:Exporter"

// The object reference of one script, or NULL when the script is a file (type = "file").
static const struct node *find_poetry_reference(const struct node *script) {
    if (script->type != NODE_TABLE) {
        return script;
    }
    const struct node *callable = node_find(script, "callable"); // before Poetry 1.2
    const struct node *type = node_find(script, "type");
    bool is_file = type && type->type == NODE_STRING && strcmp(type->string, "console") != 0;
    return callable ? callable : is_file ? NULL : node_find(script, "reference");
}

// Poetry writes "name = 'module:function'" or a table with the reference in it.
static void read_poetry_scripts(struct pyproject *project, const struct node *table) {
    struct release *release = project->release;
    if (!reader_is(&project->reader, table, NODE_TABLE) || !reserve(project, table, table->count)) {
        return;
    }
    for (const struct node *script = table->first; script; script = script->next) {
        const struct node *reference = find_poetry_reference(script);
        if (reference && is_name(project, script, true) &&
            reader_is(&project->reader, reference, NODE_STRING) &&
            is_value(project, reference, true)) {
            release->entry_points[release->entry_point_count++] =
                (struct entry_point){console_scripts, script->key, reference->string};
        } else if (reference) {
            note_refused(project, console_scripts, script->key);
        }
    }
}

static void read_poetry_plugins(struct pyproject *project, const struct node *groups) {
    if (!reader_is(&project->reader, groups, NODE_TABLE)) {
        return;
    }
    for (const struct node *group = groups->first; group; group = group->next) {
        if (entry_point_group_is_scripts(text_from(group->key))) {
            read_group(project, group->key, group, true);
        } else {
            read_free_group(project, group);
        }
    }
}

// With poetry-dynamic-versioning the version is a placeholder, and only the build knows the real one.
static void read_poetry_version(struct pyproject *project, const struct node *root,
                                const struct node *table) {
    const struct node *version = node_find(table, "version");
    if (node_find(node_find(root, "tool"), "poetry-dynamic-versioning")) {
        return;
    }
    if (version) {
        project_read_version(project, version);
    } else {
        reader_add_missing(&project->reader, "version-missing", table, "version", NULL);
    }
}

void project_read_poetry(struct pyproject *project, const struct node *root,
                         const struct node *table) {
    static const struct {
        const char *key;
        void (*read)(struct pyproject *project, const struct node *node);
    } rows[] = {{"name", project_read_name},
                {"description", project_read_description},
                {"scripts", read_poetry_scripts},
                {"plugins", read_poetry_plugins}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct node *node = node_find(table, rows[i].key);
        if (node) {
            rows[i].read(project, node);
        }
    }
    read_poetry_version(project, root, table);
}

// ---- import names ----

// The name of an item without "; private"; empty when the item is not one.
static struct text name_of(const struct node *item) {
    struct text rest = text_from(item->string);
    struct text name = {0};
    struct text word;
    text_split(&rest, ';', &name);
    name = text_trim(name);
    bool good = !rest.ptr || text_equals(text_trim(rest), "private");
    struct text parts = name;
    while (text_split(&parts, '.', &word)) {
        good = good && python_text_is_identifier(word) && !python_text_is_keyword(word);
    }
    return good ? name : (struct text){0};
}

static bool has_name(const struct node *list, struct text name) {
    bool is_list = list && list->type == NODE_LIST;
    for (const struct node *item = is_list ? list->first : NULL; item; item = item->next) {
        struct text other = item->type == NODE_STRING ? name_of(item) : (struct text){0};
        if (other.len == name.len && name.len && memcmp(other.ptr, name.ptr, name.len) == 0) {
            return true;
        }
    }
    return false;
}

// PEP 794: "a.b" is importable only where "a" is named as well.
static void check_parents(struct pyproject *project, const struct node *item, struct text name) {
    const struct node *names = node_find(project->table, "import-names");
    const struct node *spaces = node_find(project->table, "import-namespaces");
    for (size_t i = 0; i < name.len; i++) {
        struct text parent = {name.ptr, i};
        if (name.ptr[i] == '.' && !has_name(names, parent) && !has_name(spaces, parent)) {
            reader_add_warning(&project->reader, "import-parent-missing", item,
                               "Add the parent to import-names or import-namespaces",
                               "The parent \"%.*s\" is not named", (int)parent.len, parent.ptr);
            return;
        }
    }
}

static void check_names(struct pyproject *project, const struct node *node) {
    if (!reader_is(&project->reader, node, NODE_LIST) || !reader_is_short(&project->reader, node)) {
        return;
    }
    for (const struct node *item = node->first; item; item = item->next) {
        if (!reader_is_line(&project->reader, item)) {
            continue;
        }
        struct text name = name_of(item);
        if (!name.len) {
            reader_add(&project->reader, "import-name-invalid", item, NULL,
                       "\"%s\" is not a dotted name, with \"; private\" behind it at most",
                       item->string);
        } else {
            check_parents(project, item, name);
        }
    }
}

void project_read_import_names(struct pyproject *project, const struct node *node) {
    check_names(project, node);
}

void project_read_import_namespaces(struct pyproject *project, const struct node *node) {
    const struct node *names = node_find(project->table, "import-names");
    check_names(project, node);
    if (node->type != NODE_LIST) {
        return;
    }
    if (!node->count) {
        reader_add(&project->reader, "import-name-invalid", node, "Remove the key",
                   "import-namespaces must not be empty");
    }
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->type == NODE_STRING && has_name(names, name_of(item))) {
            reader_add(&project->reader, "import-name-twice", item, NULL,
                       "\"%s\" is also listed in import-names", item->string);
        }
    }
}
