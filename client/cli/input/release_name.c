// SPDX-License-Identifier: MIT
// Package and release names on the command line. Only the form is checked: the registry normalises names
// and versions.
#include "client/cli/input/release_name.h"

#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"

#include <string.h>

enum { PATH_BYTES = 64 * 1024 };

// "crm 1.2" in two arguments or "crm==1.2" in one, but not both at once.
enum status release_name_parse(const struct cli *cli, struct release_name *ret_name,
                               struct error *err) {
    const char *name = cli->arguments[0];
    const char *equals = strstr(name, "==");
    const char *version = cli->argument_count > 1 ? cli->arguments[1] : equals ? equals + 2 : NULL;
    size_t name_len = equals ? (size_t)(equals - name) : strlen(name);
    if (!name_len || (version && !*version) || (equals && cli->argument_count > 1)) {
        return fail(err, STATUS_USAGE, NULL,
                    "Invalid name \"%s\". Use PACKAGE or PACKAGE==VERSION.", name);
    }
    const char *package = arena_copy(cli->arena, name, name_len);
    if (!package) {
        return fail_no_memory(err);
    }
    *ret_name = (struct release_name){package, version};
    return STATUS_OK;
}

const char *release_name_path(const struct cli *cli, const struct release_name *name,
                              const char *tail) {
    scoped(buffer_done) struct buffer path;
    buffer_init(&path, PATH_BYTES);
    buffer_add_string(&path, "/v1/packages/");
    api_call_add_encoded(&path, name->package);
    if (name->version) {
        buffer_add_string(&path, "/releases/");
        api_call_add_encoded(&path, name->version);
    }
    buffer_add_string(&path, tail);
    return path.failed ? NULL : arena_strdup(cli->arena, path.ptr);
}

const char *release_name_text(struct cli *cli, const struct release_name *name) {
    const char *package = output_text(&cli->output, name->package);
    return name->version ? arena_printf(cli->arena, "%s %s", package,
                                        output_text(&cli->output, name->version))
                         : package;
}
