// SPDX-License-Identifier: MIT
// registry_refresh: the one call that brings a handle's snapshot up to date.
#include "client/public/handle.h"
#include "client/snapshot/snapshot_pull.h"
#include "schema/base/cleanup.h"

static enum status pull(const struct registry *registry, int timeout_ms, struct error *err) {
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct snapshot_pulled pulled;
    struct connection connection = registry->connection;
    connection.timeout_ms = timeout_ms > 0 ? timeout_ms : connection.timeout_ms;
    return arena ? snapshot_pull(arena, &connection, &registry->offline.selector, &pulled, err)
                 : fail_no_memory(err);
}

static enum status refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                           struct error *err) {
    if (!registry) {
        return fail(err, STATUS_USAGE, NULL, "An open registry is needed");
    }
    bool is_asked = timeout_ms >= 0 && !registry->offline.selector.is_any;
    enum status failed = is_asked ? pull(registry, timeout_ms, err) : STATUS_OK;
    return failed ? failed : offline_map(registry, ret_changed, err);
}

int registry_refresh(struct registry *registry, int timeout_ms, bool *ret_changed,
                     struct registry_error *err) {
    struct error fault = {0};
    bool changed = false;
    enum status failed = refresh(registry, timeout_ms, &changed, &fault);
    if (ret_changed) {
        *ret_changed = changed;
    }
    return handle_error(err, failed, &fault);
}
