// SPDX-License-Identifier: MIT
// The rows of an environment's tags, best first, in the order of the reference implementation: the
// interpreter's own ABI, the stable ABI, no ABI, older stable ABIs, then pure Python. An environment has
// hundreds of tags; as rows times platforms they are a few dozen of each.
//
//     cp313-cp313-manylinux_2_36_x86_64   first       cp313-abi3-…, cp312-abi3-…   stable ABI, from 3.2
//     cp313-none-…   no ABI                       py313-none-any, py3-none-any, py312-none-any …   last
//
// A build without the global lock takes abi3t in place of abi3, from 3.15 on (PEP 803).
#include "schema/packaging/tags.h"

#include "schema/base/limits.h"
#include "schema/base/quote.h"
#include "schema/packaging/version/version_parts.h"
#include "schema/base/list.h"

#include <string.h>

enum {
    MINOR_MAX = 255,                // of Python's minor version: each is a row
    ROWS_MAX = 3 * (MINOR_MAX + 4), // own rows, older stable ABIs, py3x twice
};

// Implementations with a two-letter name of their own; others keep their name.
static const struct {
    const char *name;
    const char *short_name;
} implementations[] = {
    {"python", "py"}, {"cpython", "cp"}, {"pypy", "pp"}, {"ironpython", "ip"}, {"jython", "jy"},
};

// Rows are collected best first; the order is the preference of an installer.
struct builder {
    struct arena *arena;
    struct tags_row *rows; // ROWS_MAX of them
    size_t count;
    bool no_memory;          // asked for once, at the end
    long major;              // of Python
    long minor;              // -1: only the major is known
    const char *interpreter; // "cp313"
    const char *abi;         // NULL: none was said
};

static void add_row(struct builder *b, const char *interpreter, const char *abi, bool any) {
    if (!interpreter || !abi) {
        b->no_memory = true;
        return;
    }
    b->rows[b->count++] = (struct tags_row){interpreter, abi, any};
}

// "cp311", "py3".
static const char *versioned(struct builder *b, const char *name, long minor) {
    return minor < 0 ? arena_printf(b->arena, "%s%ld", name, b->major)
                     : arena_printf(b->arena, "%s%ld%ld", name, b->major, minor);
}

static bool is_older_than(const struct builder *b, long major, long minor) {
    return b->major < major || (b->major == major && b->minor < minor);
}

// The ABI of a usual build: before 3.8 with pymalloc, before 3.3 with wide Unicode.
static const char *usual_abi(struct builder *b) {
    const char *flags = is_older_than(b, 3, 3) ? "mu" : is_older_than(b, 3, 8) ? "m" : "";
    return arena_printf(b->arena, "cp%ld%ld%s", b->major, b->minor, flags);
}

// A build without the global lock ("cp313t") has a stable ABI of its own.
static bool is_free_threaded(const char *abi) {
    size_t len = abi ? strlen(abi) : 0;
    return len > 3 && strncmp(abi, "cp", 2) == 0 && abi[len - 1] == 't' && is_digit(abi[len - 2]);
}

// The stable ABI reaches back: a cp312-abi3 wheel runs on 3.13, one built against 3.14 does not.
static void add_cpython_rows(struct builder *b) {
    enum { FIRST_STABLE = 2, FIRST_STABLE_THREADED = 15 };
    bool is_threaded = is_free_threaded(b->abi);
    const char *stable_abi = is_threaded ? "abi3t" : "abi3";
    long first = is_threaded ? FIRST_STABLE_THREADED : FIRST_STABLE;
    bool named = b->abi && strcmp(b->abi, stable_abi) != 0 && strcmp(b->abi, "none") != 0;
    bool stable = b->minor >= 0 && !is_older_than(b, 3, first);
    if (named) {
        add_row(b, b->interpreter, b->abi, false);
    } else if (!b->abi && b->minor >= 0) {
        add_row(b, b->interpreter, usual_abi(b), false);
    }
    if (stable) {
        add_row(b, b->interpreter, stable_abi, false);
    }
    add_row(b, b->interpreter, "none", false);
    for (long minor = b->minor - 1; stable && minor >= first; minor--) {
        add_row(b, versioned(b, "cp", minor), stable_abi, false);
    }
}

// Without a stable ABI: the interpreter's own, and none.
static void add_generic_rows(struct builder *b) {
    if (b->abi && strcmp(b->abi, "none") != 0) {
        add_row(b, b->interpreter, b->abi, false);
    }
    add_row(b, b->interpreter, "none", false);
}

// py311, py3, py310, … py30.
static void add_pure_rows(struct builder *b, bool any) {
    if (b->minor >= 0) {
        add_row(b, versioned(b, "py", b->minor), "none", any);
    }
    add_row(b, versioned(b, "py", -1), "none", any);
    for (long minor = b->minor - 1; minor >= 0; minor--) {
        add_row(b, versioned(b, "py", minor), "none", any);
    }
}

// Numbers are bounded because each minor version is a row.
static bool read_small(struct text number, long *ret_number) {
    long value = 0;
    for (size_t i = 0; i < number.len && value <= MINOR_MAX; i++) {
        value = value * 10 + (number.ptr[i] - '0');
    }
    *ret_number = value;
    return value <= MINOR_MAX;
}

// "3" alone is a version of Python too; its minor is then -1.
static enum status read_python(struct builder *b, struct text python, struct error *err) {
    const struct version *version;
    enum status status = version_parse(b->arena, python, &version, err);
    if (status) {
        return status;
    }
    b->minor = -1;
    bool read = read_small(version->release[0], &b->major) &&
                (version->release_count < 2 || read_small(version->release[1], &b->minor));
    if (!read) {
        return fail(err, STATUS_INVALID, NULL, "%s is not a version of Python",
                    quote_text(python).text);
    }
    return STATUS_OK;
}

// Tags have '_' where the fact has '-' or '.': "linux-x86_64" is the tag linux_x86_64.
static enum status read_word(struct builder *b, struct text word, const char *what,
                             const char **ret_word, struct error *err) {
    char *copy = arena_copy(b->arena, word.ptr, word.len);
    for (size_t i = 0; copy && i < word.len; i++) {
        copy[i] = word.ptr[i] == '-' || word.ptr[i] == '.' ? '_' : to_lower(word.ptr[i]);
        if (word.len > LIMIT_NAME_BYTES || (!is_alnum(copy[i]) && copy[i] != '_')) {
            return fail(err, STATUS_INVALID, NULL, "%s is not %s", quote_text(word).text, what);
        }
    }
    *ret_word = copy;
    return copy ? STATUS_OK : fail_no_memory(err);
}

// Fills the names of the interpreter: "cp" and "cp311".
static enum status read_interpreter(struct builder *b, struct text implementation,
                                    const char **ret_name, struct error *err) {
    const char *name = "cpython";
    enum status status =
        implementation.len > 0
            ? read_word(b, implementation, "an implementation of Python", &name, err)
            : STATUS_OK;
    if (status) {
        return status;
    }
    *ret_name = name;
    for (size_t i = 0; i < COUNT_OF(implementations); i++) {
        if (strcmp(implementations[i].name, name) == 0) {
            *ret_name = implementations[i].short_name;
        }
    }
    b->interpreter = versioned(b, *ret_name, b->minor);
    return b->interpreter ? STATUS_OK : fail_no_memory(err);
}

static enum status read_facts(struct builder *b, const struct tags_facts *facts,
                              const char **ret_name, struct error *err) {
    enum status status = read_python(b, facts->python, err);
    if (status) {
        return status;
    }
    status = read_interpreter(b, facts->implementation, ret_name, err);
    if (status) {
        return status;
    }
    return facts->abi.len > 0 ? read_word(b, facts->abi, "an ABI tag", &b->abi, err) : STATUS_OK;
}

// Among the rows of any platform CPython has its exact version (cp313-none-any), PyPy its major one (pp3).
enum status tags_init(struct tags *tags, struct arena *arena, const struct tags_facts *facts,
                      struct error *err) {
    struct builder b = {.arena = arena};
    struct tags made = {0};
    const char *name = NULL;
    b.rows = arena_array(arena, ROWS_MAX, sizeof *b.rows);
    if (!b.rows) {
        return fail_no_memory(err);
    }
    enum status status = read_facts(&b, facts, &name, err);
    if (status) {
        return status;
    }
    status = tags_platforms(arena, facts->platform, &made.platforms, &made.platform_count, err);
    if (status) {
        return status;
    }
    bool is_cpython = strcmp(name, "cp") == 0;
    if (is_cpython) {
        add_cpython_rows(&b);
    } else {
        add_generic_rows(&b);
    }
    add_pure_rows(&b, false);
    if (is_cpython || strcmp(name, "pp") == 0) {
        add_row(&b, is_cpython ? b.interpreter : "pp3", "none", true);
    }
    add_pure_rows(&b, true);
    if (b.no_memory) {
        return fail_no_memory(err);
    }
    made.rows = b.rows;
    made.row_count = b.count;
    *tags = made;
    return STATUS_OK;
}

static bool holds(const struct wheel_tags *set, const char *tag) {
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->items[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

// A wheel has sets of tags (py2.py3-none-any), so the first row that meets the sets decides. The rank counts
// the tags before it as if all were written out; a lower rank is the better wheel.
bool tags_accept(const struct tags *tags, const struct wheel_name *wheel, size_t *ret_rank) {
    size_t best_platform = 0;
    while (best_platform < tags->platform_count &&
           !holds(&wheel->platforms, tags->platforms[best_platform])) {
        best_platform++;
    }
    bool on_platform = best_platform < tags->platform_count;
    bool anywhere = holds(&wheel->platforms, "any");
    size_t rank = 0;
    for (size_t i = 0; i < tags->row_count; i++) {
        const struct tags_row *row = &tags->rows[i];
        bool fits = (row->any_platform ? anywhere : on_platform) &&
                    holds(&wheel->pythons, row->interpreter) && holds(&wheel->abis, row->abi);
        if (fits) {
            rank += row->any_platform ? 0 : best_platform;
            if (ret_rank) {
                *ret_rank = rank;
            }
            return true;
        }
        rank += row->any_platform ? 1 : tags->platform_count;
    }
    return false;
}
