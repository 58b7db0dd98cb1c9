// SPDX-License-Identifier: MIT
// Scripts and entry points of [project]: all three keys fill one list.
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/limits.h"
#include "schema/packaging/entry_point.h"

#include <string.h>

static const char console_scripts[] = "console_scripts";
static const char gui_scripts[] = "gui_scripts";

// Makes room for `more` entries behind those there are.
static bool reserve(struct project *project, const struct node *place, size_t more) {
    struct release *release = project->release;
    size_t room = release->entry_point_count + more;
    if (room > LIMIT_ENTRY_POINTS) {
        reader_add(&project->reader, "too-many-items", place, NULL,
                   "More than %d entry points stand in one package", LIMIT_ENTRY_POINTS);
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

static bool is_value(struct project *project, const struct node *node, bool is_script) {
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
    if (reference.extras.len) {
        reader_add_warning(&project->reader, "entry-point-extras", node,
                           "Make what the entry point needs a dependency of the package",
                           "Extras of an entry point are ignored by readers");
    }
    return true;
}

static bool is_name(struct project *project, const struct node *node, bool is_script) {
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

static bool is_entry(struct project *project, const struct node *node, bool is_script) {
    if (!is_name(project, node, is_script)) {
        return false;
    }
    if (node->type == NODE_TABLE && !is_script) {
        const char *hint = arena_printf(project->reader.arena,
                                        "Quote a group with dots: [project.entry-points.\"%s.%s\"]",
                                        node->parent->key, node->key);
        reader_add(&project->reader, "entry-point-group-nested", node, hint,
                   "Groups of entry points do not nest");
        return false;
    }
    return reader_is(&project->reader, node, NODE_STRING) && is_value(project, node, is_script);
}

static void read_group(struct project *project, const char *group, const struct node *table,
                       bool is_script) {
    struct release *release = project->release;
    if (!reader_is(&project->reader, table, NODE_TABLE) || !reserve(project, table, table->count)) {
        return;
    }
    for (const struct node *node = table->first; node; node = node->next) {
        if (is_entry(project, node, is_script)) {
            release->entry_points[release->entry_point_count++] =
                (struct entry_point){group, node->key, node->string};
        }
    }
}

void project_read_scripts(struct project *project, const struct node *node) {
    read_group(project, console_scripts, node, true);
}

void project_read_gui_scripts(struct project *project, const struct node *node) {
    read_group(project, gui_scripts, node, true);
}

static void read_named_group(struct project *project, const struct node *table) {
    bool console = strcmp(table->key, console_scripts) == 0;
    struct error err;
    if (console || strcmp(table->key, gui_scripts) == 0) {
        reader_add(&project->reader, "entry-point-group-reserved", table,
                   console ? "Move them to [project.scripts]"
                           : "Move them to [project.gui-scripts]",
                   "The group \"%s\" has a table of its own", table->key);
        return;
    }
    if (entry_point_group_check(text_from(table->key), &err)) {
        if (!project->for_record) {
            reader_add_error(&project->reader, "entry-point-group-invalid", table, &err);
            return;
        }
        reader_add_warning(&project->reader, "group-not-indexed", table, NULL, "%s", err.message);
    }
    read_group(project, table->key, table, false);
}

void project_read_entry_points(struct project *project, const struct node *node) {
    if (!reader_is(&project->reader, node, NODE_TABLE)) {
        return;
    }
    for (const struct node *table = node->first; table; table = table->next) {
        read_named_group(project, table);
    }
}
