// SPDX-License-Identifier: MIT
// The sentences of decisions. The registry's own message comes first, because it has the reason; then who decided
// and when; the hint is the command that changes the decision. The diagnostic of a withheld record repeats its
// first finding, so that a host which only logs diagnostics says the same.
#include "client/walk/decide_words.h"

#include "schema/base/list.h"

#include <string.h>

// ---- hints ----

static const char *hint_quarantine(struct arena *arena, const struct decision *row,
                                   const char *environment) {
    (void)environment;
    return arena_printf(arena, "Lift the quarantine: registryctl quarantine %s%s%s --undo",
                        row->package, row->version ? "==" : "", row->version ? row->version : "");
}

static const char *hint_enable(struct arena *arena, const struct decision *row,
                               const char *environment) {
    return row->entry_only
               ? arena_printf(
                     arena, "Enable it: registryctl environment enable %s %s --entry-point '%s:%s'",
                     environment, row->package, row->group, row->name)
               : arena_printf(arena, "Enable it: registryctl environment enable %s %s", environment,
                              row->package);
}

static const char *hint_pin(struct arena *arena, const struct decision *row,
                            const char *environment) {
    return arena_printf(arena, "Install a version that the pin of %s accepts: %s", environment,
                        row->pin);
}

static const char *hint_show(struct arena *arena, const struct decision *row,
                             const char *environment) {
    (void)environment;
    return arena_printf(arena, "Read what the registry knows: registryctl show %s", row->package);
}

static const char *hint_successor(struct arena *arena, const struct decision *row,
                                  const char *environment) {
    return row->successor ? arena_printf(arena, "Use %s instead", row->successor)
                          : hint_show(arena, row, environment);
}

static const struct {
    const char *code;
    const char *(*make)(struct arena *arena, const struct decision *row, const char *environment);
} hints[] = {
    {DECISION_CODE_QUARANTINED, hint_quarantine}, {DECISION_CODE_DISABLED, hint_enable},
    {DECISION_CODE_NOT_ENABLED, hint_enable},     {DECISION_CODE_OUTSIDE_PIN, hint_pin},
    {DECISION_CODE_DEPRECATED, hint_successor},   {DECISION_CODE_ALIAS, hint_successor},
};

// Arena; NULL when out of memory.
static const char *hint_of(struct arena *arena, const struct decision *row,
                           const char *environment) {
    for (size_t i = 0; i < COUNT_OF(hints); i++) {
        if (strcmp(hints[i].code, row->code) == 0) {
            return hints[i].make(arena, row, environment);
        }
    }
    return hint_show(arena, row, environment);
}

// ---- findings ----

void decide_add_row(struct findings *findings, enum severity severity, const struct record *record,
                    const struct decision *row, const char *environment) {
    const char *message = row->message ? row->message : "The registry decided it";
    const char *hint = hint_of(findings->arena, row, environment);
    size_t len = strlen(message);
    int shown = (int)(len && message[len - 1] == '.' ? len - 1 : len);
    bool is_told = row->by || row->since;
    findings->no_memory |= !hint;
    findings_add(findings, severity, row->code, record->origin, hint, "%.*s%s%s%s%s%s%s", shown,
                 message, is_told ? ". Decided" : "", row->by ? " by " : "", row->by ? row->by : "",
                 row->since ? " at " : "", row->since ? row->since : "", is_told ? "." : "");
}

void decide_add_unregistered(struct findings *findings, enum severity severity,
                             const struct record *record, const char *environment) {
    const char *package = record->package ? record->package : record->name;
    findings_add(findings, severity, "not-registered", record->origin,
                 "Publish the plugin, and enable it in the environment",
                 "The registry has no package \"%s\" in the group %s, and the environment %s takes "
                 "only the packages that it lists",
                 package ? package : "?", record->group, environment);
}

void decide_add_version_unknown(struct findings *findings, const struct record *record) {
    findings_add(findings, SEVERITY_WARNING, "decision-version-unknown", record->origin,
                 "State the version of the plugin in its directory",
                 "The registry decided about versions of this package, and the version of \"%s\" "
                 "is unknown",
                 record->name ? record->name : "?");
}

// ---- diagnostics ----

void decide_report(const struct record *withheld, struct findings *diagnostics) {
    const struct finding *decision = &withheld->findings.items[0];
    const char *package = withheld->package;
    findings_add(diagnostics, SEVERITY_WARNING, "withheld", withheld->origin, decision->hint,
                 "\"%s\"%s%s%s%s is withheld (%s): %s", withheld->name ? withheld->name : "?",
                 package ? " of " : "", package ? package : "", withheld->version ? " " : "",
                 withheld->version ? withheld->version : "", decision->code, decision->message);
}

void decide_report_groups(const struct decisions *decisions, struct findings *diagnostics) {
    for (size_t i = 0; i < decisions->count; i++) {
        const struct decision *row = &decisions->items[i];
        if (strcmp(row->code, DECISION_CODE_GROUP_DEPRECATED) == 0) {
            const char *hint =
                row->successor
                    ? arena_printf(diagnostics->arena, "Use the group %s instead", row->successor)
                    : NULL;
            diagnostics->no_memory |= row->successor && !hint;
            findings_add(diagnostics, SEVERITY_WARNING, row->code, row->group, hint, "%s",
                         row->message ? row->message : "The group is deprecated");
        }
    }
}

void decide_report_unknown(const struct decisions *decisions, struct findings *diagnostics) {
    enum { CODES = 8 }; // more are not told
    const char *seen[CODES];
    size_t seen_count = 0;
    for (size_t i = 0; i < decisions->count && seen_count < CODES; i++) {
        const struct decision *row = &decisions->items[i];
        bool is_new = decision_effect(row->code) == DECISION_UNKNOWN;
        for (size_t j = 0; j < seen_count && is_new; j++) {
            is_new = strcmp(seen[j], row->code) != 0;
        }
        if (is_new) {
            seen[seen_count++] = row->code;
            findings_add(diagnostics, SEVERITY_WARNING, "decision-unknown", NULL,
                         "Update the client library",
                         "The registry decided \"%s\" about %s. This client does not know that "
                         "code and ignores it.",
                         row->code, row->package);
        }
    }
}
