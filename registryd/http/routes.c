// SPDX-License-Identifier: MIT
// The rows, in the order of docs/HTTP.md, and the table as JSON for --print-routes. Read-only, so any thread
// may look a route up.
//
// The last text of the policy columns says how an answer may be cached:
//   fresh      kept by the client, asked about again every time (with If-None-Match)
//   unkept     never stored: it changes with every request, or it shows a secret once
//   immutable  never asked for again: the address names the content's digest
//
// A route's own `admit` runs before its body is read, its `refuse` in place of a problem document.
#include "registryd/http/routes.h"

#include "registryd/api/activity/handlers.h"
#include "registryd/api/admin/handlers.h"
#include "registryd/api/contributions/handlers.h"
#include "registryd/api/environments/handlers.h"
#include "registryd/api/groups/handlers.h"
#include "registryd/api/legacy/handlers.h"
#include "registryd/api/monitoring/handlers.h"
#include "registryd/api/packages/handlers.h"
#include "registryd/api/pypi/handlers.h"
#include "registryd/api/reports/handlers.h"
#include "registryd/api/resolve/handlers.h"
#include "registryd/api/secrets/handlers.h"
#include "registryd/api/settings/handlers.h"
#include "registryd/api/simple/handlers.h"
#include "registryd/web/activity/activity_pages.h"
#include "registryd/web/admin/admin.h"
#include "registryd/web/frame/error_page.h"
#include "registryd/web/frame/static_files.h"
#include "registryd/web/entries/entries.h"
#include "registryd/web/environment/environment_pages.h"
#include "registryd/web/forms/forms.h"
#include "registryd/web/package/package_pages.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/transition/transition_pages.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <assert.h>
#include <string.h>

static const char fresh[] = "no-cache";
static const char unkept[] = "no-store";
// pip and its like know only Basic; a browser would open a dialogue for it on the pages.
static const char basic[] = "Basic realm=\"registryd\"";
static const char immutable[] = "public, max-age=31536000, immutable";

static const struct route rows[] = {
    // Asked far more often than all others together, so they stand where the search for a row begins.
    {"GET", "/v1/resolve", ACCESS_READ, 0, fresh, resolve_answer,
     "Resolve the entry points of groups for a host", .dates_itself = true},
    {"GET", "/v1/snapshot", ACCESS_READ, 0, fresh, snapshot_answer,
     "Get a resolution as a snapshot file for offline use", .dates_itself = true},
    {"GET", "/v1", ACCESS_NONE, 0, fresh, service_show, "Show version, epoch, serial and links"},
    // Probes need no token. Their answers are never stored, since an old answer would hide a
    // failure.
    {"GET", "/healthz", ACCESS_NONE, 0, unkept, health_live, "Check that the process answers"},
    {"GET", "/readyz", ACCESS_NONE, 0, unkept, health_ready,
     "Check that the daemon is ready to serve"},
    {"GET", "/metrics", ACCESS_NONE, 0, unkept, metrics_show, "Show metrics for Prometheus"},
    {"GET", "/v1/groups", ACCESS_READ, 0, fresh, groups_list,
     "List entry-point groups with counts"},
    {"GET", "/v1/groups/{group}", ACCESS_READ, 0, fresh, groups_show,
     "Show a group, its contract and its entry points"},
    {"PUT", "/v1/groups/{group}", ACCESS_GROUP, LIMIT_DOCUMENT_BYTES, unkept, contracts_set,
     "Create or replace the contract of a group"},
    {"PUT", "/v1/groups/{group}/hold", ACCESS_GROUP, LIMIT_CHANGE_BYTES, unkept, holds_add_group,
     "Hold new releases of a group back, while the existing ones are served"},
    {"DELETE", "/v1/groups/{group}/hold", ACCESS_GROUP, 0, unkept, holds_end_group,
     "End the hold of a group"},
    {"PUT", "/v1/groups/{group}/alias", ACCESS_GROUP, LIMIT_CHANGE_BYTES, unkept,
     entries_alias_in_group, "Let an old entry-point name of a group lead to its present name"},
    {"DELETE", "/v1/groups/{group}/alias", ACCESS_GROUP, 0, unkept, entries_unalias_in_group,
     "Remove an alias from a group"},
    {"GET", "/v1/entry-points", ACCESS_READ, 0, fresh, entry_points_find,
     "Find entry points by module, value, package, name or group"},
    {"GET", "/v1/entry-states", ACCESS_READ, 0, fresh, entries_states,
     "List deprecated entry points and aliases"},
    {"GET", "/v1/holds", ACCESS_READ, 0, fresh, holds_list, "List the holds"},
    {"GET", "/v1/requirements", ACCESS_READ, 0, fresh, requirements_show,
     "Get a resolution as pip requirements with hashes"},
    {"GET", "/v1/outdated", ACCESS_READ, 0, fresh, outdated_show,
     "List packages of which an environment gets an older release than the newest"},
    {"GET", "/v1/packages", ACCESS_READ, 0, fresh, packages_list, "List and search packages"},
    {"GET", "/v1/packages/{name}", ACCESS_READ, 0, fresh, packages_show,
     "Show a package and its releases"},
    {"GET", "/v1/packages/{name}/releases/{version}", ACCESS_READ, 0, fresh, releases_show,
     "Show a release and its document"},
    {"GET", "/v1/packages/{name}/statement", ACCESS_READ, 0, fresh, statements_package,
     "Get a signed statement of the releases and files of a package"},
    {"GET", "/v1/statement", ACCESS_READ, 0, fresh, statements_index,
     "Get a signed statement of all packages"},
    {"PUT", "/v1/packages/{name}/releases/{version}", ACCESS_PUBLISH, LIMIT_DOCUMENT_BYTES, unkept,
     releases_publish, "Publish a release"},
    {"POST", "/v1/packages/{name}/releases/{version}/yank", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     lifecycle_yank, "Yank a release: only environments that pin it still get it"},
    {"DELETE", "/v1/packages/{name}/releases/{version}/yank", ACCESS_YANK, 0, unkept,
     lifecycle_unyank, "Withdraw a yank"},
    {"PUT", "/v1/packages/{name}/releases/{version}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES,
     unkept, lifecycle_release_status,
     "Quarantine a release: registryd stops serving it; or release it from quarantine"},
    {"PUT", "/v1/packages/{name}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     lifecycle_package_status, "Deprecate, archive, quarantine or reactivate a package"},
    {"PUT", "/v1/packages/{name}/hold", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept, holds_add_package,
     "Hold new releases of a package back, while the existing ones are served"},
    {"DELETE", "/v1/packages/{name}/hold", ACCESS_YANK, 0, unkept, holds_end_package,
     "End the hold of a package"},
    {"PUT", "/v1/packages/{name}/entry-points/deprecation", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     entries_deprecate, "Deprecate an entry point of a package"},
    {"DELETE", "/v1/packages/{name}/entry-points/deprecation", ACCESS_YANK, 0, unkept,
     entries_undeprecate, "End the deprecation of an entry point"},
    {"PUT", "/v1/packages/{name}/entry-points/alias", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     entries_alias, "Let an old entry-point name of a package lead to its present name"},
    {"DELETE", "/v1/packages/{name}/entry-points/alias", ACCESS_YANK, 0, unkept, entries_unalias,
     "Remove an alias from a package"},
    {"POST", "/v1/artifacts", ACCESS_PUBLISH, ROUTE_BODY_ARTIFACT, unkept, artifacts_publish,
     "Publish a wheel or an sdist together with its release", .admit = artifacts_admit},
    {"GET", "/files/{sha256}/{filename}", ACCESS_READ, 0, immutable, files_show,
     "Download a wheel or an sdist, or the metadata of a wheel", .challenge = basic},
    {"GET", "/files/{sha256}/{filename}/attestations", ACCESS_READ, 0, immutable, attestations_show,
     "Download the attestations that came with a file", .challenge = basic},
    // Both spellings work, because a client that follows a redirect may send the upload without its
    // body.
    {"POST", "/legacy/", ACCESS_PUBLISH, ROUTE_BODY_ARTIFACT, unkept, legacy_upload,
     "Publish a wheel or an sdist with twine, flit, hatch, poetry or uv", .admit = legacy_admit,
     .challenge = basic},
    {"POST", "/legacy", ACCESS_PUBLISH, ROUTE_BODY_ARTIFACT, unkept, legacy_upload,
     "Publish a wheel or an sdist: the same address without its last slash", .admit = legacy_admit,
     .challenge = basic},
    {"GET", "/simple", ACCESS_READ, 0, fresh, simple_redirect, "Redirect to the package index",
     .challenge = basic},
    {"GET", "/simple/", ACCESS_READ, 0, fresh, simple_projects,
     "List all packages for package installers", .challenge = basic},
    {"GET", "/simple/{name}", ACCESS_READ, 0, fresh, simple_redirect,
     "Redirect to the index page of a package", .challenge = basic},
    {"GET", "/simple/{name}/", ACCESS_READ, 0, fresh, simple_project,
     "List the files of a package for package installers", .challenge = basic},
    {"GET", "/pypi/{name}/json", ACCESS_READ, 0, fresh, pypi_project,
     "Show a package as one JSON document for older tools", .challenge = basic},
    {"GET", "/pypi/{name}/{version}/json", ACCESS_READ, 0, fresh, pypi_release,
     "Show a release as one JSON document for older tools", .challenge = basic},
    {"POST", "/pypi", ACCESS_READ, LIMIT_SMALL_BODY_BYTES, unkept, xmlrpc_call,
     "Call a reading method by XML-RPC", .challenge = basic},
    {"POST", "/pypi/", ACCESS_READ, LIMIT_SMALL_BODY_BYTES, unkept, xmlrpc_call,
     "Call a reading method by XML-RPC: the same address with a last slash", .challenge = basic},
    {"POST", "/v1/check", ACCESS_ASK, LIMIT_DOCUMENT_BYTES, unkept, check_release,
     "Check a release document, a wheel or an sdist without publishing it", .admit = check_admit,
     .takes_files = true},
    {"GET", "/v1/changes", ACCESS_READ, 0, unkept, changes_list,
     "List changes since a serial, with long polling"},
    {"GET", "/v1/environments", ACCESS_READ, 0, fresh, environments_list, "List environments"},
    {"GET", "/v1/environments/{environment}", ACCESS_READ, 0, fresh, environments_show,
     "Show an environment, at its newest or another revision"},
    {"PUT", "/v1/environments/{environment}", ACCESS_ENVIRONMENT, LIMIT_ENVIRONMENT_BYTES, unkept,
     environments_put, "Create an environment or replace its document"},
    {"PATCH", "/v1/environments/{environment}", ACCESS_ENVIRONMENT, LIMIT_ENVIRONMENT_BYTES, unkept,
     environments_patch, "Change an environment by JSON merge patch"},
    {"GET", "/v1/environments/{environment}/plugins/{package}", ACCESS_READ, 0, fresh,
     environments_show_plugin, "Show what an environment decides about a package"},
    {"PATCH", "/v1/environments/{environment}/plugins/{package}", ACCESS_ENVIRONMENT,
     LIMIT_DOCUMENT_BYTES, unkept, environments_patch_plugin,
     "Enable, disable, pin or configure a plugin by JSON merge patch"},
    {"GET", "/v1/environments/{environment}/plugins/{package}/settings", ACCESS_SETTINGS, 0, fresh,
     plugin_settings_show, "Show the settings of a plugin, with the defaults of its groups"},
    {"PATCH", "/v1/environments/{environment}/plugins/{package}/settings", ACCESS_ENVIRONMENT,
     LIMIT_DOCUMENT_BYTES, unkept, plugin_settings_patch,
     "Change the settings of a plugin by JSON merge patch"},
    {"GET", "/v1/environments/{environment}/contributions", ACCESS_READ, 0, fresh,
     contributions_show, "Show what the plugins of an environment contribute, and their conflicts"},
    {"GET", "/v1/environments/{environment}/history", ACCESS_READ, 0, fresh, environments_history,
     "List the revisions of an environment"},
    {"GET", "/v1/environments/{environment}/diff", ACCESS_READ, 0, fresh, environments_diff,
     "Compare two revisions or two environments"},
    {"POST", "/v1/environments/{environment}/rollback", ACCESS_ENVIRONMENT, LIMIT_DOCUMENT_BYTES,
     unkept, environments_rollback, "Roll back to an earlier revision"},
    {"POST", "/v1/environments/{environment}/freeze", ACCESS_ENVIRONMENT, LIMIT_DOCUMENT_BYTES,
     unkept, environments_freeze, "Freeze an environment: lock what it answers now"},
    {"POST", "/v1/environments/{environment}/thaw", ACCESS_ENVIRONMENT, LIMIT_SMALL_BODY_BYTES,
     unkept, environments_thaw, "Thaw an environment: let its rules decide again"},
    {"POST", "/v1/environments/{environment}/promote", ACCESS_ENVIRONMENT, LIMIT_SMALL_BODY_BYTES,
     unkept, environments_promote, "Give an environment the lock of another"},
    {"POST", "/v1/environments/{environment}/archive", ACCESS_ENVIRONMENT, LIMIT_SMALL_BODY_BYTES,
     unkept, environments_archive, "Archive an environment: hosts get nothing"},
    {"POST", "/v1/environments/{environment}/restore", ACCESS_ENVIRONMENT, LIMIT_SMALL_BODY_BYTES,
     unkept, environments_restore, "Restore an archived environment"},
    {"GET", "/v1/environments/{environment}/lock", ACCESS_READ, 0, fresh, environments_lock,
     "Show the lock of a frozen environment"},
    {"GET", "/v1/environments/{environment}/export", ACCESS_READ, 0, fresh, environments_export,
     "Get what an environment answers as pylock.toml, requirements or JSON"},
    {"POST", "/v1/reports", ACCESS_REPORT, LIMIT_REPORT_BYTES, unkept, reports_add,
     "Report how a host's directories compare with the registry"},
    {"GET", "/v1/transition", ACCESS_READ, 0, fresh, transition_show,
     "Show which hosts still need directory walking"},
    {"GET", "/v1/token", ACCESS_TOKEN, 0, unkept, tokens_show_own,
     "Show the token in use and its rights"},
    {"GET", "/v1/tokens", ACCESS_ADMIN, 0, unkept, tokens_list, "List tokens, without their texts"},
    {"POST", "/v1/tokens", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, tokens_add,
     "Create a token"},
    // No token is needed: the sender of the leaked text could use it as well.
    {"POST", "/v1/tokens/revoke-leaked", ACCESS_NONE, LIMIT_SMALL_BODY_BYTES, unkept,
     tokens_revoke_leaked, "Revoke a leaked token by its text"},
    {"GET", "/v1/tokens/{id}", ACCESS_ADMIN, 0, unkept, tokens_show, "Show a token"},
    {"POST", "/v1/tokens/{id}/revoke", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, tokens_revoke,
     "Revoke a token"},
    {"GET", "/v1/grants", ACCESS_ADMIN, 0, unkept, grants_list, "List the grants of teams"},
    {"PUT", "/v1/grants/{team}/{scope}/{object}", ACCESS_ADMIN, 0, unkept, grants_add,
     "Add a grant"},
    {"DELETE", "/v1/grants/{team}/{scope}/{object}", ACCESS_ADMIN, 0, unkept, grants_remove,
     "Revoke a grant"},
    {"POST", "/v1/secrets/rotate", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, secrets_rotate,
     "Make a new key for secrets and seal all of them again"},
    {"GET", "/v1/reserved-names", ACCESS_ADMIN, 0, unkept, reserved_names_list,
     "List reserved names"},
    {"PUT", "/v1/reserved-names/{name}", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept,
     reserved_names_add, "Reserve a name, or all names with a prefix"},
    {"DELETE", "/v1/reserved-names/{name}", ACCESS_ADMIN, 0, unkept, reserved_names_remove,
     "Release a reserved name"},
    {"PUT", "/v1/packages/{name}/owner", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept,
     package_owner_set, "Change the owner of a package"},
    {"POST", "/v1/files/move", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, files_move,
     "Move stored files between the database and the object store"},
    {"GET", "/v1/problems", ACCESS_ADMIN, 0, unkept, problems_list,
     "List packages and groups that need an operator's attention"},
    {"GET", "/v1/audit", ACCESS_ADMIN, 0, unkept, audit_list, "List audit events"},
    {"GET", "/v1/audit/verification", ACCESS_ADMIN, 0, unkept, audit_verify,
     "Verify the audit chain"},
    {"GET", "/", ACCESS_READ, 0, fresh, page_home, "Show the home page"},
    {"GET", "/packages", ACCESS_READ, 0, fresh, page_packages, "Show the page of all packages"},
    {"GET", "/packages/{name}", ACCESS_READ, 0, fresh, page_package, "Show the page of a package"},
    {"GET", "/packages/{name}/activity.atom", ACCESS_READ, 0, fresh, activity_package,
     "Follow the changes of a package as an Atom feed", .challenge = basic},
    {"GET", "/packages/{name}/{tab}", ACCESS_READ, 0, fresh, page_package_tab,
     "Show the versions, compatibility, files, dependencies, activity or entry points of a "
     "package"},
    {"GET", "/packages/{name}/releases/{version}", ACCESS_READ, 0, fresh, page_release,
     "Show the page of a release"},
    {"GET", "/packages/{name}/releases/{version}/{tab}", ACCESS_READ, 0, fresh, page_release_tab,
     "Show the files, dependencies or entry points of a release"},
    {"GET", "/entry-points", ACCESS_READ, 0, fresh, page_entry_points,
     "Show the page that searches entry points"},
    {"GET", "/groups", ACCESS_READ, 0, fresh, page_groups, "Show the page of all groups"},
    {"GET", "/groups/{group}", ACCESS_READ, 0, fresh, page_group, "Show the page of a group"},
    {"GET", "/groups/{group}/activity.atom", ACCESS_READ, 0, fresh, activity_group,
     "Follow the changes of a group as an Atom feed", .challenge = basic},
    {"GET", "/environments", ACCESS_READ, 0, fresh, page_environments,
     "Show the page of all environments"},
    {"GET", "/environments/{environment}", ACCESS_READ, 0, fresh, page_environment,
     "Show the page of an environment"},
    {"GET", "/environments/{environment}/contributions", ACCESS_READ, 0, fresh, page_contributions,
     "Show the page of what plugins contribute"},
    {"GET", "/environments/{environment}/left-out", ACCESS_READ, 0, fresh,
     page_environment_left_out, "Show what an environment leaves out, by reason"},
    {"GET", "/environments/{environment}/rollback", ACCESS_READ, 0, fresh, page_rollback_preview,
     "Show what rolling back to a revision would change"},
    {"GET", "/environments/{environment}/diff", ACCESS_READ, 0, fresh, page_environment_diff,
     "Show the page that compares two revisions"},
    {"GET", "/transition", ACCESS_READ, 0, fresh, page_transition, "Show the transition page"},
    {"GET", "/activity", ACCESS_READ, 0, fresh, page_activity, "Show the activity page"},
    {"GET", "/activity.atom", ACCESS_READ, 0, fresh, activity_feed,
     "Follow changes as an Atom feed", .challenge = basic},
    {"GET", "/status", ACCESS_READ, 0, fresh, page_status, "Show the status page"},
    {"GET", "/sign-in", ACCESS_NONE, 0, fresh, page_sign_in, "Show the sign-in page"},
    {"POST", "/sign-in", ACCESS_NONE, LIMIT_CHANGE_BYTES, unkept, page_sign_in_take,
     "Sign in (form)"},
    {"POST", "/sign-out", ACCESS_NONE, LIMIT_CHANGE_BYTES, unkept, page_sign_out,
     "Sign out (form)"},
    {"POST", "/packages/{name}/releases/{version}/yank", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     page_yank, "Yank a release or withdraw a yank (form)"},
    {"POST", "/packages/{name}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept, page_set_status,
     "Change the status of a package (form)"},
    {"POST", "/packages/{name}/hold", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept, page_hold_package,
     "Hold new releases of a package or end the hold (form)"},
    {"POST", "/groups/{group}/hold", ACCESS_GROUP, LIMIT_CHANGE_BYTES, unkept, page_hold_group,
     "Hold new releases of all packages in a group or end the hold (form)"},
    {"POST", "/environments/{environment}/plugins", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES, unkept,
     page_set_plugin, "Enable, disable or pin a plugin in an environment (form)"},
    {"GET", "/environments/{environment}/plugins/{package}/settings", ACCESS_SETTINGS, 0, fresh,
     page_settings, "Show the page of the settings of a plugin in an environment"},
    {"POST", "/environments/{environment}/plugins/{package}/settings", ACCESS_ENVIRONMENT,
     LIMIT_SMALL_BODY_BYTES, unkept, page_settings_save,
     "Change the settings of a plugin in an environment (form)"},
    {"POST", "/environments/{environment}/exceptions", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES,
     unkept, page_set_exception, "Make or end an exception for a package in an environment (form)"},
    {"POST", "/environments/{environment}/rollback", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES, unkept,
     page_rollback, "Roll back to an earlier revision (form)"},
    {"POST", "/environments/{environment}/state", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES, unkept,
     page_set_state, "Freeze, thaw, promote, archive or restore an environment (form)"},
    {"GET", "/tokens", ACCESS_ADMIN, 0, unkept, page_tokens, "Show the page of tokens",
     page_tokens_refuse},
    {"POST", "/tokens", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_tokens_add,
     "Create a token (form)", page_tokens_refuse},
    {"POST", "/tokens/{id}/revoke", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_tokens_revoke,
     "Revoke a token (form)", page_tokens_refuse},
    {"GET", "/admin", ACCESS_READ, 0, fresh, page_admin, "Show the page of administration"},
    {"GET", "/admin/grants", ACCESS_ADMIN, 0, unkept, page_grants, "Show the page of grants",
     page_admin_refuse},
    {"POST", "/admin/grants", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_grants_add,
     "Grant a right to a team (form)", page_admin_refuse},
    {"GET", "/admin/grants/revoke", ACCESS_ADMIN, 0, unkept, page_grants_ask,
     "Ask before a grant is revoked", page_admin_refuse},
    {"POST", "/admin/grants/revoke", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_grants_revoke,
     "Revoke a grant (form)", page_admin_refuse},
    {"GET", "/admin/reserved-names", ACCESS_ADMIN, 0, unkept, page_reserved,
     "Show the page of reserved names", page_admin_refuse},
    {"POST", "/admin/reserved-names", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_reserved_add,
     "Reserve a name (form)", page_admin_refuse},
    {"GET", "/admin/reserved-names/{name}/release", ACCESS_ADMIN, 0, unkept, page_reserved_ask,
     "Ask before a reserved name is released", page_admin_refuse},
    {"POST", "/admin/reserved-names/{name}/release", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept,
     page_reserved_release, "Release a reserved name (form)", page_admin_refuse},
    {"GET", "/admin/contracts", ACCESS_READ, 0, fresh, page_contracts,
     "Show the page of the contracts of groups"},
    {"GET", "/admin/audit", ACCESS_ADMIN, 0, unkept, page_audit, "Show the page of the audit log",
     page_admin_refuse},
    {"GET", "/admin/audit/verification", ACCESS_ADMIN, 0, unkept, page_audit_verify,
     "Verify the audit log and show the result", page_admin_refuse},
    {"GET", "/favicon.ico", ACCESS_NONE, 0, fresh, page_favicon,
     "Redirect to the icon of the pages"},
    {"GET", "/openapi.yaml", ACCESS_NONE, 0, fresh, static_files_openapi_yaml,
     "Download the description of the API as OpenAPI 3.1 in YAML"},
    {"GET", "/openapi.json", ACCESS_NONE, 0, fresh, static_files_openapi_json,
     "Download the description of the API as OpenAPI 3.1 in JSON"},
    {"GET", "/static/{hash}/{name}", ACCESS_NONE, 0, immutable, static_files_show,
     "Download a style sheet, script or icon of the pages"},
};

const struct route *routes_table(size_t *ret_count) {
    *ret_count = COUNT_OF(rows);
    return rows;
}

route_refusal *routes_refusal(void) {
    return error_page_refuse;
}

// ---- --print-routes ----

enum { PAGE_BYTES = 256 * 1024 };

static const char *const levels[] = {
    [ACCESS_UNDECLARED] = "nobody", [ACCESS_NONE] = "none",
    [ACCESS_READ] = "read",         [ACCESS_ASK] = "ask",
    [ACCESS_TOKEN] = "token",       [ACCESS_REPORT] = "report",
    [ACCESS_PUBLISH] = "publish",   [ACCESS_YANK] = "yank",
    [ACCESS_SETTINGS] = "settings", [ACCESS_ENVIRONMENT] = "environment",
    [ACCESS_GROUP] = "group",       [ACCESS_ADMIN] = "admin",
};
static_assert(COUNT_OF(levels) == ACCESS_LEVEL_COUNT, "each level has its name");

static void add_member(struct buffer *page, const char *key, const char *text) {
    buffer_printf(page, "\"%s\": ", key);
    json_write_string(page, text, strlen(text));
    buffer_add_string(page, ", ");
}

static void add_route(struct buffer *page, const struct route *route) {
    buffer_add_string(page, "{");
    add_member(page, "method", route->method);
    add_member(page, "path", route->pattern);
    add_member(page, "access", levels[route->access]);
    add_member(page, "description", route->description);
    if (route->max_body_bytes == ROUTE_BODY_ARTIFACT || route->takes_files) {
        buffer_add_string(page, "\"max_body_bytes\": null}");
    } else {
        buffer_printf(page, "\"max_body_bytes\": %zu}", route->max_body_bytes);
    }
}

const char *routes_print(struct arena *arena) {
    scoped(buffer_done) struct buffer page;
    buffer_init(&page, PAGE_BYTES);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_add_string(&page, i ? ",\n " : "[");
        add_route(&page, &rows[i]);
    }
    buffer_add_string(&page, "]\n");
    return page.failed ? NULL : arena_copy(arena, page.ptr, page.len);
}
