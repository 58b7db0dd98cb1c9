// SPDX-License-Identifier: MIT
// Choosing and becoming the account. Order matters: groups while we still may, the user last, then the proof that
// there is no way back. All three ids are set (real, effective, saved), or the saved one would be that way.
// Called on the main thread before there is another.
#include "registryd/privileges.h"

#include "schema/base/list.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char *const default_users[] = {"registryd", "postgres"};

static const struct passwd *find_default_user(void) {
    const struct passwd *entry = NULL;
    for (size_t i = 0; i < COUNT_OF(default_users) && !entry; i++) {
        entry = getpwnam(default_users[i]);
    }
    return entry;
}

static void copy_account(const struct passwd *entry, bool change, struct account *ret_account) {
    *ret_account = (struct account){.uid = entry->pw_uid, .gid = entry->pw_gid, .change = change};
    snprintf(ret_account->name, sizeof ret_account->name, "%s", entry->pw_name);
}

// PostgreSQL refuses to run as root, and registryd has no need to.
static enum status find_for_root(const char *user, struct account *ret_account, struct error *err) {
    const struct passwd *entry = user ? getpwnam(user) : find_default_user();
    if (!entry && user) {
        return fail(err, STATUS_USAGE, NULL,
                    "There is no user \"%s\". Create one with: useradd --system %s", user, user);
    }
    if (!entry) {
        return fail(
            err, STATUS_USAGE, NULL,
            "registryd does not run as root, and there is no user to become. Create one with: "
            "useradd --system registryd");
    }
    if (entry->pw_uid == 0) {
        return fail(err, STATUS_USAGE, NULL,
                    "registryd does not run as root. Set --user to an unprivileged user.");
    }
    copy_account(entry, true, ret_account);
    return STATUS_OK;
}

enum status account_find(const char *user, struct account *ret_account, struct error *err) {
    if (geteuid() == 0) {
        return find_for_root(user, ret_account, err);
    }
    const struct passwd *entry = getpwuid(geteuid());
    if (user && (!entry || strcmp(entry->pw_name, user) != 0)) {
        return fail(
            err, STATUS_USAGE, NULL,
            "Only root can become the user \"%s\". Start registryd as root or as that user.", user);
    }
    if (entry) {
        copy_account(entry, false, ret_account);
    } else {
        // No name for our number, as in some containers: enough with --database-url.
        *ret_account = (struct account){.uid = geteuid(), .gid = getegid()};
    }
    return STATUS_OK;
}

// Groups first: without root they could not be given up any more. That root is gone for good is tried, not
// believed.
enum status account_become(const struct account *account, struct error *err) {
    if (!account->change) {
        return STATUS_OK;
    }
    if (initgroups(account->name, account->gid) || // setgroups with the groups of that user
        setresgid(account->gid, account->gid, account->gid) ||
        setresuid(account->uid, account->uid, account->uid)) {
        return fail(err, STATUS_INTERNAL, NULL, "Cannot become user %s: %s", account->name,
                    strerror(errno));
    }
    if (geteuid() != account->uid || getegid() != account->gid || setuid(0) == 0 ||
        setgid(0) == 0) {
        return fail(err, STATUS_INTERNAL, NULL,
                    "The process became user %s, but can still become root again", account->name);
    }
    // The change of user hides /proc/self and core dumps from ourselves; we hold no secrets of root.
    prctl(PR_SET_DUMPABLE, 1);
    return STATUS_OK;
}
