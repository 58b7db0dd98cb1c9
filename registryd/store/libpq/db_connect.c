// SPDX-License-Identifier: MIT
// Making a connection without ever blocking: libpq's asynchronous connect, driven by poll up to the
// deadline. The options bound what the server and the kernel may do behind our back. The hosts of the string
// are tried one by one, each for its part of the time, so that a silent one cannot use up all of it.
#include "registryd/store/libpq/db_handle.h"

#include "registryd/store/libpq/db_hosts.h"
#include "schema/base/cleanup.h"
#include "schema/base/clock.h"

#include <poll.h>
#include <string.h>
#include <time.h>

// Of all hosts and addresses; what the log has room for is cut from it.
enum { REASONS_BYTES_MAX = 1024 * 1024 };

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
static enum status make_options(const struct db_settings *settings, const struct db_hosts *hosts,
                                struct buffer *ret_options, struct error *err) {
    int lock_ms = settings->timeout_ms < 2000 ? settings->timeout_ms : 2000;
    buffer_init(ret_options, 4096);
    buffer_printf(ret_options,
                  "%s -c statement_timeout=%d -c lock_timeout=%d "
                  "-c idle_in_transaction_session_timeout=%d%s",
                  db_hosts_option(hosts, "options"), settings->timeout_ms, lock_ms,
                  2 * settings->timeout_ms,
                  settings->reads_only ? " -c default_transaction_read_only=on" : "");
    return ret_options->failed ? fail_no_memory(err) : STATUS_OK;
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

// One opening of a connection, over all hosts: what stays the same from host to host.
struct opening {
    const struct db_settings *settings;
    struct db_hosts *hosts;
    const char *options;   // with the time limits
    int64_t deadline_ms;   // of the whole
    struct buffer reasons; // why each host was not taken
};

static enum status start_connecting(const struct opening *opening, const struct db_place *place,
                                    PGconn **ret_connection, struct error *err) {
    // A pooler in transaction mode knows no options, and the pair of NULL ends the list there.
    // What a pooler says of the server is what it heard when its pool was made, so check_role asks the server.
    const struct db_settings *settings = opening->settings;
    const char *wanted = settings->is_pooled    ? "any"
                         : settings->reads_only ? "standby"
                                                : "read-write";
    const char *const fixed[][2] = {{"target_session_attrs", wanted},
                                    {"client_encoding", "UTF8"},
                                    {settings->is_pooled ? NULL : "options", opening->options},
                                    {NULL, NULL}};
    scoped(db_parameters_done) struct db_parameters parameters = {0};
    enum status status = db_hosts_parameters(opening->hosts, place, fixed, &parameters, err);
    if (status) {
        return status;
    }
    *ret_connection = PQconnectStartParams(parameters.keywords, parameters.values, 0);
    return *ret_connection ? STATUS_OK : fail_no_memory(err);
}

// Behind a pooler: is the server of the kind that is wanted?
static enum status check_role(struct db *db, const struct db_settings *settings,
                              struct error *err) {
    static const struct db_column column = {"is_standby", DB_COLUMN_BOOL, 0, 0};
    static const struct db_columns columns = {&column, 1, 0, NULL};
    scoped(db_rows_done) struct db_rows rows = {.columns = &columns};
    bool is_standby = false;
    enum status status = db_run(db, &(struct db_call){SQL_SERVER_ROLE}, &rows, err);
    if (status) {
        return status;
    }
    status = db_rows_next(&rows, &is_standby, err);
    if (status) {
        return status;
    }
    return is_standby == settings->reads_only
               ? STATUS_OK
               : fail(err, STATUS_UNAVAILABLE, NULL, "the server behind the pooler is %s",
                      is_standby ? "a standby" : "no standby");
}

// The gate does not know where the connection leads.
static enum status ask_admission(const struct opening *opening, const struct db_place *place,
                                 struct db *db, struct error *err) {
    const struct db_settings *settings = opening->settings;
    struct error reason = {0};
    enum status status =
        settings->admit ? settings->admit(settings->admit_context, db, &reason) : STATUS_OK;
    return status ? fail(err, status, NULL, "%s port %s: %s",
                         *place->name ? place->name : place->address, place->port, reason.message)
                  : STATUS_OK;
}

// The connection is non-blocking from the start of its use: every wait goes through db_wait_socket.
static enum status open_place(const struct opening *opening, const struct db_place *place,
                              int64_t until_ms, struct db **ret_db, struct error *err) {
    scoped(close_db) struct db *db = calloc(1, sizeof *db);
    if (!db) {
        return fail_no_memory(err);
    }
    // Who reads from a standby says itself that it is lost.
    db->log = opening->settings->reads_only ? NULL : opening->settings->log;
    db->pooled = opening->settings->is_pooled;
    db->deadline_ms = until_ms;
    enum status status = start_connecting(opening, place, &db->connection, err);
    if (status) {
        return status;
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
    status = opening->settings->is_pooled ? check_role(db, opening->settings, err) : STATUS_OK;
    if (status) {
        return status;
    }
    status = ask_admission(opening, place, db, err);
    if (status) {
        return status;
    }
    db->deadline_ms = opening->deadline_ms;
    *ret_db = take(db);
    return STATUS_OK;
}

// libpq gives a reason that names the place; only silence has no words of its own.
static void note_reason(struct opening *opening, const struct db_place *place, bool is_silent,
                        const struct error *reason) {
    if (is_silent) {
        const char *name = *place->name ? place->name : place->address;
        buffer_printf(&opening->reasons, "%s%s port %s: no answer in time",
                      opening->reasons.len ? "; " : "", name, place->port);
    } else {
        buffer_printf(&opening->reasons, "%s%s", opening->reasons.len ? "; " : "", reason->message);
    }
}

// Tries the addresses of one host. *ret_silent: the last one tried used up its time.
static enum status open_host(struct opening *opening, size_t index, int64_t until_ms,
                             struct db **ret_db, bool *ret_silent) {
    struct db_addresses addresses;
    db_hosts_resolve(opening->hosts, index, &addresses);
    struct db_place place = db_hosts_place(opening->hosts, index);
    size_t count = addresses.count ? addresses.count : 1;
    enum status status = STATUS_UNAVAILABLE;
    for (size_t i = 0; i < count && status == STATUS_UNAVAILABLE; i++) {
        struct error reason = {0};
        int64_t now_ms = monotonic_ms();
        int64_t end_ms = now_ms + (until_ms - now_ms) / (int64_t)(count - i);
        place.address = addresses.count ? addresses.texts[i] : place.address;
        status = open_place(opening, &place, end_ms, ret_db, &reason);
        *ret_silent = status == STATUS_UNAVAILABLE && monotonic_ms() >= end_ms;
        if (!status) {
            db_hosts_note_address(opening->hosts, index, place.address);
        } else {
            note_reason(opening, &place, *ret_silent, &reason);
        }
    }
    return status;
}

// A host that refuses leaves its time to the others.
static enum status open_hosts(struct opening *opening, struct db **ret_db, struct error *err) {
    size_t order[DB_HOSTS_MAX];
    size_t count = db_hosts_order(opening->hosts, order);
    int64_t begin_ms = monotonic_ms();
    int64_t whole_ms = opening->deadline_ms - begin_ms;
    enum status status = STATUS_UNAVAILABLE;
    for (size_t i = 0; i < count && status == STATUS_UNAVAILABLE; i++) {
        bool is_silent = false;
        int64_t now_ms = monotonic_ms();
        int64_t share_ms = db_hosts_share_ms(opening->hosts, order[i], count - i,
                                             opening->deadline_ms - now_ms, whole_ms);
        status = open_host(opening, order[i], now_ms + share_ms, ret_db, &is_silent);
        db_hosts_note(opening->hosts, order[i],
                      !status     ? DB_HOST_GOOD
                      : is_silent ? DB_HOST_SILENT
                                  : DB_HOST_UNTRIED);
    }
    if (status == STATUS_NO_MEMORY || opening->reasons.failed) {
        return fail_no_memory(err);
    }
    return status ? fail(err, status, NULL, "%s", opening->reasons.ptr) : STATUS_OK;
}

enum status db_open(const struct db_settings *settings, struct db_hosts *hosts, int64_t deadline_ms,
                    struct db **ret_db, struct error *err) {
    scoped(buffer_done) struct buffer options = {0};
    enum status status = make_options(settings, hosts, &options, err);
    if (status) {
        return status;
    }
    struct opening opening = {settings, hosts, options.ptr, deadline_ms, {0}};
    buffer_init(&opening.reasons, REASONS_BYTES_MAX);
    status = open_hosts(&opening, ret_db, err);
    buffer_done(&opening.reasons);
    return status;
}

void db_close(struct db *db) {
    if (db) {
        PQfinish(db->connection);
        free(db);
    }
}
