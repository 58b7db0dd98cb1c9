// SPDX-License-Identifier: MIT
// The public surface of the library: its version, and opening and closing a handle. Opening sends no
// request and needs nothing but files, so that it can be in the small library (client/library/): a host
// that only looks plugins up loads neither libcurl nor the readers of archives.
#include "client/public/handle.h"
#include "client/public/handle_error.h"

#include "schema/base/cleanup.h"

const char *registry_version(void) {
    return REGISTRYD_VERSION;
}

const char *registry_status_name(int status) {
    return status_info((enum status)status)->wire_name;
}

static enum status open_handle(const struct registry_options *options, struct registry **ret,
                               struct error *err) {
    struct connection given = {0};
    if (options) {
        given = (struct connection){
            .url = options->url,
            .token = options->token,
            .environment = options->environment,
            .timeout_ms = options->timeout_ms,
            .insecure_plain = options->insecure_plain,
            .is_cancelled = options->is_cancelled,
            .cancel_context = options->cancel_context,
        };
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct registry *registry = arena ? arena_alloc(arena, sizeof *registry) : NULL;
    if (!registry) {
        return fail_no_memory(err);
    }
    registry->arena = arena;
    enum status status = connection_init(arena, &given, &registry->connection, err);
    if (status) {
        return status;
    }
    status = offline_init(registry, options, err);
    if (status) {
        return status;
    }
    arena = NULL; // the handle owns it now
    *ret = registry;
    return STATUS_OK;
}

int registry_open(const struct registry_options *options, struct registry **ret,
                  struct registry_error *err) {
    struct error fault = {0};
    return handle_error(err, open_handle(options, ret, &fault), &fault);
}

void registry_close(struct registry *registry) {
    if (registry) {
        offline_done(registry);
        arena_free(registry->arena);
    }
}
