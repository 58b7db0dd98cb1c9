// SPDX-License-Identifier: MIT
// The limits and the system-call filter of confine.h; the only user of libseccomp. Opening anything is
// refused (libraries look for locale data and go on without), every other call that is not listed
// kills the process, which the daemon reports as a fault of that one artifact.
#include "registryd/extract/confine.h"

#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <seccomp.h>

// Hard and soft limits are the same, so the process cannot raise them again. No file may grow, no core is
// written, and no descriptor beyond the three standard ones can be opened.
static enum status set_limits(const struct confinement *confinement, struct error *err) {
    const struct {
        const char *name;
        __rlimit_resource_t resource;
        rlim_t value;
    } bounds[] = {
        {"memory", RLIMIT_AS,
         confinement->memory_bytes ? confinement->memory_bytes : RLIM_INFINITY},
        {"CPU", RLIMIT_CPU, confinement->cpu_seconds},
        {"file size", RLIMIT_FSIZE, 0},
        {"core", RLIMIT_CORE, 0},
        {"open files", RLIMIT_NOFILE, STDERR_FILENO + 1},
    };
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        struct rlimit limit = {bounds[i].value, bounds[i].value};
        if (setrlimit(bounds[i].resource, &limit)) {
            return fail(err, STATUS_IO, NULL, "cannot limit %s: %s", bounds[i].name,
                        strerror(errno));
        }
    }
    return STATUS_OK;
}

// What malloc, the parsers (qsort asks for the size of memory), the answer and the exit need.
static const int allowed_calls[] = {
    SCMP_SYS(read),         SCMP_SYS(write),    SCMP_SYS(close),        SCMP_SYS(fstat),
    SCMP_SYS(lseek),        SCMP_SYS(brk),      SCMP_SYS(mmap),         SCMP_SYS(munmap),
    SCMP_SYS(mremap),       SCMP_SYS(mprotect), SCMP_SYS(madvise),      SCMP_SYS(futex),
    SCMP_SYS(getrandom),    SCMP_SYS(sysinfo),  SCMP_SYS(gettimeofday), SCMP_SYS(clock_gettime),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(exit),     SCMP_SYS(exit_group),
};

// Calls that libraries make and can do without: refused, not deadly.
static const int refused_calls[] = {
    SCMP_SYS(open),   SCMP_SYS(openat),   SCMP_SYS(stat),       SCMP_SYS(newfstatat),
    SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
};

CLEANUP_DEFINE(scmp_filter_ctx, cleanup_filter, seccomp_release)

static int add_rules(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count) {
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++) {
        rc = seccomp_rule_add(filter, action, calls[i], 0);
    }
    return rc;
}

static enum status set_filter(struct error *err) {
    scoped(cleanup_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) {
        return fail_no_memory(err);
    }
    int rc = add_rules(filter, SCMP_ACT_ALLOW, allowed_calls, COUNT_OF(allowed_calls));
    if (!rc) {
        rc = add_rules(filter, SCMP_ACT_ERRNO(EACCES), refused_calls, COUNT_OF(refused_calls));
    }
    if (!rc) {
        rc = seccomp_load(filter);
    }
    return rc ? fail(err, STATUS_IO, NULL, "the kernel refuses the system-call filter: %s",
                     strerror(-rc))
              : STATUS_OK;
}

// The order matters: the filter forbids the calls that set the limits.
enum status confine(const struct confinement *confinement, struct error *err) {
    enum status status = set_limits(confinement, err);
    if (status) {
        return status;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) {
        return fail(err, STATUS_IO, NULL, "cannot give up privileges: %s", strerror(errno));
    }
    return confinement->filter_calls ? set_filter(err) : STATUS_OK;
}
