// SPDX-License-Identifier: MIT
// The levels of enforcement and the diagnostics about decisions (discover_decisions.h). Each is added once for a
// discovery, before those of its groups. All but one are warnings: a snapshot that is too old is an error, because
// a host that never reaches its registry would otherwise miss a quarantine in silence.
#include "client/public/discover_decisions.h"

#include "client/walk/decide_words.h"

#include <stdlib.h>
#include <string.h>

static const char level_names[] = "strict, on, warn or off";

// A wrong argument is refused; a wrong variable is a warning and the strict level: a typing error in the
// environment must not stop a host, and must not switch enforcement off.
enum status discover_choose_enforce(const char *name, struct findings *diagnostics,
                                    enum enforce *ret_enforce, struct error *err) {
    const char *set = getenv("REGISTRYD_ENFORCE");
    *ret_enforce = ENFORCE_ON;
    if (name) {
        return enforce_find(name, ret_enforce)
                   ? STATUS_OK
                   : fail(err, STATUS_USAGE, NULL,
                          "\"%s\" is not a level of enforcement. The levels are %s.", name,
                          level_names);
    }
    if (set && *set && !enforce_find(set, ret_enforce)) {
        findings_add(diagnostics, SEVERITY_WARNING, "enforce-unknown", "REGISTRYD_ENFORCE",
                     "Correct or unset the variable",
                     "\"%s\" is not a level of enforcement, so \"on\" is used. The levels are %s.",
                     set, level_names);
    }
    return diagnostics->no_memory ? fail_no_memory(err) : STATUS_OK;
}

bool discover_is_strict(bool option) {
    const char *set = getenv("REGISTRYD_STRICT");
    return option || (set && strcmp(set, "1") == 0);
}

static void report_level(enum enforce enforce, struct findings *diagnostics) {
    if (enforce == ENFORCE_WARN) {
        findings_add(
            diagnostics, SEVERITY_WARNING, "enforce-warn", "REGISTRYD_ENFORCE",
            "Set it to \"on\" when the emergency is over",
            "Decisions of the registry are only warnings: quarantined and disabled plugins "
            "are loaded");
    } else if (enforce == ENFORCE_OFF) {
        findings_add(diagnostics, SEVERITY_WARNING, "enforce-off", "REGISTRYD_ENFORCE",
                     "Set it to \"on\" when the emergency is over",
                     "Decisions of the registry are ignored: quarantined and disabled plugins are "
                     "loaded");
    }
}

// The hint depends on who can help: the operator of the registry, or the operator of this host.
static void report_unknown(const struct discover_known *known, struct findings *diagnostics) {
    const char *why = !known->answer ? "Neither the registry nor a snapshot answers"
                      : known->is_kept
                          ? "The snapshot has no decisions"
                          : "The registry sends no decisions; it is of an earlier version";
    const char *hint = known->answer && !known->is_kept
                           ? "Update the registry"
                           : "Pull a snapshot: registryctl snapshot pull";
    findings_add(diagnostics, SEVERITY_WARNING, "decisions-unknown", NULL, hint,
                 "%s. Quarantined and disabled plugins in the directories are not withheld.", why);
}

void discover_report_decisions(const struct discover_known *known, struct findings *diagnostics) {
    report_level(known->enforce, diagnostics);
    if (!discover_asks_registry(known->mode)) {
        findings_add(diagnostics, SEVERITY_WARNING, "decisions-not-asked", NULL,
                     "Use another mode, for example walk-first",
                     "The mode walk does not ask the registry. Quarantined and disabled plugins "
                     "are not withheld.");
        return;
    }
    if (!known->answer || !known->answer->has_decisions) {
        report_unknown(known, diagnostics);
    } else {
        decide_report_unknown(&known->answer->decisions, diagnostics);
        decide_report_groups(&known->answer->decisions, diagnostics);
    }
    if (known->is_kept && known->is_too_old) {
        findings_add(diagnostics, SEVERITY_ERROR, "snapshot-too-old", NULL,
                     "Pull it again, or run registryctl watch on this host",
                     "The snapshot is %s old, more than its environment allows. Later decisions "
                     "of the registry are unknown.",
                     known->age);
    }
}
