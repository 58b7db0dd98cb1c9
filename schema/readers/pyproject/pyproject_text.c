// SPDX-License-Identifier: MIT
// The keys of [project] that are texts, lists of texts, people and addresses. The README may come as bytes:
// the client reads it and calls the reader once more, because a reader of the schema opens no file.
//
//     license = "MIT"                    PEP 639: an SPDX expression
//     license = { file = "LICENSE" }     PEP 621, deprecated: accepted, nothing is stored
//     readme = "README.md"               the type follows from the ending
//     readme = { text = "…", content-type = "text/plain" }
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/packaging/metadata/content_type.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/license.h"
#include "schema/packaging/metadata/mailbox.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/specifier.h"

#include <string.h>

// ---- texts ----

// The release keeps the author's spelling. The normal form is made only to see whether there is
// one.
void project_read_name(struct pyproject *project, const struct node *node) {
    const char *normalized;
    struct error err;
    if (!reader_is_line(&project->reader, node)) {
        return;
    }
    if (name_normalize(project->reader.arena, text_from(node->string), &normalized, &err)) {
        reader_add_error(&project->reader, "name-invalid", node, &err);
        return;
    }
    project->release->name = node->string;
}

// Likewise: "v1.0-RC.1" is kept here, and the rules of a release store "1.0rc1".
void project_read_version(struct pyproject *project, const struct node *node) {
    const struct version *version;
    struct error err;
    if (!reader_is_line(&project->reader, node)) {
        return;
    }
    if (version_parse(project->reader.arena, text_from(node->string), &version, &err)) {
        reader_add_error(&project->reader, "version-invalid", node, &err);
        return;
    }
    project->release->version = node->string;
}

void project_read_description(struct pyproject *project, const struct node *node) {
    if (reader_is_line(&project->reader, node)) {
        project->release->summary = node->string;
    }
}

void project_read_requires_python(struct pyproject *project, const struct node *node) {
    const struct specifier_set *set;
    struct error err;
    if (!reader_is_line(&project->reader, node)) {
        return;
    }
    if (specifier_set_parse(project->reader.arena, text_from(node->string), &set, &err)) {
        reader_add_error(&project->reader, "requires-python-invalid", node, &err);
        return;
    }
    project->release->requires_python = node->string;
}

// "README.MD" is Markdown as well.
static bool ends_with(const char *text, const char *ending) {
    size_t len = strlen(text);
    size_t tail = strlen(ending);
    return len >= tail && strcasecmp(text + len - tail, ending) == 0;
}

// The description from the README's bytes, when the caller gave them. Control characters, which a
// document does not carry, become spaces.
static void take_readme(struct pyproject *project) {
    const struct source_file *readme = project->readme;
    struct error err;
    if (!readme) {
        return;
    }
    if (reader_check_bytes(readme, LIMIT_README_BYTES, &err)) {
        findings_add_error(project->reader.findings, "readme-unreadable", &err);
        return;
    }
    char *text = arena_copy(project->reader.arena, readme->bytes, readme->len);
    project->reader.findings->no_memory |= !text;
    for (char *c = text; c && *c; c++) {
        bool control = (unsigned char)*c < 0x20 || *c == 0x7f;
        *c = control && !strchr("\t\r\n", *c) ? ' ' : *c;
    }
    project->release->description = text;
}

// The path is remembered even when it was not asked for: the caller reads that file and comes again
// with its bytes. It must stay inside the project, since the README is published.
static void read_readme_file(struct pyproject *project, const struct node *node) {
    if (reader_is_line(&project->reader, node) && reader_is_inside(&project->reader, node)) {
        project->readme_path = node->string;
        take_readme(project);
    }
}

// readme = "README.md": the type follows from the ending.
static void read_readme_path(struct pyproject *project, const struct node *node) {
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {{".md", "text/markdown"}, {".rst", "text/x-rst"}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (ends_with(node->string, types[i].ending)) {
            project->release->description_content_type = types[i].type;
        }
    }
    if (!project->release->description_content_type) {
        reader_add(&project->reader, "readme-type-unknown", node,
                   "Write readme = { file = \"…\", content-type = \"text/plain\" }",
                   "The type of \"%s\" is unknown: the name ends in neither .md nor .rst",
                   node->string);
    }
    read_readme_file(project, node);
}

// "text/markdown; variant=GFM": a type that an index can show, with the parameters it allows.
static void read_content_type(struct pyproject *project, const struct node *node) {
    if (!reader_is_line(&project->reader, node)) {
        return;
    }
    struct error err;
    if (content_type_check(text_from(node->string), &err)) {
        reader_add_error(&project->reader, "content-type-invalid", node, &err);
        return;
    }
    project->release->description_content_type = node->string;
}

// Whether exactly one of `file` and `text` is there.
static bool has_one_source(struct pyproject *project, const struct node *table) {
    bool one = !node_find(table, "file") != !node_find(table, "text");
    if (!one) {
        reader_add(&project->reader, "file-or-text", table, NULL,
                   "The table needs exactly one of \"file\" and \"text\"");
    }
    return one;
}

// readme = {file = "README.txt", content-type = "text/plain"}, or text in place of file.
static void read_readme_table(struct pyproject *project, const struct node *table) {
    static const char *const keys[] = {"file", "text", "content-type"};
    const struct node *type = node_find(table, "content-type");
    project_check_keys(project, table, keys, COUNT_OF(keys));
    if (type) {
        read_content_type(project, type);
    } else {
        reader_add_missing(&project->reader, "key-missing", table, "content-type", NULL);
    }
    if (!has_one_source(project, table)) {
        return;
    }
    const struct node *text = node_find(table, "text");
    if (!text) {
        read_readme_file(project, node_find(table, "file"));
    } else if (reader_is(&project->reader, text, NODE_STRING)) {
        project->release->description = text->string;
    }
}

void project_read_readme(struct pyproject *project, const struct node *node) {
    if (node->type == NODE_TABLE) {
        read_readme_table(project, node);
    } else if (reader_is(&project->reader, node, NODE_STRING)) {
        read_readme_path(project, node);
    }
}

// The form before PEP 639: license = {text = "MIT"}. Checked, and not stored.
static void read_license_table(struct pyproject *project, const struct node *table) {
    static const char *const keys[] = {"file", "text"};
    project_check_keys(project, table, keys, COUNT_OF(keys));
    if (has_one_source(project, table)) {
        reader_is(&project->reader, table->first, NODE_STRING);
    }
    if (node_find(project->table, "license-files")) {
        reader_add(&project->reader, "license-table-with-files", table,
                   "Write license = \"MIT\" (an SPDX expression)",
                   "A license table cannot be combined with license-files");
        return;
    }
    if (!project->for_record) {
        reader_add_warning(
            &project->reader, "license-table-deprecated", table,
            "Write license = \"MIT\" (an SPDX expression) and license-files = [\"LICENSE\"]",
            "A license table is deprecated (PEP 639) and is not stored");
    }
}

void project_read_license(struct pyproject *project, const struct node *node) {
    struct license license;
    struct error err;
    if (node->type == NODE_TABLE) {
        read_license_table(project, node);
        return;
    }
    if (!reader_is_line(&project->reader, node)) {
        return;
    }
    if (license_parse(project->reader.arena, text_from(node->string), &license, &err)) {
        reader_add_error(&project->reader, "license-invalid", node, &err);
        return;
    }
    project->release->license_expression = license.expression;
}

// PEP 639: "LICENSES/*.txt" is good; "/etc/x", "..\\x" and "a/../../x" are not.
static void check_glob(struct pyproject *project, const struct node *item) {
    struct text rest = text_from(item->string);
    struct text piece;
    bool good = rest.len && rest.ptr[0] != '/' && !strchr(item->string, '\\');
    while (text_split(&rest, '/', &piece)) {
        good = good && !text_equals(piece, "..");
    }
    if (!good) {
        reader_add(&project->reader, "license-files-invalid", item, NULL,
                   "\"%s\" is not a relative pattern with / and without ..", item->string);
    }
}

void project_read_license_files(struct pyproject *project, const struct node *node) {
    if (!reader_is(&project->reader, node, NODE_LIST)) {
        return;
    }
    for (const struct node *item = node->first; item; item = item->next) {
        if (reader_is_line(&project->reader, item)) {
            check_glob(project, item);
        }
    }
}

// A list of texts of one line each.
static struct strings read_lines(struct pyproject *project, const struct node *node) {
    bool good =
        reader_is(&project->reader, node, NODE_LIST) && reader_is_short(&project->reader, node);
    for (const struct node *item = good ? node->first : NULL; item; item = item->next) {
        reader_is_line(&project->reader, item);
    }
    return good ? reader_strings(&project->reader, node) : (struct strings){0};
}

void project_read_keywords(struct pyproject *project, const struct node *node) {
    project->release->keywords = read_lines(project, node);
}

void project_read_classifiers(struct pyproject *project, const struct node *node) {
    project->release->classifiers = read_lines(project, node);
}

// ---- people and addresses ----

// Names and addresses become one list in METADATA, in which a comma separates people.
static const char *read_person_name(struct pyproject *project, const struct node *node) {
    if (!node || !reader_is_line(&project->reader, node)) {
        return NULL;
    }
    if (strchr(node->string, ',')) {
        reader_add(&project->reader, "author-invalid", node, "Write one table for each person",
                   "A name must not contain a comma");
        return NULL;
    }
    return node->string;
}

// A wrong address costs itself alone: the person's name is kept.
static const char *read_email(struct pyproject *project, const struct node *node) {
    if (!node || !reader_is_line(&project->reader, node)) {
        return NULL;
    }
    struct error err;
    if (email_check(text_from(node->string), &err)) {
        reader_add_error(&project->reader, "author-invalid", node, &err);
        return NULL;
    }
    return node->string;
}

// {name = "Ann", email = "ann@example.org"}; False when nothing of it can be kept.
static bool read_person(struct pyproject *project, const struct node *item,
                        struct person *ret_person) {
    static const char *const keys[] = {"name", "email"};
    if (!reader_is(&project->reader, item, NODE_TABLE)) {
        return false;
    }
    project_check_keys(project, item, keys, COUNT_OF(keys));
    const struct node *name = node_find(item, "name");
    const struct node *email = node_find(item, "email");
    if (!name && !email) {
        reader_add(&project->reader, "author-empty", item, NULL,
                   "A person needs a name, an email, or both");
    }
    ret_person->name = read_person_name(project, name);
    ret_person->email = read_email(project, email);
    return ret_person->name || ret_person->email;
}

// Good people move up, so the array has no gaps where bad ones were.
static size_t read_people(struct pyproject *project, const struct node *node,
                          struct person **ret_people) {
    size_t count = 0;
    if (!reader_is(&project->reader, node, NODE_LIST) || !reader_is_short(&project->reader, node)) {
        return 0;
    }
    struct person *people = reader_array(&project->reader, node->count, sizeof *people);
    for (const struct node *item = people ? node->first : NULL; item; item = item->next) {
        count += read_person(project, item, &people[count]);
    }
    *ret_people = people;
    return count;
}

void project_read_authors(struct pyproject *project, const struct node *node) {
    project->release->author_count = read_people(project, node, &project->release->authors);
}

// A release document has no maintainers. They are read for the findings, and the list is dropped.
void project_read_maintainers(struct pyproject *project, const struct node *node) {
    struct person *people;
    read_people(project, node, &people);
}

// Both halves are checked, so that one run reports a bad label and a bad address.
static bool is_url(struct pyproject *project, const struct node *node) {
    struct error err;
    if (!reader_is_line(&project->reader, node)) {
        return false;
    }
    enum status label = url_label_check(text_from(node->key), &err);
    if (label) {
        reader_add_error(&project->reader, "url-label-invalid", node, &err);
    }
    enum status url = web_url_check(text_from(node->string), &err);
    if (url) {
        reader_add_error(&project->reader, "url-invalid", node, &err);
    }
    return !label && !url;
}

void project_read_urls(struct pyproject *project, const struct node *node) {
    struct release *release = project->release;
    if (!reader_is(&project->reader, node, NODE_TABLE) ||
        !reader_is_short(&project->reader, node)) {
        return;
    }
    release->project_urls =
        reader_array(&project->reader, node->count, sizeof *release->project_urls);
    for (const struct node *item = release->project_urls ? node->first : NULL; item;
         item = item->next) {
        if (is_url(project, item)) {
            release->project_urls[release->project_url_count++] =
                (struct project_url){item->key, item->string};
        }
    }
}
