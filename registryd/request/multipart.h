// SPDX-License-Identifier: MIT
// multipart/form-data (RFC 7578), read strictly and piece by piece: the body is nothing but its parts, with
// CR LF where they belong; what browsers and package tools send passes, what could be understood in two ways is
// refused. A part is never held whole, so a form may be as large as its file. One thread, one form.
#pragma once

#include "registryd/request/byte_source.h"
#include "schema/base/arena.h"

enum { MULTIPART_PARTS_MAX = 4000, MULTIPART_HEADERS_BYTES_MAX = 2048 };

struct multipart; // in the arena

// What the headers of a part say, for example:
//   Content-Disposition: form-data; name="content"; filename="crm-1.0.tar.gz"
struct multipart_part {
    const char *name;         // of the field
    const char *filename;     // NULL when the part is no file
    const char *content_type; // NULL when it does not say
};

// Whether a Content-Type header is of this kind.
bool multipart_is(const char *content_type);

// Takes the boundary from the Content-Type and steps over the body's first delimiter. The source is borrowed.
// Fails with: MALFORMED, NO_MEMORY, and as the source.
enum status multipart_begin(struct arena *arena, const char *content_type,
                            const struct byte_source *source, struct multipart **ret_multipart,
                            struct error *err);

// The next part, past what is left of the one before; *ret_found is false after the last one, whose end is the
// end of the body. Fails with: MALFORMED (`where` says which part), TOO_LARGE (more than MULTIPART_PARTS_MAX),
// NO_MEMORY, and as the source.
enum status multipart_next(struct multipart *multipart, struct multipart_part *ret_part,
                           bool *ret_found, struct error *err);

// The next bytes of the part, borrowed until the next call; empty at its end.
// Fails with: MALFORMED, and as the source.
enum status multipart_read(struct multipart *multipart, struct text *ret_piece, struct error *err);

// The whole content of a part that is text. Arena. Fails with: TOO_LARGE (over `max_bytes`), MALFORMED (NUL or
// invalid UTF-8, too), NO_MEMORY, and as the source.
enum status multipart_read_text(struct multipart *multipart, size_t max_bytes,
                                const char **ret_text, struct error *err);
