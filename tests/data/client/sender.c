// SPDX-License-Identifier: MIT
/* A program that changes a registry, as somebody outside would write it.
 * usage: sender URL publish PATH | sender URL METHOD PATH [BODY] */
#include <registryclient.h>

#include <stdio.h>
#include <string.h>

static void print_answer(int status, const struct registry_error *err,
                         struct registry_answer *answer) {
    size_t count = 0;
    const struct registry_finding *findings =
        answer ? registry_answer_findings(answer, &count) : NULL;
    printf("%s\n", registry_status_name(status));
    printf("%s\n", status ? err->message : "-");
    printf("%s\n", answer && registry_answer_json(answer) ? registry_answer_json(answer) : "-");
    for (size_t i = 0; i < count; i++) {
        printf("%s %s\n", findings[i].is_error ? "error" : "warning", findings[i].code);
    }
    registry_answer_free(answer);
}

int main(int count, char **words) {
    struct registry_options options = {.url = words[1], .timeout_ms = 5000};
    struct registry *registry = NULL;
    struct registry_answer *answer = NULL;
    struct registry_error err = {0};
    int status = count < 4 ? -1 : registry_open(&options, &registry, &err);
    if (status) {
        return 2;
    }
    if (strcmp(words[2], "publish") == 0) {
        struct registry_publication publication = {.path = words[3]};
        status = registry_publish(registry, &publication, &answer, &err);
    } else {
        struct registry_request request = {
            .method = words[2], .path = words[3], .body = count > 4 ? words[4] : NULL};
        status = registry_send(registry, &request, &answer, &err);
    }
    print_answer(status, &err, answer);
    registry_close(registry);
    return 0;
}
