// SPDX-License-Identifier: MIT
// The keys of [project] about people and addresses.
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/text.h"
#include "schema/base/list.h"
#include "schema/packaging/metadata/labelled_url.h"
#include "schema/packaging/metadata/mailbox.h"

#include <string.h>

static const char *read_person_name(struct project *project, const struct node *node) {
    if (!node || !reader_is_line(&project->reader, node)) {
        return NULL;
    }
    if (strchr(node->string, ',')) {
        reader_add(&project->reader, "author-invalid", node,
                   "Give every person a table of their own", "A name may not have a comma");
        return NULL;
    }
    return node->string;
}

static const char *read_email(struct project *project, const struct node *node) {
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

static bool read_person(struct project *project, const struct node *item,
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

static size_t read_people(struct project *project, const struct node *node,
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

void project_read_authors(struct project *project, const struct node *node) {
    project->release->author_count = read_people(project, node, &project->release->authors);
}

void project_read_maintainers(struct project *project, const struct node *node) {
    struct person *people;
    read_people(project, node, &people);
}

static bool is_url(struct project *project, const struct node *node) {
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

void project_read_urls(struct project *project, const struct node *node) {
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
