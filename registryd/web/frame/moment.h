// SPDX-License-Identifier: MIT
// Moments on pages: how long ago, with the exact one for who asks.
#pragma once

#include "registryd/web/frame/html.h"

// A moment that has passed, relative to now: "3 hours ago". The exact one is the title. A moment to come
// is written exactly, with its distance in the title. NULL is a dash.
void page_time(struct html *html, const char *at);
// The exact minute, "2026-05-01 12:34", with its distance from now in the title: for "since", "until" and "ended".
void page_moment(struct html *html, const char *at);
// What page_time writes of `at_ms` when it is `now_ms`, both Unix time.
// Example: "just now", "1 minute ago", "in 3 days", "2 years ago". `size` is at least 32.
void page_time_words(int64_t at_ms, int64_t now_ms, char *ret_words, size_t size);
