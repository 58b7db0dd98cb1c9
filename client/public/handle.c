// SPDX-License-Identifier: MIT
// The public surface of the library: its version, errors, and opening a handle. Needs nothing but files:
// see client/library/.
#include "client/public/handle.h"

#include "schema/base/cleanup.h"

#include <assert.h>
#include <string.h>

const char *registry_version(void) {
    return REGISTRYD_VERSION;
}

const char *registry_status_name(int status) {
    return status_info((enum status)status)->wire_name;
}

int handle_error(struct registry_error *ret_err, enum status status, const struct error *err) {
    if (ret_err && status) {
        const char *code = status_info(status)->wire_name;
        *ret_err = (struct registry_error){.status = status};
        memcpy(ret_err->code, code, strnlen(code, sizeof ret_err->code - 1));
        static_assert(sizeof ret_err->where == sizeof err->where, "as long as ours");
        static_assert(sizeof ret_err->message == sizeof err->message, "as long as ours");
        memcpy(ret_err->where, err->where, sizeof err->where);
        memcpy(ret_err->message, err->message, sizeof err->message);
    }
    return status;
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
    enum status failed = connection_init(arena, &given, &registry->connection, err);
    failed = failed ? failed : offline_init(registry, options, err);
    if (!failed) {
        arena = NULL;
        *ret = registry;
    }
    return failed;
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
