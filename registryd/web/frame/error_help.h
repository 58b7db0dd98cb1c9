// SPDX-License-Identifier: MIT
// What a page that says what went wrong offers its reader, and the addresses that lead on from it.
#pragma once

#include "registryd/web/frame/page.h"

// What helps the reader on, below the message of a page: a search and the nearest names where nothing was found, the
// sign-in where a right is missing. Names are shown to those alone who may read.
void error_help_add(struct page_context *page, const struct error *problem);

// Whether a page may return there after signing in: a path of this server, with a query or not. NULL is none.
bool error_help_is_own_address(const char *address);

// The address that was asked for, encoded again and without a slash at its end. Arena; NULL = no memory.
const char *error_help_own_address(const struct request *request);

// The sign-in page, from where the way leads back to that address. Arena; NULL = no memory.
const char *error_help_sign_in_address(const struct request *request);
