// SPDX-License-Identifier: MIT
// Packing a package into one block: the same code runs twice, first over nothing to measure, then over
// the block.
#include "registryd/tables/package_pack.h"

#include "registryd/candidates/requirement_name.h"
#include "registryd/tables/shared.h"

#include <string.h>

// `at` is NULL while measuring.
struct packer {
    char *at;
    size_t used;
};

// Offsets are aligned from the begin of the block, which shared_alloc aligns.
static void *pack(struct packer *packer, size_t size, size_t align) {
    packer->used = (packer->used + align - 1) / align * align;
    void *place = packer->at ? packer->at + packer->used : NULL;
    packer->used += size;
    return place;
}

static const char *pack_text(struct packer *packer, const char *text) {
    size_t size = text ? strlen(text) + 1 : 0;
    char *place = size ? pack(packer, size, 1) : NULL;
    return place ? memcpy(place, text, size) : NULL;
}

static bool is_same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

// A text that equals `known` is not packed again.
static const char *pack_shared(struct packer *packer, const char *text, const char *known,
                               const char *packed) {
    return text && is_same(text, known) ? packed : pack_text(packer, text);
}

// What the release above is made of, and where it was packed.
struct above {
    const struct candidate_release *from; // NULL: there is none
    const struct release_terms *terms;    // of its files, if they differ
    const struct candidate_entry *entries;
};

// The byte of an escape; text of the standards has no other control characters than these.
static char unescape(const char *escape) {
    static const char letters[] = {
        ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    unsigned char c = (unsigned char)*escape;
    return c < sizeof letters && letters[c] ? letters[c] : (char)c;
}

// Packs the JSON string that begins behind *at, and moves *at behind its end.
static const char *pack_json_string(struct packer *packer, const char **at) {
    char *place = packer->at ? packer->at + packer->used : NULL;
    size_t len = 0;
    const char *c = *at;
    for (; *c && *c != '"'; c++) {
        bool is_escaped = *c == '\\' && c[1];
        c += is_escaped;
        if (place) {
            place[len] = is_escaped ? unescape(c) : *c;
        }
        len++;
    }
    *at = *c ? c + 1 : c;
    if (place) {
        place[len] = '\0';
    }
    packer->used += len + 1;
    return place;
}

// How many strings a JSON array holds.
static size_t count_strings(const char *array) {
    size_t quotes = 0;
    for (const char *c = array; *c; c++) {
        quotes += *c == '"';
        c += *c == '\\' && c[1];
    }
    return quotes / 2;
}

// The array is as the database writes it: strings only. Read here and not by jansson, since the second
// pass must not run out of memory where the first did not.
static const struct release_requirement *pack_requirements(struct packer *packer, const char *array,
                                                           size_t *ret_count) {
    size_t count = array ? count_strings(array) : 0;
    struct release_requirement *items =
        count ? pack(packer, count * sizeof *items, _Alignof(struct release_requirement)) : NULL;
    for (size_t i = 0; i < count; i++) {
        array = strchr(array, '"') + 1;
        const char *item = pack_json_string(packer, &array);
        if (items) {
            items[i] = (struct release_requirement){
                item, requirement_hash(item), requirement_hash_name(item), plain_find_range(item)};
        }
    }
    *ret_count = count;
    return items;
}

static bool are_same_terms(const struct candidate_release *a, const struct candidate_release *b) {
    return is_same(a->requires_python, b->requires_python) &&
           is_same(a->requires_dist, b->requires_dist) && is_same(a->wheel_tags, b->wheel_tags) &&
           a->has_sdist == b->has_sdist && !a->file_count && !b->file_count;
}

// One for each file. A list of requirements that the file before has too is not packed again.
static const struct release_terms *pack_file_terms(struct packer *packer,
                                                   const struct candidate_release *from) {
    struct release_terms *places =
        pack(packer, from->file_count * sizeof *places, _Alignof(struct release_terms));
    struct release_terms before = {0};
    for (size_t i = 0; i < from->file_count; i++) {
        const struct candidate_file *file = &from->files[i];
        struct release_terms terms = {.has_sdist = !file->tags};
        terms.file = pack_text(packer, file->name);
        terms.requires_python = pack_text(packer, file->requires_python);
        terms.wheel_tags = pack_text(packer, file->tags);
        if (i && is_same(file->requires_dist, file[-1].requires_dist)) {
            terms.requirements = before.requirements;
            terms.requirement_count = before.requirement_count;
        } else {
            terms.requirements =
                pack_requirements(packer, file->requires_dist, &terms.requirement_count);
        }
        if (places) {
            places[i] = terms;
        }
        before = terms;
    }
    return places;
}

// Most releases have the terms of the one before them; they then share one block.
static const struct release_terms *
pack_terms(struct packer *packer, const struct candidate_release *from, const struct above *above) {
    if (above->from && are_same_terms(from, above->from)) {
        return above->terms;
    }
    if (from->file_count) {
        return pack_file_terms(packer, from);
    }
    struct release_terms *place = pack(packer, sizeof *place, _Alignof(struct release_terms));
    struct release_terms terms = {.has_sdist = from->has_sdist};
    terms.requires_python = pack_text(packer, from->requires_python);
    terms.wheel_tags = pack_text(packer, from->wheel_tags);
    terms.requirements = pack_requirements(packer, from->requires_dist, &terms.requirement_count);
    if (place) {
        *place = terms;
    }
    return place;
}

static bool are_same_entries(const struct candidate_entry *a, const struct candidate_entry *b,
                             size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!is_same(a[i].group, b[i].group) || !is_same(a[i].name, b[i].name) ||
            !is_same(a[i].value, b[i].value) || !is_same(a[i].manifest, b[i].manifest)) {
            return false;
        }
    }
    return true;
}

static struct candidate_entry pack_entry(struct packer *packer, const struct candidate_entry *from,
                                         const struct candidate_entry *known,
                                         const struct candidate_entry *packed) {
    return (struct candidate_entry){
        .group = pack_shared(packer, from->group, known->group, packed->group),
        .name = pack_shared(packer, from->name, known->name, packed->name),
        .value = pack_shared(packer, from->value, known->value, packed->value),
        .manifest = pack_shared(packer, from->manifest, known->manifest, packed->manifest),
    };
}

// The same list as that of the release before: the same block. Otherwise at least the texts at the
// same place are shared, for often only one value differs.
static const struct candidate_entry *pack_entries(struct packer *packer,
                                                  const struct candidate_release *from,
                                                  const struct above *above) {
    static const struct candidate_entry nothing;
    size_t known_count = above->from ? above->from->entry_count : 0;
    if (known_count == from->entry_count && known_count &&
        are_same_entries(from->entries, above->from->entries, known_count)) {
        return above->entries;
    }
    struct candidate_entry *entries =
        from->entry_count
            ? pack(packer, from->entry_count * sizeof *entries, _Alignof(struct candidate_entry))
            : NULL;
    for (size_t i = 0; i < from->entry_count; i++) {
        bool is_known = i < known_count;
        const struct candidate_entry *known = is_known ? &above->from->entries[i] : &nothing;
        const struct candidate_entry *packed =
            is_known && above->entries ? &above->entries[i] : &nothing;
        struct candidate_entry entry = pack_entry(packer, &from->entries[i], known, packed);
        if (entries) {
            entries[i] = entry;
        }
    }
    return entries;
}

static struct package_release
pack_release(struct packer *packer, const struct candidate_release *from, struct above *above) {
    struct package_release release = {
        .version = pack_text(packer, from->version),
        .terms = pack_terms(packer, from, above),
        .entries = pack_entries(packer, from, above),
        .yanked = pack_text(packer, from->yanked),
        .quarantined = pack_text(packer, from->quarantined),
        .published_ms = from->published_ms,
        .id = from->id,
        .entry_count = (uint32_t)from->entry_count,
        .terms_count = from->file_count ? (uint16_t)from->file_count : 1,
        .prerelease = from->prerelease,
    };
    *above = (struct above){from, release.terms, release.entries};
    return release;
}

static enum package_status status_of(const char *name) {
    static const char *const names[] = {[PACKAGE_DEPRECATED] = "deprecated",
                                        [PACKAGE_ARCHIVED] = "archived",
                                        [PACKAGE_QUARANTINED] = "quarantined"};
    for (int i = PACKAGE_DEPRECATED; i <= PACKAGE_QUARANTINED; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum package_status)i;
        }
    }
    return PACKAGE_ACTIVE;
}

static bool is_marked(const struct candidate_release *release) {
    return release->yanked || release->quarantined;
}

static size_t count_marked(const struct candidate_package *from) {
    size_t count = 0;
    for (size_t i = 0; i < from->release_count; i++) {
        count += is_marked(&from->releases[i]);
    }
    return count;
}

// Marks are rare, so they stand beside the releases and not in each of them. `count` is known from
// the same test, so the block is never too short.
static const struct release_mark *
pack_release_marks(struct packer *packer, const struct candidate_package *from, size_t count) {
    struct release_mark *marks =
        count ? pack(packer, count * sizeof *marks, _Alignof(struct release_mark)) : NULL;
    size_t at = 0;
    for (size_t i = 0; i < from->release_count; i++) {
        const struct candidate_release *release = &from->releases[i];
        if (!is_marked(release)) {
            continue;
        }
        struct release_mark mark = {
            .release = (uint32_t)i,
            .yanked_ms = release->yanked_ms,
            .yanked_by = pack_text(packer, release->yanked_by),
            .quarantined_ms = release->quarantined_ms,
            .quarantined_by = pack_text(packer, release->quarantined_by),
        };
        if (marks) {
            marks[at++] = mark;
        }
    }
    return marks;
}

// Most packages have none, and pay for a pointer alone.
static const struct package_marks *pack_marks(struct packer *packer,
                                              const struct candidate_package *from) {
    size_t count = count_marked(from);
    if (!count && status_of(from->status) == PACKAGE_ACTIVE) {
        return NULL;
    }
    struct package_marks *place = pack(packer, sizeof *place, _Alignof(struct package_marks));
    struct package_marks marks = {
        .status_ms = from->status_ms,
        .status_by = pack_text(packer, from->status_by),
        .count = (uint32_t)count,
        .items = pack_release_marks(packer, from, count),
    };
    if (place) {
        *place = marks;
    }
    return place;
}

// Each step must ask for the same room whether it measures or writes; so nothing here may return early.
static void pack_package(struct packer *packer, const struct candidate_package *from) {
    struct package *package = pack(packer, sizeof *package, _Alignof(struct package));
    struct package_release *releases =
        pack(packer, from->release_count * sizeof *releases, _Alignof(struct package_release));
    const char *name = pack_text(packer, from->name);
    const char *status_reason = pack_text(packer, from->status_reason);
    const char *replaced_by = pack_text(packer, from->replaced_by);
    const char *owner = pack_text(packer, from->owner);
    const struct package_marks *marks = pack_marks(packer, from);
    struct above above = {0};
    for (size_t i = 0; i < from->release_count; i++) {
        struct package_release release = pack_release(packer, &from->releases[i], &above);
        if (releases) {
            releases[i] = release;
        }
    }
    if (package) {
        *package = (struct package){.release_count = (uint32_t)from->release_count,
                                    .name_hash = requirement_hash(name),
                                    .name = name,
                                    .status = status_of(from->status),
                                    .shares_paths = from->shares_paths,
                                    .status_reason = status_reason,
                                    .replaced_by = replaced_by,
                                    .owner = owner,
                                    .marks = marks,
                                    .releases = releases};
    }
}

// The daemon holds every package in memory. As one block, a package has no slack between its parts,
// and one count of references frees all of it.
enum status package_new(const struct candidate_package *from, struct package **ret_package,
                        struct error *err) {
    struct packer packer = {0};
    pack_package(&packer, from);
    packer = (struct packer){.at = shared_alloc(packer.used)};
    if (!packer.at) {
        return fail_no_memory(err);
    }
    pack_package(&packer, from);
    *ret_package = (struct package *)packer.at;
    return STATUS_OK;
}

struct package *package_ref(struct package *package) {
    return shared_ref(package);
}

void package_unref(struct package *package) {
    if (package && shared_unref(package)) {
        shared_free(package);
    }
}

// Entries that are shared with the release before were looked at already.
bool package_is_in(const struct package *package, const char *group) {
    for (uint32_t i = 0; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        bool is_known = i > 0 && release->entries == release[-1].entries;
        for (uint32_t j = 0; j < release->entry_count && !is_known; j++) {
            if (!*group || strcmp(release->entries[j].group, group) == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool have_same_terms(const struct release_terms *a, const struct release_terms *b) {
    bool is_equal = is_same(a->file, b->file) && is_same(a->requires_python, b->requires_python) &&
                    is_same(a->wheel_tags, b->wheel_tags) && a->has_sdist == b->has_sdist &&
                    a->requirement_count == b->requirement_count;
    for (size_t i = 0; is_equal && i < a->requirement_count; i++) {
        is_equal = is_same(a->requirements[i].text, b->requirements[i].text);
    }
    return is_equal;
}

static bool have_same_files(const struct package_release *a, const struct package_release *b) {
    bool is_equal = a->terms_count == b->terms_count;
    for (uint16_t i = 0; is_equal && i < a->terms_count; i++) {
        is_equal = have_same_terms(&a->terms[i], &b->terms[i]);
    }
    return is_equal;
}

static bool are_same_releases(const struct package_release *a, const struct package_release *b) {
    return is_same(a->version, b->version) && is_same(a->yanked, b->yanked) &&
           is_same(a->quarantined, b->quarantined) && a->published_ms == b->published_ms &&
           a->id == b->id && a->prerelease == b->prerelease && a->entry_count == b->entry_count &&
           have_same_files(a, b) && are_same_entries(a->entries, b->entries, a->entry_count);
}

static bool are_same_release_marks(const struct release_mark *a, const struct release_mark *b) {
    return a->release == b->release && a->yanked_ms == b->yanked_ms &&
           a->quarantined_ms == b->quarantined_ms && is_same(a->yanked_by, b->yanked_by) &&
           is_same(a->quarantined_by, b->quarantined_by);
}

static bool are_same_marks(const struct package_marks *a, const struct package_marks *b) {
    if (!a || !b) {
        return a == b;
    }
    bool is_equal =
        a->status_ms == b->status_ms && is_same(a->status_by, b->status_by) && a->count == b->count;
    for (uint32_t i = 0; is_equal && i < a->count; i++) {
        is_equal = are_same_release_marks(&a->items[i], &b->items[i]);
    }
    return is_equal;
}

// By content: a package that was read again without a change keeps its old block, and the tables
// keep their answers.
bool package_equals(const struct package *a, const struct package *b) {
    bool is_equal = a->release_count == b->release_count && a->status == b->status &&
                    a->shares_paths == b->shares_paths && is_same(a->name, b->name) &&
                    is_same(a->status_reason, b->status_reason) &&
                    is_same(a->replaced_by, b->replaced_by) && is_same(a->owner, b->owner) &&
                    are_same_marks(a->marks, b->marks);
    for (uint32_t i = 0; is_equal && i < a->release_count; i++) {
        is_equal = are_same_releases(&a->releases[i], &b->releases[i]);
    }
    return is_equal;
}
