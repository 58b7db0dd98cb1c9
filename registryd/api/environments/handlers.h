// SPDX-License-Identifier: MIT
// The handlers of environments: reading them, their history and differences (environments.c), changing them
// (environment_write.c) and their state (environment_states.c), and what they answer as a file
// (environment_export.c).
#pragma once

#include "registryd/request/api.h"

api_handler environments_list;         // GET /v1/environments
api_handler environments_show;         // GET /v1/environments/{environment}
api_handler environments_show_plugin;  // GET …/plugins/{package}
api_handler environments_history;      // GET …/history
api_handler environments_diff;         // GET …/diff
api_handler environments_put;          // PUT: creates it, or replaces its document
api_handler environments_patch;        // PATCH: a merge patch of its document
api_handler environments_patch_plugin; // PATCH …/plugins/{package}: of what is decided about it
api_handler environments_rollback;     // POST …/rollback
api_handler environments_freeze;       // POST …/freeze
api_handler environments_thaw;         // POST …/thaw
api_handler environments_promote;      // POST …/promote
api_handler environments_archive;      // POST …/archive
api_handler environments_restore;      // POST …/restore
api_handler environments_lock;         // GET …/lock
api_handler environments_export;       // GET …/export
