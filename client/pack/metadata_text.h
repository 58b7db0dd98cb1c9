// SPDX-License-Identifier: MIT
// A release as the texts that a wheel's .dist-info directory holds: METADATA (core metadata), WHEEL and
// entry_points.txt. The readers of schema/readers/artifact make the same release of them. Pure.
#pragma once

#include "schema/base/text.h"
#include "schema/release/release.h"

// Each appends to `text`; a failure shows in text->failed.
void metadata_text_write(struct buffer *text, const struct valid_release *release);
void entry_points_text_write(struct buffer *text, const struct valid_release *release);
void wheel_text_write(struct buffer *text);
