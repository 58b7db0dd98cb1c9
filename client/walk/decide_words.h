// SPDX-License-Identifier: MIT
// What decisions say to people: findings with the decision, who made it and when, and the command that changes
// it; and the diagnostics about them. Running out of memory shows in the findings.
#pragma once

#include "schema/decision.h"
#include "schema/record.h"

// Adds the decision about the record, with its code.
void decide_add_row(struct findings *findings, enum severity severity, const struct record *record,
                    const struct decision *row, const char *environment);

// Adds "not-registered": the environment takes only what it lists, and the registry does not know the package.
void decide_add_unregistered(struct findings *findings, enum severity severity,
                             const struct record *record, const char *environment);

// Adds the warning "decision-version-unknown".
void decide_add_version_unknown(struct findings *findings, const struct record *record);

// Adds a diagnostic "withheld" about a record that decide_records withheld.
void decide_report(const struct record *withheld, struct findings *diagnostics);

// Adds a diagnostic "group-deprecated" for each group that is deprecated.
void decide_report_groups(const struct decisions *decisions, struct findings *diagnostics);

// Adds a diagnostic "decision-unknown" for each code that this version does not know.
void decide_report_unknown(const struct decisions *decisions, struct findings *diagnostics);
