// SPDX-License-Identifier: MIT
// Looking for initdb and postgres. The distributions put the major version into the folder's name,
// so a start need not run anything; only a folder given or found in the PATH is asked.
#include "registryd/postgres/postgres_programs.h"

#include "registryd/postgres/program.h"

#include "schema/base/cleanup.h"
#include "schema/base/text.h"
#include "schema/base/list.h"

#include <string.h>

enum { NEWEST_MAJOR = 99, VERSION_TIMEOUT_MS = 10000 };

static const char *const version_folders[] = {
    "/usr/lib/postgresql/%d/bin", // Debian, Ubuntu
    "/usr/pgsql-%d/bin",          // the PostgreSQL project's RPMs
};

static bool use_folder(const char *folder, struct postgres_programs *ret_programs) {
    struct postgres_programs *p = ret_programs;
    if (snprintf(p->initdb, sizeof p->initdb, "%s/initdb", folder) >= (int)sizeof p->initdb) {
        return false;
    }
    snprintf(p->postgres, sizeof p->postgres, "%s/postgres", folder);
    return access(p->initdb, X_OK) == 0 && access(p->postgres, X_OK) == 0;
}

static bool find_version(int major, struct postgres_programs *ret_programs) {
    for (size_t i = 0; i < COUNT_OF(version_folders); i++) {
        char folder[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // the formats are the table above
        snprintf(folder, sizeof folder, version_folders[i], major);
#pragma GCC diagnostic pop
        if (use_folder(folder, ret_programs)) {
            ret_programs->major = major;
            return true;
        }
    }
    return false;
}

static bool find_newest(struct postgres_programs *ret_programs) {
    for (int major = NEWEST_MAJOR; major >= POSTGRES_OLDEST_MAJOR; major--) {
        if (find_version(major, ret_programs)) {
            return true;
        }
    }
    return false;
}

static bool find_in_path(struct postgres_programs *ret_programs) {
    struct text rest = text_from(getenv("PATH"));
    struct text piece;
    while (text_split(&rest, ':', &piece)) {
        char folder[PATH_MAX];
        if (piece.len && piece.ptr[0] == '/' && piece.len < sizeof folder) {
            memcpy(folder, piece.ptr, piece.len);
            folder[piece.len] = '\0';
            if (use_folder(folder, ret_programs)) {
                return true;
            }
        }
    }
    return false;
}

// "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)"
static enum status ask_version(struct postgres_programs *programs, struct error *err) {
    const char *argv[] = {programs->postgres, "--version", NULL};
    struct program_output output;
    enum status status = program_run(argv, VERSION_TIMEOUT_MS, &output, err);
    if (status) {
        return status;
    }
    const char *number = strstr(output.text, "(PostgreSQL) ");
    programs->major = number ? (int)strtol(number + strlen("(PostgreSQL) "), NULL, 10) : 0;
    if (programs->major < POSTGRES_OLDEST_MAJOR) {
        return fail(err, STATUS_IO, NULL, "%s is not PostgreSQL %d or newer (it says: %.80s)",
                    programs->postgres, POSTGRES_OLDEST_MAJOR, output.text);
    }
    return STATUS_OK;
}

static enum status fail_wrong_version(int wanted, int found, struct error *err) {
    return fail(
        err, STATUS_CONFLICT, NULL,
        "the private PostgreSQL was made by version %d, but only version %d is here; install "
        "postgresql-%d, or move: dump with version %d (pg_dump), then start on an empty data "
        "directory and load the dump (docs/OPERATIONS.md, \"Moving\")",
        wanted, found, wanted, wanted);
}

enum status postgres_programs_find(const char *bin_dir, int wanted_major,
                                   struct postgres_programs *ret_programs, struct error *err) {
    struct postgres_programs programs = {0};
    enum status status = STATUS_OK;
    if (bin_dir) {
        if (!use_folder(bin_dir, &programs)) {
            return fail(err, STATUS_IO, NULL, "There are no programs initdb and postgres in %s",
                        bin_dir);
        }
        status = ask_version(&programs, err);
    } else if ((wanted_major && find_version(wanted_major, &programs)) || find_newest(&programs)) {
        status = STATUS_OK;
    } else if (find_in_path(&programs)) {
        status = ask_version(&programs, err);
    } else {
        return fail(err, STATUS_IO, NULL,
                    "PostgreSQL is not installed: install it (apt-get install postgresql), say "
                    "where it is with --postgres-bin DIR, or use another one with --database-url");
    }
    if (!status && wanted_major && programs.major != wanted_major) {
        status = fail_wrong_version(wanted_major, programs.major, err);
    }
    if (!status) {
        *ret_programs = programs;
    }
    return status;
}
