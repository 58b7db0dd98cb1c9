// SPDX-License-Identifier: MIT
// Where clients reach this registry, for whatever it writes down for them: files that name addresses.
#pragma once

#include "registryd/request/api.h"

// "https://plugins.example.org", without a slash at its end: --public-url, or what the request itself was sent to.
// Arena; NULL when out of memory.
const char *registry_url(const struct api *api, const struct request *request);
