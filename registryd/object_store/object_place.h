// SPDX-License-Identifier: MIT
// Where the objects of a bucket are: what the settings "s3://bucket/prefix", endpoint and path style mean. Pure.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"

struct object_place {
    const char *base; // "https://bucket.s3.example.com": scheme and host
    const char *host; // as the header Host names it; "s3.example.com:9000"
    const char *path; // before a key: "/bucket/prefix/" or "/prefix/"
    bool is_plain;    // http
};

struct object_place_wish {
    const char *url;      // "s3://bucket/prefix"
    const char *endpoint; // NULL: that of AWS in the region
    const char *region;
    bool is_path_style;
};

// Arena. Fails with: USAGE (it names the setting), NO_MEMORY.
enum status object_place_parse(struct arena *arena, const struct object_place_wish *wish,
                               struct object_place *ret_place, struct error *err);
