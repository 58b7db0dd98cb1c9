// SPDX-License-Identifier: MIT
// The hosts whose pictures pages may show. They stand in a header of every page, so only names of hosts are taken.
#pragma once

#include "schema/base/error.h"

enum { IMAGE_HOSTS_MAX = 20 };

// "img.example.org,cdn.example.org:8443"; NULL is no host. Fails with: USAGE.
enum status image_hosts_check(const char *list, struct error *err);
