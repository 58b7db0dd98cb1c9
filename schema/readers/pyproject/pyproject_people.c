// SPDX-License-Identifier: MIT
// The keys of [project] about people and addresses.
#include "schema/readers/pyproject/pyproject_fields.h"

#include "schema/base/text.h"
#include "schema/base/list.h"

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
    const char *at = strchr(node->string, '@');
    if (!at || at == node->string || !at[1] || strpbrk(node->string, ", <>")) {
        reader_add(&project->reader, "author-invalid", node, NULL, "\"%s\" is not an email address",
                   node->string);
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
    enum { LABEL_CHARACTERS = 32 };
    if (!reader_is_line(&project->reader, node)) {
        return false;
    }
    size_t label = count_characters(text_from(node->key));
    bool good_label = label > 0 && label <= LABEL_CHARACTERS;
    bool good = strncasecmp(node->string, "https://", 8) == 0 ||
                strncasecmp(node->string, "http://", 7) == 0;
    if (!good_label) {
        reader_add(&project->reader, "url-label-invalid", node, NULL,
                   "The label of a URL has 1 to %d characters", LABEL_CHARACTERS);
    }
    if (!good) {
        reader_add(&project->reader, "url-invalid", node, NULL,
                   "\"%s\" is not an address that begins with https:// or http://", node->string);
    }
    return good && good_label;
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
