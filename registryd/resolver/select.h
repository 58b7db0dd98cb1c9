// SPDX-License-Identifier: MIT
// Selection in one package: the release that is taken, and why each other is left out. Per package the newest fitting release is taken, over all its releases and whatever the
// group; groups are then filled from that release alone, so a newer release that dropped a group
// removes the plugin from it. The rules are in rules.c. Used by one thread.
#pragma once

#include "registryd/resolver/selection.h"
#include "registryd/rules/requires.h"

// The release of a package that a host takes by the package's own rules, or NULL: what it requires of other
// packages may lead to an older one (requires.h). Pre-releases are taken when they are allowed or the pin names
// one, or when no final release fits. Borrowed from the package.
const struct package_release *select_release(struct facts *facts, const struct package *package);

// Appends the releases of a package that were left out, newest first, each with the reason; begins
// behind the release of index `after` (SIZE_MAX: with the newest), and stops when `exclusions` holds
// `limit` (0: never). `has_groups`: whether the release that is taken is in any group asked for. The
// sentences are in the arena of the facts. Fails with: NO_MEMORY.
struct select_span {
    size_t after;
    size_t limit;
    bool has_groups;
};
enum status select_exclusions(struct requires *requires, const struct package *package,
                              const struct select_span *span, struct exclusions *exclusions,
                              struct error *err);

// Appends an empty one. Borrowed until the next call; NULL when out of memory.
struct exclusion *exclusions_add(struct arena *arena, struct exclusions *exclusions);

// Adds the warnings a record of this release carries for its package's state. What cannot be kept
// shows in findings->no_memory.
void select_warnings(const struct package *package, const struct package_release *release,
                     struct findings *findings);
