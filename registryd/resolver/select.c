// SPDX-License-Identifier: MIT
// Choosing in a package. What is left when no rule speaks against a release is a matter of the others:
// a pre-release gives way to a final release that fits, and an older release to a newer one.
#include "registryd/resolver/select.h"

#include "registryd/rules/rules.h"

#include <string.h>

const struct package_release *select_release(struct facts *facts, const struct package *package) {
    struct rule_subject subject;
    size_t place = 0;
    rule_subject_init(&subject, facts, package);
    return rules_choose(&subject, &place);
}

struct exclusion *exclusions_add(struct arena *arena, struct exclusions *exclusions) {
    if (exclusions->count == exclusions->capacity) {
        size_t capacity = exclusions->capacity ? exclusions->capacity * 2 : 16;
        struct exclusion *items = arena_array(arena, capacity, sizeof *items);
        if (!items) {
            return NULL;
        }
        if (exclusions->count) {
            memcpy(items, exclusions->items, exclusions->count * sizeof *items);
        }
        exclusions->items = items;
        exclusions->capacity = capacity;
    }
    return &exclusions->items[exclusions->count++];
}

// Why a release that fits by itself was not taken.
static void compare_with_chosen(struct arena *arena, const struct package_release *chosen,
                                bool gave_way, bool has_groups, struct exclusion *exclusion) {
    exclusion->code = gave_way ? "prerelease" : "superseded";
    exclusion->detail =
        gave_way ? "The release is a pre-release, and a final release fits"
                 : arena_printf(arena, "Version %s is newer and fits%s", chosen->version,
                                has_groups ? "" : "; it has no entry points in these groups");
}

// What the reason of an exclusion is found with.
struct excluding {
    struct requires *requires;
    struct rule_subject subject;
    const struct package_release *chosen;
    bool has_groups;
};

static bool fill_exclusion(const struct excluding *excluding, const struct package_release *release,
                           struct exclusion *exclusion) {
    const struct rule_subject *subject = &excluding->subject;
    const struct package_release *chosen = excluding->chosen;
    *exclusion = (struct exclusion){.package = subject->package->name, .version = release->version};
    // A rule about the release itself comes first, then what it requires, then the better release.
    // When no release was chosen, each one has a rule or a requirement against it. So a detail that
    // is still NULL at the end means that memory ran out.
    const struct rule *rule = rules_find(subject, release);
    const char *required =
        rule ? NULL : requires_describe(excluding->requires, subject->package, release);
    if (required) {
        exclusion->code = "requires-plugin";
        exclusion->detail = required;
    } else if (rule) {
        exclusion->code = rule->code;
        exclusion->detail = rule->describe(subject, release);
        bool is_too_new = strcmp(rule->code, "too-new") == 0;
        exclusion->eligible_at = is_too_new ? rules_eligible_at(subject->facts, release) : NULL;
    } else if (chosen) {
        bool gave_way =
            release->prerelease && !chosen->prerelease && !rules_take_prereleases(subject);
        compare_with_chosen(subject->facts->arena, chosen, gave_way, excluding->has_groups,
                            exclusion);
    }
    return exclusion->detail && !subject->facts->no_memory;
}

enum status select_exclusions(struct requires *requires, const struct package *package,
                              const struct select_span *span, struct exclusions *exclusions,
                              struct error *err) {
    struct excluding excluding = {.requires = requires,
                                  .chosen = requires_choose(requires, package),
                                  .has_groups = span->has_groups};
    rule_subject_init(&excluding.subject, requires->facts, package);
    // SIZE_MAX + 1 is 0, the newest release.
    for (size_t i = span->after + 1; i < package->release_count; i++) {
        if (excluding.chosen &&
            strcmp(package->releases[i].version, excluding.chosen->version) == 0) {
            continue;
        }
        if (span->limit && exclusions->count == span->limit) {
            break;
        }
        struct exclusion *exclusion = exclusions_add(requires->facts->arena, exclusions);
        if (!exclusion || !fill_exclusion(&excluding, &package->releases[i], exclusion)) {
            return fail_no_memory(err);
        }
    }
    return STATUS_OK;
}

void select_warnings(const struct package *package, const struct package_release *release,
                     struct findings *findings) {
    const char *colon = package->status_reason ? ": " : "";
    const char *reason = package->status_reason ? package->status_reason : "";
    if (package->status == PACKAGE_DEPRECATED) {
        char hint[160];
        snprintf(hint, sizeof hint, "Use %s instead",
                 package->replaced_by ? package->replaced_by : "");
        findings_add(findings, SEVERITY_WARNING, "deprecated", NULL,
                     package->replaced_by ? hint : NULL, "The package is deprecated%s%s", colon,
                     reason);
    }
    if (package->status == PACKAGE_ARCHIVED) {
        findings_add(findings, SEVERITY_WARNING, "archived", NULL, NULL,
                     "The package is archived: it gets no more releases%s%s", colon, reason);
    }
    if (release->yanked) {
        findings_add(findings, SEVERITY_WARNING, "yanked", NULL,
                     "The environment pins it; choose another version when you can",
                     "The release was yanked%s%s", *release->yanked ? ": " : "", release->yanked);
    }
}
