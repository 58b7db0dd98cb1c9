// SPDX-License-Identifier: MIT
// Checks of several settings together, and of the number that the table of settings takes as a text: it may be
// higher than an int holds.
#include "registryd/config/database_settings.h"

#include "schema/base/text.h"

#include <errno.h>
#include <stdlib.h>

// The direct connection is what a pooler in transaction mode cannot do: to listen, and to hold a lock that is the
// session's.
static enum status check_pooler(const struct config *config, struct error *err) {
    bool is_pooled = config->database_pool_mode == POOL_MODE_TRANSACTION;
    return is_pooled && !config->database_direct_url
               ? fail(err, STATUS_USAGE, "database-pool-mode",
                      "A pooler in transaction mode cannot deliver notifications. Set "
                      "--database-direct-url to a connection that leads past it.")
               : STATUS_OK;
}

static enum status check_private(const struct config *config, struct error *err) {
    const char *key = config->read_database_url     ? "read-database-url"
                      : config->database_direct_url ? "database-direct-url"
                                                    : NULL;
    return key && !config->database_url
               ? fail(err, STATUS_USAGE, key,
                      "--%s needs --database-url: the private PostgreSQL has neither a standby "
                      "nor a pooler",
                      key)
               : STATUS_OK;
}

static enum status read_history(const char *text, int64_t *ret_number, struct error *err) {
    char *end = NULL;
    errno = 0;
    long long number = text ? strtoll(text, &end, 10) : 0;
    if (text && (errno || *end || !is_digit(*text) || !number)) {
        return fail(err, STATUS_USAGE, "accept-history",
                    "\"%s\" is not the number of an epoch. The log names it where a database is "
                    "refused.",
                    text);
    }
    *ret_number = number;
    return STATUS_OK;
}

enum status database_settings_check(const struct config *config, int64_t *ret_accepted_history,
                                    struct error *err) {
    enum status status = check_pooler(config, err);
    if (status) {
        return status;
    }
    status = check_private(config, err);
    return status ? status : read_history(config->accept_history, ret_accepted_history, err);
}
