// SPDX-License-Identifier: MIT
// The tasks of registryd-extract whose answers are shown on pages. Each gets a line, the bytes that the daemon filled in,
// and writes its answer; it runs confined. Internal to the program.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/text.h"

enum { SHOW_BYTES_MAX = 2 * 1024 * 1024, SHOW_MEMBER_BYTES_MAX = 1024 * 1024 };

// False when there is no answer.
typedef bool show_maker(struct arena *arena, const char *line, struct text bytes,
                        struct buffer *out);

// The maker of a task; NULL when there is none:
//   readme CONTENT-TYPE      a description as markup
//   list-zip                 the files of a zip whose end is filled in, a line each: "START PACKED METHOD CRC SIZE\tNAME";
//                            or "more START": its directory begins there
//   list-tar                 the files of a gzip'd tar, the same line with four zeros
//   member-zip START PACKED METHOD CRC SIZE NAME    a file as markup; its bytes are filled in
//   member-tar NAME          likewise, of a tar that is filled in whole
show_maker *show_find(const char *word);
