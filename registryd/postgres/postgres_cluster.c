// SPDX-License-Identifier: MIT
// initdb into a folder beside, then one rename: a crash half-way leaves nothing that looks like a cluster. The
// order is initdb, our configuration, syncfs, rename, fsync of the parent. After the rename the cluster is
// there for good, and is never removed or made again by a program.
//
// Two files of settings: postgresql.conf belongs to the operator from the first start on, and includes
// registryd.conf, which is written anew at every start. What stands below the include wins, so an operator can
// overrule each of our settings, and an upgrade can change them.
//
// Peer authentication: the kernel reports the user of the connecting process, and pg_ident.conf says which roles
// that user may take. The user that registryd runs as is the owner of everything only while migrations run; from
// then on it is the daemon's role, which cannot change the schema, or the role for backups, which only reads.
#include "registryd/postgres/postgres_cluster.h"

#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { INITDB_TIMEOUT_MS = 120000, REMOVE_TIMEOUT_MS = 60000, CONFIG_BYTES = 16 * 1024 };

static const char main_config[] =
    "# Created once by registryd. Edit it as you like: settings below the include override it.\n"
    "include = 'registryd.conf' # rewritten by registryd at every start\n";

static const char fixed_config[] =
    "# Written by registryd at every start. Change postgresql.conf instead.\n"
    "listen_addresses = ''\n"
    "port = 5432\n"
    "unix_socket_permissions = 0700\n"
    "max_connections = 120\n"
    "shared_buffers = 64MB\n"
    "fsync = on\n"
    "full_page_writes = on\n"
    "synchronous_commit = on\n"
    "jit = off\n"
    "min_wal_size = 2MB\n"
    "max_wal_size = 64MB\n"
    "max_wal_senders = 4\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "lc_messages = 'C'\n"
    "logging_collector = off\n"
    "log_destination = 'stderr'\n"
    "log_min_messages = warning\n"
    "log_line_prefix = '%m [%p] '\n"
    "restart_after_crash = on\n";

static const char access_rules[] = "# Written by registryd at every start: pg_ident.conf says "
                                   "who can connect.\n"
                                   "local all all peer map=registryd\n"
                                   "local replication all peer map=registryd\n";

static enum status fail_file(const char *path, const char *verb, struct error *err) {
    int error = errno;
    return fail(err, error == ENOSPC ? STATUS_DISK_FULL : STATUS_IO, NULL, "Cannot %s %s: %s", verb,
                path, strerror(error));
}

// PG_VERSION is the first thing a PostgreSQL of any version reads, too.
enum status postgres_cluster_version(const char *cluster_dir, int *ret_major, struct error *err) {
    char path[PATH_MAX];
    char text[32] = "";
    if (access(cluster_dir, F_OK)) {
        *ret_major = 0;
        return STATUS_OK;
    }
    snprintf(path, sizeof path, "%s/PG_VERSION", cluster_dir);
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    long major = fd < 0 || read(fd, text, sizeof text - 1) <= 0 ? 0 : strtol(text, NULL, 10);
    if (major <= 0 || major > INT_MAX) {
        return fail(err, STATUS_IO, NULL,
                    "%s is not a PostgreSQL cluster (no readable PG_VERSION). Move it away.",
                    cluster_dir);
    }
    *ret_major = (int)major;
    return STATUS_OK;
}

// Only ever called on the folder that initdb fills, which no other program uses.
static enum status remove_leftover(const char *path, struct error *err) {
    const char *argv[] = {"/bin/rm", "-rf", "--", path, NULL};
    struct program_output output;
    if (access(path, F_OK)) {
        return STATUS_OK;
    }
    enum status status = program_run(argv, REMOVE_TIMEOUT_MS, &output, err);
    if (status) {
        return status;
    }
    if (access(path, F_OK) == 0) {
        return fail(err, STATUS_IO, NULL, "Cannot remove what an interrupted start left: %s",
                    output.text);
    }
    return STATUS_OK;
}

// --no-sync: everything is synced at once afterwards. The locale C sorts by bytes, on every
// machine alike. Checksums cost little and tell a failing disk from a fault of ours.
static enum status run_initdb(const char *new_dir, const struct postgres_programs *programs,
                              struct error *err) {
    const char *argv[] = {
        programs->initdb,  "--pgdata",   new_dir,       "--username=registryd",
        "--encoding=UTF8", "--locale=C", "--auth=peer", "--data-checksums",
        "--wal-segsize=1", "--no-sync",  NULL,
    };
    struct program_output output;
    enum status status = program_run(argv, INITDB_TIMEOUT_MS, &output, err);
    if (status) {
        return status;
    }
    if (!WIFEXITED(output.exit_status) || WEXITSTATUS(output.exit_status) != 0) {
        const char *reason = strstr(output.text, "initdb: error: ");
        bool full = strstr(output.text, "No space left on device") != NULL;
        return fail(err, full ? STATUS_DISK_FULL : STATUS_IO, NULL, "%s failed: %s",
                    programs->initdb, reason ? reason : output.text);
    }
    return STATUS_OK;
}

// Whole or not at all, here too: a postmaster that starts meanwhile reads the old file or the new one.
static enum status write_file(const char *folder, const char *name, const char *text,
                              struct error *err) {
    char path[PATH_MAX];
    char fresh[PATH_MAX];
    snprintf(fresh, sizeof fresh, "%s/%s.new", folder, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    scoped(cleanup_fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || !descriptor_write(fd, text, strlen(text)) || fsync(fd) || rename(fresh, path)) {
        return fail_file(path, "write", err);
    }
    return STATUS_OK;
}

static enum status sync_folder_of(const char *path, struct error *err) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    scoped(cleanup_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) ? fail_file(folder, "sync", err) : STATUS_OK;
}

// Everything initdb wrote, at once: file by file, as initdb does it, takes seconds on a busy disk.
static enum status sync_all(const char *new_dir, struct error *err) {
    scoped(cleanup_fd) int fd = open(new_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || syncfs(fd) ? fail_file(new_dir, "sync", err) : STATUS_OK;
}

enum status postgres_cluster_make(const char *cluster_dir, const struct postgres_programs *programs,
                                  struct error *err) {
    char new_dir[PATH_MAX];
    snprintf(new_dir, sizeof new_dir, "%s.new", cluster_dir);
    enum status status = remove_leftover(new_dir, err);
    if (status) {
        return status;
    }
    status = run_initdb(new_dir, programs, err);
    if (status) {
        return status;
    }
    status = write_file(new_dir, "postgresql.conf", main_config, err);
    if (status) {
        return status;
    }
    status = sync_all(new_dir, err);
    if (status) {
        return status;
    }
    if (rename(new_dir, cluster_dir)) {
        return fail_file(cluster_dir, "make", err);
    }
    return sync_folder_of(cluster_dir, err);
}

// A name in double quotes is taken literally by pg_ident.conf; a quote in it is doubled.
static void add_map(struct buffer *page, const char *os_user, const char *role) {
    buffer_add_string(page, "registryd \"");
    for (const char *c = os_user; *c; c++) {
        buffer_add(page, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    buffer_printf(page, "\" %s\n", role);
}

static enum status write_page(const char *folder, const char *name, struct buffer *page,
                              struct error *err) {
    enum status status =
        page->failed ? fail_no_memory(err) : write_file(folder, name, page->ptr, err);
    buffer_done(page);
    return status;
}

enum status postgres_cluster_configure(const char *cluster_dir, int major, struct error *err) {
    struct buffer config;
    buffer_init(&config, CONFIG_BYTES);
    buffer_add_string(&config, fixed_config);
    if (major >= 14) { // notices within 2 s that the daemon behind a waiting query is gone
        buffer_add_string(&config, "client_connection_check_interval = '2s'\n");
    }
    enum status status = write_page(cluster_dir, "registryd.conf", &config, err);
    return status ? status : write_file(cluster_dir, "pg_hba.conf", access_rules, err);
}

enum status postgres_cluster_admit(const char *cluster_dir, const struct cluster_logins *logins,
                                   struct error *err) {
    struct buffer map;
    buffer_init(&map, CONFIG_BYTES);
    buffer_add_string(&map, "# Written by registryd: the operator is the owner of everything, the "
                            "user of the daemon only\n# while migrations run.\n");
    add_map(&map, logins->operator_user, "registryd");
    if (logins->daemon_is_owner) {
        add_map(&map, logins->daemon, "registryd");
    }
    add_map(&map, logins->daemon, "registryd_app");
    add_map(&map, logins->daemon, "registryd_backup");
    add_map(&map, logins->operator_user, "registryd_backup");
    return write_page(cluster_dir, "pg_ident.conf", &map, err);
}
