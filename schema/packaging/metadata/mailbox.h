// SPDX-License-Identifier: MIT
// Mailboxes (RFC 5322) as tools write them into Author-email: "Name <user@example.org>", joined by
// commas, with quoted names, comments and encoded words (RFC 2047). Callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct mailbox {
    const char *name;  // NULL: an address alone
    const char *email; // the bare address
};

// Whether the text is one address: local part, '@', domain. Fails with: INVALID.
enum status email_check(struct text text, struct error *err);

// Reads a list. A name with a comma must be in quotes; what is no address is refused and never guessed.
// Arena. Fails with: INVALID (says which part), NO_MEMORY.
enum status mailboxes_parse(struct arena *arena, struct text text,
                            const struct mailbox **ret_mailboxes, size_t *ret_count,
                            struct error *err);
