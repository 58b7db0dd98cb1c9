// SPDX-License-Identifier: MIT
// Project URLs: "label, url" of core metadata, and the labels that every index knows (PyPA
// "Well-known Project URLs in Metadata"). Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

enum { LABELLED_URL_CHARACTERS = 32 };

struct labelled_url {
    const char *label;
    const char *url;
    const char *kind; // "homepage", "source", … (static), or NULL where the label is not well known
};

// Parses "label, url". Arena. Fails with: INVALID (no label, a long one, no URL), NO_MEMORY.
enum status labelled_url_parse(struct arena *arena, struct text text, struct labelled_url *ret_url,
                               struct error *err);

// The kind a label stands for, its case, white space and punctuation apart. Static, or NULL.
const char *labelled_url_kind(struct text label);
