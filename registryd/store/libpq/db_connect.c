// SPDX-License-Identifier: MIT
// Making a connection without ever blocking: libpq's asynchronous connect, driven by poll up to the
// deadline. The options bound what the server and the kernel may do behind our back.
#include "registryd/store/libpq/db_handle.h"

#include "schema/base/cleanup.h"

#include <poll.h>
#include <string.h>
#include <time.h>

static void free_options(PQconninfoOption **options) {
    PQconninfoFree(*options);
}

// libpq's texts end in newlines and may have several lines.
struct db_reason db_reason(const char *said) {
    struct db_reason reason;
    size_t len = 0;
    for (const char *c = said && *said ? said : "libpq gave no reason"; *c; c++) {
        char plain = *c == '\n' || *c == '\t' ? ' ' : *c == '"' ? '\'' : *c;
        bool doubled = plain == ' ' && (!len || reason.text[len - 1] == ' ');
        if (!doubled && len + 1 < sizeof reason.text) {
            reason.text[len++] = plain;
        }
    }
    len -= len && reason.text[len - 1] == ' ';
    reason.text[len] = '\0';
    return reason;
}

static enum status fail_with_detail(struct error *err, enum status status, const char *detail) {
    return fail(err, status, NULL, "%s", db_reason(detail).text);
}

static enum status parse_conninfo(const char *conninfo, PQconninfoOption **ret_options,
                                  struct error *err) {
    char *detail = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &detail);
    if (options) {
        *ret_options = options;
        return STATUS_OK;
    }
    // libpq gives no text only when it is out of memory.
    enum status status = detail ? fail_with_detail(err, STATUS_USAGE, detail) : fail_no_memory(err);
    PQfreemem(detail);
    return status;
}

enum status db_conninfo_check(const char *conninfo, struct error *err) {
    scoped(free_options) PQconninfoOption *options = NULL;
    return parse_conninfo(conninfo, &options, err);
}

enum status db_conninfo_user(const char *conninfo, char **ret_user, struct error *err) {
    scoped(free_options) PQconninfoOption *options = NULL;
    enum status status = parse_conninfo(conninfo, &options, err);
    const char *user = NULL;
    for (const PQconninfoOption *option = options; !status && option->keyword; option++) {
        user = strcmp(option->keyword, "user") == 0 ? option->val : user;
    }
    if (status) {
        return status;
    }
    if (!user) {
        return fail(err, STATUS_USAGE, "database-url",
                    "database-url must name its user when database-owner-url is set");
    }
    *ret_user = strdup(user);
    return *ret_user ? STATUS_OK : fail_no_memory(err);
}

// Within quotes libpq reads \' and \\ as the character itself.
static void add_quoted(struct buffer *text, const char *value) {
    buffer_add_string(text, "'");
    for (const char *c = value; *c; c++) {
        buffer_add(text, "\\", *c == '\'' || *c == '\\');
        buffer_add(text, c, 1);
    }
    buffer_add_string(text, "'");
}

// libpq marks what must not be shown ("*") itself, so that a keyword of a newer libpq is masked too.
static bool is_secret(const PQconninfoOption *option) {
    return option->dispchar[0] == '*' || strstr(option->keyword, "password");
}

enum status db_conninfo_mask(const char *conninfo, struct buffer *ret_text, struct error *err) {
    scoped(free_options) PQconninfoOption *options = NULL;
    if (parse_conninfo(conninfo, &options, NULL)) {
        return fail(err, STATUS_USAGE, NULL, "The connection string cannot be parsed");
    }
    const char *separator = "";
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val) {
            buffer_printf(ret_text, "%s%s=", separator, option->keyword);
            add_quoted(ret_text, is_secret(option) ? "***" : option->val);
            separator = " ";
        }
    }
    return ret_text->failed ? fail_no_memory(err) : STATUS_OK;
}

// The time limits on the server's side, after the options the user gave, so that both hold.
static enum status make_options(const struct db_settings *settings, struct buffer *ret_options,
                                struct error *err) {
    scoped(free_options) PQconninfoOption *options = NULL;
    enum status status = parse_conninfo(settings->conninfo, &options, err);
    if (status) {
        return status;
    }
    buffer_init(ret_options, 4096);
    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (strcmp(option->keyword, "options") == 0 && option->val) {
            buffer_printf(ret_options, "%s ", option->val);
        }
    }
    int lock_ms = settings->timeout_ms < 2000 ? settings->timeout_ms : 2000;
    buffer_printf(ret_options,
                  "-c statement_timeout=%d -c lock_timeout=%d "
                  "-c idle_in_transaction_session_timeout=%d",
                  settings->timeout_ms, lock_ms, 2 * settings->timeout_ms);
    return ret_options->failed ? fail_no_memory(err) : STATUS_OK;
}

static PGconn *start_connecting(const char *conninfo, const char *options) {
    // What stands before dbname are defaults that the user's string may change; what stands after
    // it holds in every case.
    // tcp_user_timeout is in milliseconds, the other times are in seconds. Together they notice a
    // dead server within ten seconds of silence.
    const char *const keywords[] = {
        "fallback_application_name",
        "connect_timeout",
        "tcp_user_timeout",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "dbname",
        "target_session_attrs",
        "client_encoding",
        "options",
        NULL,
    };
    const char *const values[] = {
        "registryd", "2", "5000", "5", "2", "2", conninfo, "read-write", "UTF8", options, NULL,
    };
    return PQconnectStartParams(keywords, values, 1);
}

// libpq says what it waits for; the socket may be another one after each step (several hosts, several
// addresses), so it is asked for anew.
static enum status finish_connecting(struct db *db, struct error *err) {
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
        if (wanted == PGRES_POLLING_FAILED) {
            return fail_with_detail(err, STATUS_UNAVAILABLE, PQerrorMessage(db->connection));
        }
        short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        enum status status = db_wait_socket(db, events, err);
        if (status) {
            return status;
        }
        wanted = PQconnectPoll(db->connection);
    }
    return STATUS_OK;
}

// A commit that a standby was to confirm and did not arrives as a warning. Its text is translated;
// the name of the server's function is not.
static void receive_notice(void *context, const PGresult *notice) {
    struct db *db = context;
    const char *function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
    const char *detail = PQresultErrorField(notice, PG_DIAG_MESSAGE_DETAIL);
    if ((function && strcmp(function, "SyncRepWaitForLSN") == 0) ||
        (detail && strstr(detail, "committed locally"))) {
        db->unreplicated = true;
    }
}

CLEANUP_DEFINE(struct db *, close_db, db_close)

// The connection is non-blocking from the start of its use: every wait goes through db_wait_socket.
enum status db_open(const struct db_settings *settings, int64_t deadline_ms, struct db **ret_db,
                    struct error *err) {
    scoped(buffer_done) struct buffer options = {0};
    enum status status = make_options(settings, &options, err);
    if (status) {
        return status;
    }
    scoped(close_db) struct db *db = calloc(1, sizeof *db);
    if (!db) {
        return fail_no_memory(err);
    }
    db->log = settings->log;
    db->deadline_ms = deadline_ms;
    db->connection = start_connecting(settings->conninfo, options.ptr);
    if (!db->connection) {
        return fail_no_memory(err);
    }
    if (PQstatus(db->connection) == CONNECTION_BAD) {
        return fail_with_detail(err, STATUS_UNAVAILABLE, PQerrorMessage(db->connection));
    }
    PQsetNoticeReceiver(db->connection, receive_notice, db);
    status = finish_connecting(db, err);
    if (status) {
        return status;
    }
    if (PQsetnonblocking(db->connection, 1)) {
        return fail_no_memory(err);
    }
    *ret_db = take(db);
    return STATUS_OK;
}

void db_close(struct db *db) {
    if (db) {
        PQfinish(db->connection);
        free(db);
    }
}
