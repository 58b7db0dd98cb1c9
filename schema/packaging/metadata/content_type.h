// SPDX-License-Identifier: MIT
// The media type of a description: it chooses the renderer. Callable from any thread.
#pragma once

#include "schema/base/error.h"
#include "schema/base/text.h"

// text/plain, text/x-rst or text/markdown, letters in any case; a charset is UTF-8, a variant of
// markdown GFM or CommonMark; other parameters pass. Fails with: INVALID.
enum status content_type_check(struct text value, struct error *err);
