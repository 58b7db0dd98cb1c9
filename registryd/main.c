// SPDX-License-Identifier: MIT
// registryd: what the command line asks for, and the one clear line when it cannot be done. Everything here
// is before the first thread. The exit code comes from the status (docs/STATUS.md), so that a unit file can
// tell a wrong setting, which a restart does not mend, from a database that is away.
#include "registryd/config/config.h"
#include "registryd/daemon.h"
#include "registryd/http/routes.h"
#include "registryd/log_stderr.h"
#include "registryd/store/libpq/db.h"

#include "schema/base/arena.h"
#include "schema/base/cleanup.h"

// The one line that a unit's log shows: "registryd: WHERE: MESSAGE".
static int report(const struct error *err) {
    fprintf(stderr, "registryd: %s%s%s\n", err->where, *err->where ? ": " : "", err->message);
    return status_info(err->status)->exit_code;
}

static int print(const char *text, struct error *err) {
    if (!text || fputs(text, stdout) == EOF || fflush(stdout)) {
        fail(err, STATUS_IO, NULL, "Cannot write to standard output");
        return report(err);
    }
    return 0;
}

static int run(const struct config *config, struct error *err) {
    const struct log_sink log =
        log_stderr((enum log_level)config->log_level, config->log_format == LOG_FORMAT_JSON);
    struct daemon *daemon = NULL;
    if (daemon_start(config, &log, &daemon, err)) {
        return report(err);
    }
    enum status status = daemon_run(daemon, err);
    daemon_stop(daemon); // also after a failure: the private PostgreSQL must not be left behind
    return status ? report(err) : 0;
}

int main(int argc, char **argv) {
    struct error err = {0};
    struct config_result result;
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    (void)argc;
    if (!arena) {
        fail_no_memory(&err);
        return report(&err);
    }
    if (config_load(arena, (const char *const *)argv, (const char *const *)environ, &result,
                    &err)) {
        return report(&err);
    }
    switch (result.action) {
    case CONFIG_HELP:
        return print(config_help(arena), &err);
    case CONFIG_VERSION:
        return print("registryd " REGISTRYD_VERSION "\n", &err);
    case CONFIG_PRINT:
        return print(config_print(arena, &result, db_conninfo_mask), &err);
    case CONFIG_PRINT_ROUTES:
        return print(routes_print(arena), &err);
    case CONFIG_RUN:
        break;
    }
    return run(&result.config, &err);
}
