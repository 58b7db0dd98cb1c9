// SPDX-License-Identifier: MIT
// The platform tags an operating system accepts, best first: every older glibc and the legacy names
// (PEP 600), every older musl of the same major (PEP 656), every older macOS with its fat formats. A legacy
// name is another spelling and not another platform: manylinux2014 is manylinux_2_17, wherever two tags are
// compared.
#include "schema/packaging/tags.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/base/list.h"

#include <string.h>

enum { NUMBER_MAX = 255 }; // of one part of an operating system's version

struct platform_list {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
    bool no_memory; // asked for once, at the end
};

// A platform taken apart: "manylinux_2_17_x86_64" is 2, 17, "x86_64".
struct system {
    long major; // of glibc, musl or macOS
    long minor;
    const char *arch; // "x86_64"
};

struct alias {
    const char *name; // without the architecture
    long minor;       // of glibc 2
};

static const struct alias aliases[] = {
    {"manylinux2014", 17},
    {"manylinux2010", 12},
    {"manylinux1", 5},
};

// Grows by doubling; a list has hundreds of items at most.
static void add(struct platform_list *list, const char *item) {
    if (item && list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        const char **grown = arena_array(list->arena, capacity, sizeof *grown);
        for (size_t i = 0; grown && i < list->count; i++) {
            grown[i] = list->items[i];
        }
        list->no_memory |= !grown;
        list->items = grown ? grown : list->items;
        list->capacity = grown ? capacity : list->capacity;
    }
    list->no_memory |= !item;
    if (!list->no_memory) {
        list->items[list->count++] = item;
    }
}

// manylinux wheels begin with glibc 2.5 on x86 and with 2.17 elsewhere.
static void add_glibc(struct platform_list *list, const struct system *system) {
    bool is_x86 = strcmp(system->arch, "x86_64") == 0 || strcmp(system->arch, "i686") == 0;
    long oldest = is_x86 ? 5 : 17;
    for (long minor = system->minor; minor >= oldest; minor--) {
        add(list, arena_printf(list->arena, "manylinux_2_%ld_%s", minor, system->arch));
        for (size_t i = 0; i < COUNT_OF(aliases); i++) {
            if (aliases[i].minor == minor) {
                add(list, arena_printf(list->arena, "%s_%s", aliases[i].name, system->arch));
            }
        }
    }
    add(list, arena_printf(list->arena, "linux_%s", system->arch));
}

// A wheel for musl 1.1 runs on 1.2, not on 2.0.
static void add_musl(struct platform_list *list, const struct system *system) {
    for (long minor = system->minor; minor >= 0; minor--) {
        add(list,
            arena_printf(list->arena, "musllinux_%ld_%ld_%s", system->major, minor, system->arch));
    }
    add(list, arena_printf(list->arena, "linux_%s", system->arch));
}

// The binary formats of one architecture on macOS 10.`minor`, or on any later macOS (minor 255).
struct format_row {
    const char *arch;       // of the machine
    long first_minor;       // of macOS 10, included
    long last_minor;        // included
    const char *formats[7]; // best first
};

static const struct format_row format_rows[] = {
    {"x86_64", 4, NUMBER_MAX, {"x86_64", "intel", "fat64", "fat32", "universal2", "universal"}},
    {"i386", 4, NUMBER_MAX, {"i386", "intel", "fat32", "fat", "universal"}},
    {"ppc64", 4, 5, {"ppc64", "fat64", "universal"}},
    {"ppc", 0, 6, {"ppc", "fat32", "fat", "universal"}},
    {"arm64", 0, NUMBER_MAX, {"arm64", "universal2"}},
    {"intel", 0, NUMBER_MAX, {"intel", "universal"}},
};

// macOS counted 10.0 to 10.15, then 11, 12 …: from 11 on a wheel names the major version with minor 0.
static void add_mac_version(struct platform_list *list, long major, long minor, const char *arch) {
    long age = major > 10 ? NUMBER_MAX : minor;
    const struct format_row *row = NULL;
    for (size_t i = 0; i < COUNT_OF(format_rows); i++) {
        row = strcmp(format_rows[i].arch, arch) == 0 ? &format_rows[i] : row;
    }
    if (!row) {
        add(list, arena_printf(list->arena, "macosx_%ld_%ld_%s", major, minor, arch));
        return;
    }
    if (age < row->first_minor || age > row->last_minor) {
        return;
    }
    for (size_t i = 0; row->formats[i]; i++) {
        add(list, arena_printf(list->arena, "macosx_%ld_%ld_%s", major, minor, row->formats[i]));
    }
}

// Newer systems run what was built for older ones, so that the tags count downwards, the best first.
static void add_mac(struct platform_list *list, const struct system *system) {
    if (system->major == 10) {
        for (long minor = system->minor; minor >= 0; minor--) {
            add_mac_version(list, 10, minor, system->arch);
        }
        return;
    }
    for (long major = system->major; major > 10; major--) {
        add_mac_version(list, major, 0, system->arch);
    }
    // universal2 binaries may name a macOS before 11, whose number runs from 10.4 to 10.16
    bool is_intel = strcmp(system->arch, "x86_64") == 0;
    for (long minor = 16; minor > 3; minor--) {
        add_mac_version(list, 10, minor, is_intel ? system->arch : "universal2");
    }
}

// Moves past the number and the '_' behind it.
static bool read_number(const char **at, long *ret_number) {
    const char *start = *at;
    long number = 0;
    while (is_digit(**at) && number <= NUMBER_MAX) {
        number = number * 10 + (*(*at)++ - '0');
    }
    *ret_number = number;
    return *at > start && number <= NUMBER_MAX && *(*at)++ == '_';
}

// "PREFIX_major_minor_arch".
static bool read_system(const char *platform, const char *prefix, struct system *ret_system) {
    size_t len = strlen(prefix);
    if (strncmp(platform, prefix, len) != 0) {
        return false;
    }
    const char *at = platform + len;
    bool found = read_number(&at, &ret_system->major) && read_number(&at, &ret_system->minor);
    ret_system->arch = at;
    return found && *at;
}

// "manylinux2014_x86_64" is glibc 2.17 (PEP 600).
static bool read_alias(const char *platform, struct system *ret_system) {
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        size_t len = strlen(aliases[i].name);
        if (strncmp(platform, aliases[i].name, len) == 0 && platform[len] == '_') {
            *ret_system = (struct system){2, aliases[i].minor, platform + len + 1};
            return true;
        }
    }
    return false;
}

// Lower-case, with '_' for '-' and '.'; NULL for what no tag holds.
static char *normalize(struct arena *arena, struct text platform, bool *ret_valid) {
    char *copy = arena_copy(arena, platform.ptr, platform.len);
    *ret_valid = platform.len <= LIMIT_NAME_BYTES;
    for (size_t i = 0; copy && i < platform.len; i++) {
        char c = platform.ptr[i];
        copy[i] = c == '-' || c == '.' ? '_' : to_lower(c);
        *ret_valid = *ret_valid && (is_alnum(copy[i]) || copy[i] == '_');
    }
    return copy;
}

// "win_amd64", "linux_armv7l" and what else is not versioned has no older relatives.
static void add_platforms(struct platform_list *list, const char *platform) {
    struct system system;
    if (read_alias(platform, &system) ||
        (read_system(platform, "manylinux_", &system) && system.major == 2)) {
        add_glibc(list, &system);
    } else if (read_system(platform, "musllinux_", &system)) {
        add_musl(list, &system);
    } else if (read_system(platform, "macosx_", &system) && system.major >= 10) {
        add_mac(list, &system);
    } else {
        add(list, platform);
    }
}

enum status tags_platforms(struct arena *arena, struct text platform,
                           const char *const **ret_platforms, size_t *ret_count,
                           struct error *err) {
    struct platform_list list = {.arena = arena};
    if (platform.len > 0) {
        bool valid;
        char *normal = normalize(arena, platform, &valid);
        if (!normal) {
            return fail_no_memory(err);
        }
        if (!valid) {
            return fail(err, STATUS_INVALID, NULL,
                        "%s is not a platform tag, such as 'manylinux_2_36_x86_64'",
                        quote_text(platform).text);
        }
        add_platforms(&list, normal);
    }
    if (list.no_memory) {
        return fail_no_memory(err);
    }
    *ret_platforms = list.items;
    *ret_count = list.count;
    return STATUS_OK;
}

// "py3-none-manylinux2014_x86_64" becomes "py3-none-manylinux_2_17_x86_64".
const char *tag_without_alias(struct arena *arena, const char *tag) {
    const char *dash = strrchr(tag, '-');
    const char *platform = dash ? dash + 1 : tag;
    struct system system;
    return read_alias(platform, &system)
               ? arena_printf(arena, "%.*smanylinux_%ld_%ld_%s", (int)(platform - tag), tag,
                              system.major, system.minor, system.arch)
               : tag;
}
