// SPDX-License-Identifier: MIT
// A limit may stand at the control group of the process or at any above it, so all of them up to the
// root are read, and the least counts. In a container the group's path often names the host's tree, and
// the files are found at the mount point itself.
#include "registryd/memory_limit.h"

#include "schema/base/cleanup.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The rest is for the tables in memory, the cache, PostgreSQL and the kernel.
enum { QUARTER = 4 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// What the file says; SIZE_MAX when it is not there, or says "max".
static size_t read_limit(const char *folder, const char *name) {
    char path[PATH_MAX];
    unsigned long long bytes = 0;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        return SIZE_MAX;
    }
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    return file && fscanf(file, "%llu", &bytes) == 1 && bytes ? (size_t)bytes : SIZE_MAX;
}

// Of the group at `path` below `mount`, and of all above it.
static size_t read_limits_up(const char *mount, const char *path, const char *name) {
    char folder[PATH_MAX];
    size_t limit = read_limit(mount, name);
    if (snprintf(folder, sizeof folder, "%s%s", mount, path) >= (int)sizeof folder) {
        return limit;
    }
    for (char *slash = strrchr(folder, '/'); slash && slash >= folder + strlen(mount);
         slash = strrchr(folder, '/')) {
        limit = least(limit, read_limit(folder, name));
        *slash = '\0';
    }
    return limit;
}

// A line is "0::/path" for version 2, "5:memory:/path" for version 1.
static size_t group_limit(void) {
    char line[PATH_MAX];
    size_t limit = SIZE_MAX;
    scoped(cleanup_file) FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *controllers = strchr(line, ':');
        const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) {
            continue;
        }
        if (strncmp(line, "0::", 3) == 0) {
            limit = least(limit, read_limits_up("/sys/fs/cgroup", path + 1, "memory.max"));
        } else if (strncmp(controllers, ":memory:", 8) == 0) {
            limit = least(
                limit, read_limits_up("/sys/fs/cgroup/memory", path + 1, "memory.limit_in_bytes"));
        }
    }
    return limit;
}

size_t memory_limit_budget(size_t wanted) {
    if (wanted) {
        return wanted;
    }
    size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    return least(machine, group_limit()) / QUARTER;
}

// glibc makes up to eight arenas for each processor, and an arena keeps what was freed in it. Fewer
// arenas and an early trim give memory back after a burst of large requests.
void memory_limit_tune(void) {
    enum { ARENAS_PER_PROCESSOR = 2, KIB = 1024 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    mallopt(M_ARENA_MAX, (int)(processors > 0 ? processors : 1) * ARENAS_PER_PROCESSOR);
    mallopt(M_MMAP_THRESHOLD, 512 * KIB);
    mallopt(M_TRIM_THRESHOLD, 1024 * KIB);
}
