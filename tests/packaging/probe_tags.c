// SPDX-License-Identifier: MIT
// The probe's verbs on artifact file names and compatibility tags.
#include "tests/packaging/probe.h"

#include "schema/packaging/tags.h"

static void put_tags(const struct wheel_tags *tags) {
    putchar('\t');
    for (size_t i = 0; i < tags->count; i++) {
        printf("%s%s", i ? "." : "", tags->items[i]);
    }
}

// wheel FILE: name, version, build, the three tag sets
static void answer_wheel(const struct query *q) {
    const struct wheel_name *name;
    enum status status = wheel_name_parse(q->arena, q->arguments[0], &name, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s\t%s\t%s", name->normalized_name, version_string(name->version), name->build);
    put_tags(&name->pythons);
    put_tags(&name->abis);
    put_tags(&name->platforms);
}

// sdist FILE: name, version
static void answer_sdist(const struct query *q) {
    const struct sdist_name *name;
    enum status status = sdist_name_parse(q->arena, q->arguments[0], &name, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok\t%s\t%s", name->normalized_name, version_string(name->version));
}

static enum status read_tags(const struct query *q, struct tags *ret_tags) {
    struct tags_facts facts = {q->arguments[0], q->arguments[1], q->arguments[2], q->arguments[3]};
    return tags_init(ret_tags, q->arena, &facts, NULL);
}

// tags PYTHON IMPLEMENTATION ABI PLATFORM: every tag, best first
static void answer_tags(const struct query *q) {
    struct tags tags;
    enum status status = read_tags(q, &tags);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    for (size_t i = 0; i < tags.row_count; i++) {
        const struct tags_row *row = &tags.rows[i];
        size_t count = row->any_platform ? 1 : tags.platform_count;
        for (size_t j = 0; j < count; j++) {
            printf("\t%s-%s-%s", row->interpreter, row->abi,
                   row->any_platform ? "any" : tags.platforms[j]);
        }
    }
}

// accept PYTHON IMPLEMENTATION ABI PLATFORM FILE: the rank of the wheel, or "no"
static void answer_accept(const struct query *q) {
    struct tags tags;
    const struct wheel_name *name;
    size_t rank;
    enum status status = read_tags(q, &tags);
    if (status == STATUS_OK) {
        status = wheel_name_parse(q->arena, q->arguments[4], &name, NULL);
    }
    if (status != STATUS_OK) {
        put_failure(status);
    } else if (tags_accept(&tags, name, &rank)) {
        printf("%zu", rank);
    } else {
        printf("no");
    }
}

const struct verb tag_verbs[] = {
    {"wheel", 1, answer_wheel},
    {"sdist", 1, answer_sdist},
    {"tags", 4, answer_tags},
    {"accept", 5, answer_accept},
    {0},
};
