// SPDX-License-Identifier: MIT
// Project URLs: "label, url" of core metadata, and the labels that every index knows (PyPA
// "Well-known Project URLs in Metadata"). Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

enum { LABELLED_URL_CHARACTERS = 32 };

struct labelled_url {
    const char *label; // "Documentation"
    const char *url;   // http or https
    const char *kind; // "homepage", "source", … (static), or NULL where the label is not well known
};

// A label: 1 to LABELLED_URL_CHARACTERS characters that people can read. Fails with: INVALID.
enum status url_label_check(struct text label, struct error *err);

// A link: http:// or https:// and a host, without white space. Fails with: INVALID.
enum status web_url_check(struct text url, struct error *err);

// Parses "label, url"; the parts are not checked. Arena. Fails with: INVALID (one is missing), NO_MEMORY.
enum status labelled_url_parse(struct arena *arena, struct text text, struct labelled_url *ret_url,
                               struct error *err);

// The kind a label stands for, its case, white space and punctuation apart. Static, or NULL.
const char *labelled_url_kind(struct text label);
