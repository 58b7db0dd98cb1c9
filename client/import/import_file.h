// SPDX-License-Identifier: MIT
// One file of an import: read, checked and sent, and what became of it. Every way in (a folder, another index, an
// exported tree) ends here.
#pragma once

#include "client/remote/api_call.h"
#include "client/import/artifact_folder.h"
#include "client/import/import_known.h"

enum import_word {
    IMPORT_NOT_SENT,  // the import ended before it
    IMPORT_ADDED,     // new in the registry
    IMPORT_UNCHANGED, // the same file was there
    IMPORT_LEFT_OUT,  // it has no entry point of the groups that were asked for
    IMPORT_REFUSED,   // `message` says why
    IMPORT_WORD_COUNT
};

// "added". Static.
const char *import_word_name(enum import_word word);

struct import_item {
    const char *path;        // of the file on disk
    const char *shown;       // how people know the file; NULL: by its path
    const char *package;     // normalised: what it must be of; NULL: of any
    const char *sha256;      // hex: what it must be; NULL: whatever it is
    const char *uploaded_at; // RFC 3339; NULL: not known
};

struct import_outcome {
    enum import_word word;
    const char *shown;   // as the item's
    const char *package; // as far as it could be read
    const char *version;
    enum status status;  // of a refusal
    const char *code;    // of the finding or the status that says why; NULL: not refused
    const char *message; // a sentence; NULL: not refused
};

struct import_outcomes {
    struct import_outcome *items;
    size_t count;
    size_t capacity;
    size_t counts[IMPORT_WORD_COUNT]; // by word
    enum status final;                // why the import ended early; OK: it did not
    int exit_code;                    // of the worst outcome
};

struct importing {
    struct arena *arena; // of the outcomes
    const struct connection *connection;
    const struct patience *patience;       // NULL: nothing is waited for
    const struct fetch_progress *progress; // may be NULL
    struct strings groups; // only files with an entry point in one of them; none: all files
    bool keeps_times;      // the token may give the times of another registry
    struct import_known known;
    struct import_outcomes outcomes;
};

void importing_done(struct importing *importing);

// Whether the token may give upload times: the scope import. Fails with: what api_call_json fails with.
enum status importing_ask_times(struct importing *importing, struct error *err);

// Reads and sends one file, and adds its outcome. Only what ends the whole import is returned; a registry that cannot
// be reached or that refuses the token sets outcomes.final, and every later file is not sent.
// Fails with: NO_MEMORY, INTERNAL.
enum status importing_send(struct importing *importing, const struct import_item *item,
                           struct error *err);

// The release as the registry had it when its package was asked for; NULL: it had none.
const struct statement_release *importing_known_release(struct importing *importing,
                                                        const char *package, const char *version);

// Ends the import when a failure would meet every later file, too.
void importing_end_on(struct importing *importing, enum status status);

// Adds an outcome that another step of an import has found. The texts are copied. Fails with: NO_MEMORY.
enum status importing_add(struct importing *importing, const struct import_outcome *outcome,
                          struct error *err);
