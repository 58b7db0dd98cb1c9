// SPDX-License-Identifier: MIT
// libpq is asked how it reads the connection string, because services and variables may name hosts as well:
// a connection that cannot begin (its session attributes are not valid) has all options, but has opened no
// socket. The lists are then split here as libpq splits them, and each attempt names one host only.
#include "registryd/store/libpq/db_hosts.h"

#include "registryd/store/libpq/db_handle.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <string.h>

enum { ADDRESS_SIZE = sizeof((struct db_addresses){0}).texts[0] };

struct database_host {
    char *name;    // owned, as the two below
    char *address; // hostaddr
    char *port;
    enum db_host_answer answer;
    char good_address[ADDRESS_SIZE]; // of a name that has several
};

// `lock` guards the answers and good addresses; everything else is never changed.
struct db_hosts {
    pthread_mutex_t lock;
    PQconninfoOption *options; // every option as libpq understood it; owned
    int64_t connect_ms;        // connect_timeout; 0 = none
    size_t count;
    struct database_host items[DB_HOSTS_MAX];
};

CLEANUP_DEFINE(struct db_hosts *, free_hosts, db_hosts_free)

static void finish_probe(PGconn **connection) {
    PQfinish(*connection);
}

const char *db_hosts_option(const struct db_hosts *hosts, const char *keyword) {
    for (const PQconninfoOption *option = hosts->options; option->keyword; option++) {
        if (strcmp(option->keyword, keyword) == 0) {
            return option->val ? option->val : "";
        }
    }
    return "";
}

// What stands before dbname are defaults that the user's string may change. tcp_user_timeout is in
// milliseconds, the other times are in seconds. Together they notice a dead server within ten seconds of
// silence.
static enum status ask_libpq(const char *conninfo, PQconninfoOption **ret_options,
                             struct error *err) {
    static const char *const keywords[] = {
        "fallback_application_name", "tcp_user_timeout",
        "keepalives_idle",           "keepalives_interval",
        "keepalives_count",          "dbname",
        "target_session_attrs",      NULL,
    };
    const char *const values[] = {
        "registryd", "5000", "5", "2", "2", conninfo, "none that libpq knows", NULL,
    };
    scoped(finish_probe) PGconn *probe = PQconnectStartParams(keywords, values, 1);
    PQconninfoOption *options = probe ? PQconninfo(probe) : NULL;
    if (!options) {
        return fail_no_memory(err);
    }
    *ret_options = options;
    return STATUS_OK;
}

static size_t count_items(const char *list) {
    size_t count = 1;
    for (const char *c = list; *c; c++) {
        count += *c == ',';
    }
    return count;
}

// The item of a list: of a list with one item that one, as libpq takes a single port for all hosts.
static char *copy_item(const char *list, size_t index) {
    for (size_t i = 0; i < index && strchr(list, ','); i++) {
        list = strchr(list, ',') + 1;
    }
    return strndup(list, strcspn(list, ","));
}

// Lists that do not fit together are left whole: libpq then says in its own words what is wrong.
static enum status split(struct db_hosts *hosts, struct error *err) {
    const char *names = db_hosts_option(hosts, "host");
    const char *addresses = db_hosts_option(hosts, "hostaddr");
    const char *ports = db_hosts_option(hosts, "port");
    size_t count = count_items(*addresses ? addresses : names);
    size_t port_count = count_items(ports);
    if (count > DB_HOSTS_MAX) {
        return fail(err, STATUS_USAGE, NULL, "The connection string names %zu hosts, at most %d",
                    count, DB_HOSTS_MAX);
    }
    bool is_odd = (*names && *addresses && count_items(names) != count) ||
                  (port_count != 1 && port_count != count);
    hosts->count = is_odd ? 1 : count;
    for (size_t i = 0; i < hosts->count; i++) {
        hosts->items[i] =
            (struct database_host){.name = is_odd ? strdup(names) : copy_item(names, i),
                                   .address = is_odd ? strdup(addresses) : copy_item(addresses, i),
                                   .port = is_odd ? strdup(ports) : copy_item(ports, i),
                                   .answer = DB_HOST_UNTRIED};
        if (!hosts->items[i].name || !hosts->items[i].address || !hosts->items[i].port) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

enum status db_hosts_new(const char *conninfo, struct db_hosts **ret_hosts, struct error *err) {
    scoped(free_hosts) struct db_hosts *hosts = calloc(1, sizeof *hosts);
    if (!hosts) {
        return fail_no_memory(err);
    }
    pthread_mutex_init(&hosts->lock, NULL);
    enum status status = ask_libpq(conninfo, &hosts->options, err);
    if (status) {
        return status;
    }
    long seconds = strtol(db_hosts_option(hosts, "connect_timeout"), NULL, 10);
    hosts->connect_ms = seconds > 0 && seconds < 3600 ? seconds * 1000 : 0;
    status = split(hosts, err);
    if (status) {
        return status;
    }
    *ret_hosts = take(hosts);
    return STATUS_OK;
}

void db_hosts_free(struct db_hosts *hosts) {
    if (!hosts) {
        return;
    }
    for (size_t i = 0; i < hosts->count; i++) {
        free(hosts->items[i].name);
        free(hosts->items[i].address);
        free(hosts->items[i].port);
    }
    PQconninfoFree(hosts->options);
    pthread_mutex_destroy(&hosts->lock);
    free(hosts);
}

size_t db_hosts_order(struct db_hosts *hosts, size_t *ret_order) {
    size_t count = 0;
    pthread_mutex_lock(&hosts->lock);
    for (int answer = DB_HOST_GOOD; answer <= DB_HOST_SILENT; answer++) {
        for (size_t i = 0; i < hosts->count; i++) {
            if ((int)hosts->items[i].answer == answer) {
                ret_order[count++] = i;
            }
        }
    }
    pthread_mutex_unlock(&hosts->lock);
    return count;
}

void db_hosts_note(struct db_hosts *hosts, size_t index, enum db_host_answer answer) {
    pthread_mutex_lock(&hosts->lock);
    for (size_t i = 0; answer == DB_HOST_GOOD && i < hosts->count; i++) {
        if (hosts->items[i].answer == DB_HOST_GOOD) {
            hosts->items[i].answer = DB_HOST_UNTRIED;
        }
    }
    hosts->items[index].answer = answer;
    pthread_mutex_unlock(&hosts->lock);
}

static int64_t shorter(int64_t a, int64_t b) {
    return a < b ? a : b;
}

int64_t db_hosts_share_ms(struct db_hosts *hosts, size_t index, size_t untried, int64_t left_ms,
                          int64_t whole_ms) {
    pthread_mutex_lock(&hosts->lock);
    bool was_silent = hosts->items[index].answer == DB_HOST_SILENT;
    pthread_mutex_unlock(&hosts->lock);
    int64_t share_ms = left_ms / (int64_t)untried;
    if (was_silent) {
        share_ms = shorter(share_ms, whole_ms / (int64_t)hosts->count);
    }
    return hosts->connect_ms ? shorter(share_ms, hosts->connect_ms) : share_ms;
}

struct db_place db_hosts_place(const struct db_hosts *hosts, size_t index) {
    const struct database_host *host = &hosts->items[index];
    return (struct db_place){host->name, host->address, host->port};
}

// ---- addresses ----

static bool add_address(struct db_addresses *addresses, const struct addrinfo *found) {
    char text[ADDRESS_SIZE];
    if (addresses->count == COUNT_OF(addresses->texts) ||
        getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, NULL, 0,
                    NI_NUMERICHOST)) {
        return false;
    }
    for (size_t i = 0; i < addresses->count; i++) {
        if (strcmp(addresses->texts[i], text) == 0) {
            return true;
        }
    }
    memcpy(addresses->texts[addresses->count++], text, sizeof text);
    return true;
}

static void put_first(struct db_addresses *addresses, const char *good) {
    for (size_t i = 1; i < addresses->count; i++) {
        if (strcmp(addresses->texts[i], good) == 0) {
            char text[ADDRESS_SIZE];
            memcpy(text, addresses->texts[i], sizeof text);
            memcpy(addresses->texts[i], addresses->texts[0], sizeof text);
            memcpy(addresses->texts[0], text, sizeof text);
        }
    }
}

// A list of hosts that was not split (split) is not a name.
void db_hosts_resolve(struct db_hosts *hosts, size_t index, struct db_addresses *ret_addresses) {
    const struct database_host *host = &hosts->items[index];
    struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    ret_addresses->count = 0;
    bool is_name = *host->name && !strpbrk(host->name, "/@,") && !*host->address;
    if (!is_name || getaddrinfo(host->name, NULL, &wanted, &found)) {
        return;
    }
    for (const struct addrinfo *one = found; one && add_address(ret_addresses, one);) {
        one = one->ai_next;
    }
    freeaddrinfo(found);
    if (ret_addresses->count < 2) {
        ret_addresses->count = 0;
        return;
    }
    pthread_mutex_lock(&hosts->lock);
    put_first(ret_addresses, host->good_address);
    pthread_mutex_unlock(&hosts->lock);
}

void db_hosts_note_address(struct db_hosts *hosts, size_t index, const char *address) {
    pthread_mutex_lock(&hosts->lock);
    snprintf(hosts->items[index].good_address, ADDRESS_SIZE, "%s", address);
    pthread_mutex_unlock(&hosts->lock);
}

// ---- for libpq ----

static bool is_place(const char *keyword) {
    return strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0 ||
           strcmp(keyword, "port") == 0;
}

// A service has given its options by now; read again, it would bring back its list of hosts.
static bool is_kept(const PQconninfoOption *option) {
    return option->val && *option->val && !is_place(option->keyword) &&
           strcmp(option->keyword, "service") != 0;
}

enum status db_hosts_parameters(const struct db_hosts *hosts, const struct db_place *place,
                                const char *const (*fixed)[2], struct db_parameters *ret_parameters,
                                struct error *err) {
    const char *const places[][2] = {
        {"host", place->name}, {"hostaddr", place->address}, {"port", place->port}, {NULL, NULL}};
    size_t room = COUNT_OF(places) + 1;
    for (const PQconninfoOption *option = hosts->options; option->keyword; option++) {
        room++;
    }
    for (size_t i = 0; fixed[i][0]; i++) {
        room++;
    }
    struct db_parameters made = {calloc(room, sizeof(char *)), calloc(room, sizeof(char *))};
    if (!made.keywords || !made.values) {
        db_parameters_done(&made);
        return fail_no_memory(err);
    }
    size_t count = 0;
    for (const PQconninfoOption *option = hosts->options; option->keyword; option++) {
        if (is_kept(option)) {
            made.keywords[count] = option->keyword;
            made.values[count++] = option->val;
        }
    }
    const char *const(*const pairs[])[2] = {places, fixed};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        for (size_t j = 0; pairs[i][j][0]; j++) {
            made.keywords[count] = pairs[i][j][0];
            made.values[count++] = pairs[i][j][1];
        }
    }
    *ret_parameters = made;
    return STATUS_OK;
}

void db_parameters_done(struct db_parameters *parameters) {
    free(parameters->keywords);
    free(parameters->values);
    *parameters = (struct db_parameters){0};
}
