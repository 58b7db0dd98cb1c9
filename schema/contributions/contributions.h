// SPDX-License-Identifier: MIT
// What plugins contribute to their host, merged over all of them: the navigation, permissions, groups of users,
// endpoints, events. Read from the manifests of records, wherever the records come from. Pure; any thread.
#pragma once

#include "schema/record.h"

// The merged contributions of the records, in their order; each with the plugin that it comes from (its origin):
//
//     {"navigation": [{"path", "label", "icon", "origin"}],
//      "permissions": [{"group", "name", "origins": […]}],
//      "seed_groups": [{"group", "name", "permissions": […], "origins": […]}],
//      "dbt_workspaces": [{"path", "origin"}], "frontend_entries": [{"path", "origin"}],
//      "routers": [{"router", "origin"}], "router_prefixes": [{"prefix", "origin"}],
//      "endpoints": [{"method", "path", "tags", "request_model", "response_model", "origin"}],
//      "events": [{"group", "name", "publishers": […], "subscribers": […]}],
//      "plugins": [{"group", "name", "package", "version", "kind"}],
//      "unknown": [{"group", "name", "package", "version", "reason"}],
//      "conflicts": [{"code", "group", "subject", "message", "origins": […]}]}
//
// An origin is {"group", "name", "package", "version"}. Plugins of one group belong to one host: only they can be
// in conflict. A shadowed record contributes nothing, since its host does not load it. A record with errors or without
// a manifest is listed in "unknown". Owned. Fails with: NO_MEMORY.
enum status contributions_merge(const struct records *records, json_t **ret_document,
                                struct error *err);

// What two documents of contributions_merge, of a walk and of a registry, have that the other lacks:
//
//     {"same": true, "counts": {"same", "walk_only", "registry_only"},
//      "walk_only": [{"list", "item"}], "registry_only": [{"list", "item"}]}
//
// Versions of plugins do not matter; order does not matter. The lists "plugins" and "unknown" are no contributions.
// Owned. Fails with: NO_MEMORY.
enum status contributions_compare(const json_t *walk, const json_t *registry, json_t **ret_report,
                                  struct error *err);
