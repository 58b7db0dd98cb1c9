// SPDX-License-Identifier: MIT
// One export while it works: what is asked, what its steps share, and what came of it.
#pragma once

#include "client/mirror/mirror_tree.h"
#include "client/remote/api_call.h"
#include "schema/snapshot/signature.h"

struct export_query {
    const char *folder;
    const char *environment;           // only what it resolves to; NULL: the whole index
    struct strings groups;             // of the snapshot, and of the environment's part; none: all
    const struct signature_pair *pair; // signs the manifest; NULL: it is not signed
    const struct connection *connection;
    const struct patience *patience;
    void (*tell)(void *context, const char *package, size_t total); // the next package; may be NULL
    void *context;
};

struct export_result {
    int64_t serial;
    size_t packages;        // that the export holds
    size_t changed;         // that were asked for
    size_t files;           // wheels and sdists that were downloaded
    int64_t bytes;          // of those
    size_t removed;         // files that were pruned
    const char *public_key; // of the registry's statements, hex; NULL: it does not sign
    const char
        *snapshot; // path in the export; NULL: none was written, because the index has no group
};

struct exporting {
    struct arena *arena; // of the whole export
    const struct export_query *query;
    struct mirror_tree tree;
    json_t *old;      // manifest of the export before; owned; NULL: there is none of this history
    json_t *packages; // of the new manifest, as the next two; owned by `manifest`
    json_t *files;
    json_t *manifest;     // owned
    json_t *requirements; // of an environment's part: {package: version}; owned; NULL: everything
    struct export_result result;
};

// A GET that answers with bytes. Arena. Fails with: what api_call_json fails with, NOT_FOUND.
enum status exporting_get(struct exporting *exporting, struct arena *arena, const char *path,
                          struct text *ret_bytes, struct error *err);

// Names a file of the tree in the manifest, among the files of `package` (NULL: of none). Fails with: NO_MEMORY.
enum status exporting_note(struct exporting *exporting, const char *package, const char *path,
                           const char *sha256, int64_t size, struct error *err);

// Puts a file into the tree, and notes it. Fails with: DISK_FULL, IO, NO_MEMORY.
enum status exporting_put(struct exporting *exporting, const char *package, const char *path,
                          struct text bytes, struct error *err);

void exporting_done(struct exporting *exporting);
