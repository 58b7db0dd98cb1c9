// SPDX-License-Identifier: MIT
// What a discovery knows of decisions: how much of them it enforces, and the diagnostics that say where they do
// not hold. A host that misses decisions must see that in its log, whatever the reason is. Pure but for the
// environment variables.
#pragma once

#include "client/public/discover.h"
#include "client/remote/source_registry.h"
#include "client/walk/decide.h"

// The level of that name; NULL: of REGISTRYD_ENFORCE, else "on". A name in the environment that is none is
// reported in `diagnostics`, and "on" is used. Fails with: USAGE (`name` is none), NO_MEMORY.
enum status discover_choose_enforce(const char *name, struct findings *diagnostics,
                                    enum enforce *ret_enforce, struct error *err);

// Whether an unknown environment fails a call instead of being reported: `option`, or REGISTRYD_STRICT=1.
bool discover_is_strict(bool option);

struct discover_known {
    enum discover_mode mode;
    enum enforce enforce;
    const struct resolution *answer; // of the registry or of a snapshot; NULL: neither has one
    bool is_kept;                    // it is a snapshot's
    bool is_too_old;                 // and older than the environment allows
    const char *age;                 // of the snapshot, for people: "40 days"
};

// Adds what there is to say: enforce-warn, enforce-off, decisions-not-asked, decisions-unknown,
// decision-unknown, snapshot-too-old.
void discover_report_decisions(const struct discover_known *known, struct findings *diagnostics);
