// SPDX-License-Identifier: MIT
// What libregistryclient-full.so offers to libregistryclient.so (full.h).
#include "client/library/full_library.h"

REGISTRY_API const struct registry_full registry_full_1 = {
    .version = REGISTRYD_VERSION,
    .resolve = registry_resolve,
    .resolve_part = registry_resolve_part,
    .walk = registry_walk,
    .compare = registry_compare,
    .discover = registry_discover,
    .refresh = registry_refresh,
    .send = registry_send,
    .publish = registry_publish,
};
