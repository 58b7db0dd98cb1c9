// SPDX-License-Identifier: MIT
// import-names and import-namespaces (PEP 794): dotted identifiers, optionally "; private". They are
// checked; the release document has no place for them.
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/text.h"
#include "schema/packaging/python_text.h"

#include <string.h>

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

static void check_parents(struct project *project, const struct node *item, struct text name) {
    const struct node *names = node_find(project->table, "import-names");
    const struct node *spaces = node_find(project->table, "import-namespaces");
    for (size_t i = 0; i < name.len; i++) {
        struct text parent = {name.ptr, i};
        if (name.ptr[i] == '.' && !has_name(names, parent) && !has_name(spaces, parent)) {
            reader_add_warning(&project->reader, "import-parent-missing", item,
                               "Name it in import-names or import-namespaces",
                               "The parent \"%.*s\" is not named", (int)parent.len, parent.ptr);
            return;
        }
    }
}

static void check_names(struct project *project, const struct node *node) {
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

void project_read_import_names(struct project *project, const struct node *node) {
    check_names(project, node);
}

void project_read_import_namespaces(struct project *project, const struct node *node) {
    const struct node *names = node_find(project->table, "import-names");
    check_names(project, node);
    if (node->type != NODE_LIST) {
        return;
    }
    if (!node->count) {
        reader_add(&project->reader, "import-name-invalid", node, "Leave the key out",
                   "import-namespaces may not be empty");
    }
    for (const struct node *item = node->first; item; item = item->next) {
        if (item->type == NODE_STRING && has_name(names, name_of(item))) {
            reader_add(&project->reader, "import-name-twice", item, NULL,
                       "\"%s\" is in import-names too", item->string);
        }
    }
}
