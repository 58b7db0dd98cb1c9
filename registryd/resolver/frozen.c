// SPDX-License-Identifier: MIT
// The other way to a selection: selection_make.c takes it where the environment has a lock. What is published,
// yanked, deprecated or decided after the lock was made changes nothing here, so a host that asks a frozen
// environment gets the same bytes for years. A record that lost to a withheld one stays shadowed: a quarantine
// takes code away and never brings other code in.
#include "registryd/resolver/frozen.h"
#include "registryd/rules/entry_rules.h"
#include "registryd/resolver/filled_settings.h"

#include "registryd/rules/rules.h"
#include "schema/json/json.h"

#include <stdlib.h>
#include <string.h>

// ---- questions ----

// `where` is a parameter such as "?python". The message names it without the question mark.
static enum status refuse(const struct environment *environment, const char *where,
                          struct error *err) {
    return fail(
        err, STATUS_CONFLICT, where,
        "The environment \"%s\" is frozen, so a query cannot override its facts. Leave \"%s\" "
        "out.",
        environment->name, where + 1);
}

static enum status check_python(struct arena *arena, const struct resolve_query *query,
                                const struct environment *environment, struct error *err) {
    const struct version *version;
    if (!query->python) {
        return STATUS_OK;
    }
    enum status status = python_version_parse(arena, text_from(query->python), &version, NULL);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status) {
        return fail(err, STATUS_INVALID, "?python", "\"%s\" is no version of Python",
                    query->python);
    }
    bool is_same =
        !environment->python || strcmp(environment->python, version_string(version)) == 0;
    return is_same ? STATUS_OK : refuse(environment, "?python", err);
}

// A fact that the environment does not state passes, and has no effect. The lock answers by the
// environment's facts alone.
static enum status check_have(const struct resolve_query *query,
                              const struct environment *environment, struct error *err) {
    for (size_t i = 0; i < query->have_count; i++) {
        const char *known = environment_find_version(environment, query->have[i].name);
        if (known && strcmp(known, query->have[i].value) != 0) {
            return refuse(environment, "?have", err);
        }
    }
    return STATUS_OK;
}

static const char *find_marker(const struct environment *environment, const char *name) {
    for (size_t i = 0; i < environment->marker_count; i++) {
        if (strcmp(environment->markers[i].name, name) == 0) {
            return environment->markers[i].value;
        }
    }
    return NULL;
}

static enum status check_markers(const struct resolve_query *query,
                                 const struct environment *environment, struct error *err) {
    for (size_t i = 0; i < query->marker_count; i++) {
        const char *known = find_marker(environment, query->markers[i].name);
        if (known && strcmp(known, query->markers[i].value) != 0) {
            return refuse(environment, "?marker", err);
        }
    }
    return STATUS_OK;
}

static bool has_tag(const char *const *tags, size_t count, const char *tag) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(tags[i], tag) == 0) {
            return true;
        }
    }
    return false;
}

// Tags of a question replace those of the environment, so both must hold the same ones.
static enum status check_tags(const struct resolve_query *query,
                              const struct environment *environment, struct error *err) {
    bool is_same = true;
    for (size_t i = 0; environment->tag_count && i < query->tag_count && is_same; i++) {
        is_same =
            has_tag((const char *const *)environment->tags, environment->tag_count, query->tags[i]);
    }
    for (size_t i = 0; query->tag_count && i < environment->tag_count && is_same; i++) {
        is_same = has_tag(query->tags, query->tag_count, environment->tags[i]);
    }
    return is_same ? STATUS_OK : refuse(environment, "?tag", err);
}

enum status frozen_check_query(struct arena *arena, const struct resolve_query *query,
                               const struct environment *environment, struct error *err) {
    enum status status = check_python(arena, query, environment, err);
    if (status) {
        return status;
    }
    status = check_have(query, environment, err);
    if (status) {
        return status;
    }
    status = check_markers(query, environment, err);
    if (status) {
        return status;
    }
    status = check_tags(query, environment, err);
    if (status) {
        return status;
    }
    bool wants = query->prereleases == CHOICE_YES;
    bool is_other = query->prereleases != CHOICE_UNSET && wants != environment->prereleases;
    return is_other ? refuse(environment, "?prereleases", err) : STATUS_OK;
}

// ---- records ----

static const struct package_release *find_release(const struct package *package,
                                                  const char *version) {
    for (uint32_t i = 0; i < package->release_count; i++) {
        if (strcmp(package->releases[i].version, version) == 0) {
            return &package->releases[i];
        }
    }
    return NULL;
}

bool frozen_withholds(const struct locked_release *release, const struct package *package) {
    if (release->ignored) {
        return false;
    }
    const struct package_release *present = find_release(package, release->version);
    return package->status == PACKAGE_QUARANTINED || (present && present->quarantined);
}

// What a record is for one table: of another group or not locked, kept back by a quarantine, or
// part of the answer.
enum standing { IS_ELSEWHERE, IS_WITHHELD, IS_GIVEN };

static enum standing judge(const struct lock *lock, const struct group_table *table,
                           const struct record *record) {
    bool is_of_group = !*table->group || strcmp(table->group, record->group) == 0;
    const struct package *package = is_of_group ? group_table_find(table, record->package) : NULL;
    const struct locked_release *release = package ? lock_find(lock, record->package) : NULL;
    return !release ? IS_ELSEWHERE : frozen_withholds(release, package) ? IS_WITHHELD : IS_GIVEN;
}

// The lock is sorted as the answer is, so what is left of it needs no sorting.
enum status frozen_collect(struct arena *arena, const struct lock *lock,
                           struct group_table *const *tables, size_t table_count,
                           struct frozen *ret_frozen, struct error *err) {
    struct frozen frozen = {
        .items = arena_array(arena, lock->records.count + 1, sizeof *frozen.items),
        .withheld = arena_array(arena, lock->records.count + 1, sizeof *frozen.withheld),
    };
    if (!frozen.items || !frozen.withheld) {
        return fail_no_memory(err);
    }
    for (size_t i = 0; i < lock->records.count; i++) {
        const struct record *record = &lock->records.items[i];
        enum standing standing = IS_ELSEWHERE;
        for (size_t j = 0; j < table_count && standing == IS_ELSEWHERE; j++) {
            standing = judge(lock, tables[j], record);
        }
        if (standing == IS_GIVEN) {
            frozen.items[frozen.count++] = record;
        } else if (standing == IS_WITHHELD) {
            frozen.withheld[frozen.withheld_count++] = record->package;
        }
    }
    *ret_frozen = frozen;
    return STATUS_OK;
}

static int compare_place(const struct record *record, const char *group, const char *name,
                         const char *package) {
    int order = strcmp(record->group, group);
    if (order) {
        return order;
    }
    order = strcmp(record->name, name);
    return order ? order : strcmp(record->package, package);
}

size_t frozen_seek(const struct frozen *frozen, const char *group, const char *name,
                   const char *package) {
    size_t low = 0;
    size_t high = frozen->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_before = compare_place(frozen->items[middle], group, name, package) <= 0;
        *(is_before ? &low : &high) = is_before ? middle + 1 : middle;
    }
    return low;
}

// The findings are copied, since a reader of the answer may add to them, and the lock belongs to all threads.
bool frozen_fill(const struct frozen *frozen, size_t at, struct facts *facts,
                 struct record *record) {
    const struct record *locked = frozen->items[at];
    const struct environment_plugin *plugin =
        environment_find_plugin(facts->environment, locked->package);
    *record = *locked;
    record->settings = filled_settings(facts, locked->group, locked->name, plugin);
    findings_init(&record->findings, facts->arena);
    findings_append(&record->findings, &locked->findings);
    return !record->findings.no_memory && !facts->no_memory;
}

// ---- what is left out ----

static const char *tell_frozen(struct facts *facts, const struct locked_release *locked) {
    const char *name = facts->environment->name;
    return locked ? arena_printf(facts->arena,
                                 "The environment \"%s\" is frozen, and its lock holds %s", name,
                                 locked->version)
                  : arena_printf(facts->arena,
                                 "The environment \"%s\" is frozen, and its lock does not hold the "
                                 "package",
                                 name);
}

// The caller has skipped the release that is given. So the locked version gets here only when a
// quarantine withholds it.
static bool fill_exclusion(struct facts *facts, const struct locked_release *locked,
                           const struct package *package, const struct package_release *release,
                           struct exclusion *exclusion) {
    bool is_withheld = locked && strcmp(locked->version, release->version) == 0;
    *exclusion = (struct exclusion){.package = package->name, .version = release->version};
    exclusion->code = is_withheld ? "quarantined" : "frozen";
    exclusion->detail =
        is_withheld ? rules_tell_quarantined(facts, package, release) : tell_frozen(facts, locked);
    return exclusion->detail;
}

enum status frozen_exclusions(struct facts *facts, const struct lock *lock,
                              const struct package *package, const struct select_span *span,
                              struct exclusions *exclusions, struct error *err) {
    const struct locked_release *locked = lock_find(lock, package->name);
    const struct package_release *given = locked && !frozen_withholds(locked, package)
                                              ? find_release(package, locked->version)
                                              : NULL;
    for (size_t i = span->after + 1; i < package->release_count; i++) {
        const struct package_release *release = &package->releases[i];
        if (release == given) {
            continue;
        }
        if (span->limit && exclusions->count == span->limit) {
            break;
        }
        struct exclusion *exclusion = exclusions_add(facts->arena, exclusions);
        if (!exclusion || !fill_exclusion(facts, locked, package, release, exclusion)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

// ---- may an environment take it ----

static void refuse_release(struct findings *findings, const struct facts *facts,
                           const struct locked_release *locked, const char *code,
                           const char *detail) {
    findings_add(findings, SEVERITY_ERROR, "lock-refused",
                 json_pointer(facts->arena, "/releases", locked->package),
                 "Change the rules of the environment, or promote another lock",
                 "%s %s is refused (%s): %s", locked->package, locked->version, code,
                 detail ? detail : "a rule speaks against it");
}

// By the rules alone: without its quarantine and its yank.
static void check_release(struct facts *facts, const struct locked_release *locked,
                          const struct package *package, struct findings *findings) {
    const struct package_release *release = find_release(package, locked->version);
    if (!release) {
        return; // the history is another: there is nothing to judge
    }
    struct package plain_package = *package;
    struct package_release plain = *release;
    struct rule_subject subject;
    plain_package.status = PACKAGE_ACTIVE;
    plain.quarantined = NULL;
    plain.yanked = NULL;
    rule_subject_init(&subject, facts, &plain_package);
    const struct rule *rule = rules_find(&subject, &plain);
    if (rule) {
        refuse_release(findings, facts, locked, rule->code, rule->describe(&subject, &plain));
    }
}

// A release may be taken for one of its entry points, and the environment still refuses another one.
static void check_entries(struct facts *facts, const struct lock *lock, struct findings *findings) {
    const struct environment *environment = facts->environment;
    for (size_t i = 0; environment->has_entry_rules && i < lock->records.count; i++) {
        const struct record *record = &lock->records.items[i];
        const struct environment_plugin *plugin =
            environment_find_plugin(environment, record->package);
        const struct locked_release *locked = lock_find(lock, record->package);
        if (locked && plugin && plugin->entries.count &&
            entry_rules_withhold(environment, plugin, record->group, record->name)) {
            refuse_release(findings, facts, locked, "disabled",
                           arena_printf(facts->arena,
                                        "the environment \"%s\" disables the entry point %s:%s",
                                        environment->name, record->group, record->name));
        }
    }
}

// A release without any file fits every host: the person who froze allowed it.
static bool has_fitting_file(const struct facts *facts, const struct locked_release *locked) {
    const struct host_tags tags = {(const char *const *)facts->tags, facts->tag_count};
    for (size_t i = 0; i < locked->file_count; i++) {
        if (locked_file_fits(&locked->files[i], &tags)) {
            return true;
        }
    }
    return !locked->file_count;
}

void frozen_check_lock(struct facts *facts, const struct lock *lock,
                       const struct group_table *table, struct findings *findings) {
    for (size_t i = 0; i < lock->release_count && !facts->no_memory; i++) {
        const struct locked_release *locked = &lock->releases[i];
        const struct package *package = group_table_find(table, locked->package);
        if (package) {
            check_release(facts, locked, package, findings);
        }
        if (!has_fitting_file(facts, locked)) {
            refuse_release(findings, facts, locked, "no-compatible-artifact",
                           "no file of the lock fits the tags");
        }
    }
    check_entries(facts, lock, findings);
}
