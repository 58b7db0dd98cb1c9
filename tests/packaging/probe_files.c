// SPDX-License-Identifier: MIT
// The probe's verbs on whole metadata files.
#include "tests/packaging/probe.h"

#include "schema/packaging/entry_points_txt.h"

static void put_lints(const struct lints *lints) {
    for (size_t i = 0; i < lints->count; i++) {
        printf("\t%s:%zu", lints->items[i].kind->code, lints->items[i].line);
    }
}

static void put_field(const char *text) {
    putchar('\t');
    put_text(text_from(text));
}

// entry-points TEXT: group, name, value of each entry; "--"; code:line of each lint
static void answer_entry_points(const struct question *q) {
    const struct entry_points_txt *file;
    enum status status = entry_points_txt_parse(q->arena, q->arguments[0], &file, NULL);
    if (status != STATUS_OK) {
        put_failure(status);
        return;
    }
    printf("ok");
    for (size_t i = 0; i < file->count; i++) {
        put_field(file->entries[i].group);
        put_field(file->entries[i].name);
        put_field(file->entries[i].value);
    }
    printf("\t--");
    put_lints(&file->lints);
}

const struct verb file_verbs[] = {
    {"entry-points", 1, answer_entry_points},
    {0},
};
