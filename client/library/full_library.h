// SPDX-License-Identifier: MIT
// The library is two files. libregistryclient.so is what hosts link: opening a handle and looking things up
// in its snapshot, with next to nothing to load. What asks registries and walks directories needs some
// forty libraries, which take longer to load than a host may take to start: it is in
// libregistryclient-full.so, which is loaded when it is first needed.
#pragma once

#include "client/include/registryclient.h"

// The one thing that libregistryclient-full.so exports. Both files are made of the same objects; that
// they are of one build shows in the version.
// A table and not eight exported symbols: one look-up either finds all of them or none, and the
// small library cannot end up with functions of two versions.
struct registry_full {
    const char *version; // both libraries must be of one
    int (*resolve)(struct registry *registry, const struct registry_query *query,
                   struct registry_result **ret, struct registry_error *err);
    int (*resolve_part)(struct registry *registry, const struct registry_query *query,
                        const struct registry_part *part, struct registry_result **ret,
                        struct registry_error *err);
    int (*walk)(struct registry *registry, const struct registry_walk_options *options,
                struct registry_result **ret, struct registry_error *err);
    int (*compare)(struct registry *registry, const struct registry_query *query,
                   const struct registry_walk_options *options, struct registry_parity **ret,
                   struct registry_error *err);
    int (*discover)(struct registry *registry, const struct registry_discovery *discovery,
                    struct registry_result **ret, struct registry_error *err);
    int (*refresh)(struct registry *registry, int timeout_ms, bool *ret_changed,
                   struct registry_error *err);
    int (*send)(struct registry *registry, const struct registry_request *request,
                struct registry_answer **ret, struct registry_error *err);
    int (*publish)(struct registry *registry, const struct registry_publication *publication,
                   struct registry_answer **ret, struct registry_error *err);
};

extern const struct registry_full registry_full_1;
