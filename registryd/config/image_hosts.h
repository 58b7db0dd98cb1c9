// SPDX-License-Identifier: MIT
// The hosts whose pictures pages may show. They stand in a header of every page, so only names of hosts are taken.
#pragma once

#include "schema/base/error.h"

enum { IMAGE_HOSTS_MAX = 20 };

// "img.example.org,cdn.example.org:8443"; NULL: no hosts are allowed. Fails with: USAGE (an item is no host).
enum status image_hosts_check(const char *list, struct error *err);
