// SPDX-License-Identifier: MIT
// Two states of an environment side by side: which plugins are decided otherwise, what that is in
// words, and the difference of two documents value by value. Pure, but for the arena.
#pragma once

#include "schema/environment/environment.h"

// A package about which the two sides decide differently; a side is NULL where it says nothing.
struct plugin_change {
    const char *package;
    const struct environment_plugin *before;
    const struct environment_plugin *after;
};
struct plugin_changes {
    struct plugin_change *items; // by package
    size_t count;
};

// A change of an environment that is about to be stored.
struct environment_step {
    const struct environment *before;     // NULL: it is created
    const struct environment *after;      // what is to be stored
    const struct plugin_changes *changes; // between the two
    // The same with every setting, for the schemas: new secrets as they were sent, the others as a text of their own.
    const struct plugin_changes *full_changes;
    const char *seat; // that text
};

// Arena. Fails with: NO_MEMORY.
enum status environment_compare_plugins(struct arena *arena, const struct environment *before,
                                        const struct environment *after,
                                        struct plugin_changes *ret_changes, struct error *err);

// What was changed, for people: "enabled crm; pinned crm; facts". One line of at most 1,000 bytes.
// Arena; NULL when out of memory.
const char *environment_compare_words(struct arena *arena, const struct environment *before,
                                      const struct environment *after,
                                      const struct plugin_changes *changes);

// The difference of two documents: [{"where": JSON pointer, "from", "to"}], in byte order of the keys. A
// side that has nothing there lacks its key. Lists of texts that differ in what they hold say
// "added" and "removed" instead. Owned; NULL when out of memory.
json_t *environment_compare_documents(struct arena *arena, const json_t *from, const json_t *to);
