// SPDX-License-Identifier: MIT
// Standard output holds the list for an installer, so what is missing goes to standard error, and the exit code
// stops a deployment that reads neither.
#include "client/cli/input/missing.h"

#include <stdio.h>

static const char *text_of(struct output *errors, const json_t *item, const char *key) {
    const char *text = json_string_value(json_object_get(item, key));
    return output_text(errors, text ? text : "?");
}

// On standard error, because standard output holds the list that pip reads.
size_t missing_report(struct cli *cli, const json_t *list) {
    struct output errors = output_errors(&cli->output);
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item) {
        output_print(&errors, COLOR_YELLOW, "%s is missing (%s): %s.\n",
                     text_of(&errors, item, "package"), text_of(&errors, item, "code"),
                     text_of(&errors, item, "detail"));
    }
    cli->output.no_memory |= errors.no_memory;
    return json_array_size(list);
}
