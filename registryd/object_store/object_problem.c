// SPDX-License-Identifier: MIT
// Two texts of a small document. They go to the log and choose nothing but words: what a refusal means is its HTTP
// status. So no XML parser reads what a stranger may send; a look for two elements does, which ignores entities,
// comments and everything else that XML can say.
#include "registryd/object_store/object_problem.h"

#include <string.h>

// The text between `open` and the next '<'.
static void copy_element(struct text body, const char *open, char *room, size_t size) {
    size_t open_len = strlen(open);
    const char *start = body.len ? memmem(body.ptr, body.len, open, open_len) : NULL;
    size_t len = 0;
    if (start) {
        start += open_len;
        size_t left = (size_t)(body.ptr + body.len - start);
        const char *end = memchr(start, '<', left);
        len = end ? (size_t)(end - start) : left;
        len = len < size - 1 ? len : size - 1;
        memcpy(room, start, len);
    }
    room[len] = '\0';
    if (strlen(room) != len) { // bytes behind a NUL are no text
        room[0] = '\0';
    }
    text_make_printable(room);
}

void object_problem_parse(struct text body, struct object_problem *ret_problem) {
    copy_element(body, "<Code>", ret_problem->code, sizeof ret_problem->code);
    copy_element(body, "<Message>", ret_problem->message, sizeof ret_problem->message);
}
