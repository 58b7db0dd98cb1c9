// SPDX-License-Identifier: MIT
// The question of source_registry.h as text. Apart from source_registry.c, so that what only reads files
// can be linked without libcurl.
#include "client/remote/source_registry.h"

const char *source_registry_question(struct arena *arena, const char *environment,
                                     const struct registry_question *question) {
    size_t count = question->group_count + question->fact_count + 3;
    struct question_part *parts = arena_array(arena, count, sizeof *parts);
    size_t at = 0;
    if (!parts) {
        return NULL;
    }
    parts[at++] = (struct question_part){"environment", environment};
    parts[at++] = (struct question_part){"python", question->python};
    parts[at++] = (struct question_part){"prereleases", question->prereleases ? "1" : NULL};
    for (size_t i = 0; i < question->group_count; i++) {
        parts[at++] = (struct question_part){"group", question->groups[i]};
    }
    for (size_t i = 0; i < question->fact_count; i++) {
        parts[at++] = question->facts[i];
    }
    return question_write(arena, parts, at);
}
