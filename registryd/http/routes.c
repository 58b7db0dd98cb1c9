// SPDX-License-Identifier: MIT
// The rows, in the order of docs/HTTP.md. `fresh` answers may be kept but are asked about again
// every time (with If-None-Match); `unkept` ones are never stored,
// `immutable` ones never asked for again.
#include "registryd/http/routes.h"

#include "registryd/api/packages/artifacts.h"
#include "registryd/api/admin/audit.h"
#include "registryd/api/packages/feed.h"
#include "registryd/api/packages/check.h"
#include "registryd/api/groups/contracts.h"
#include "registryd/api/environments/environments.h"
#include "registryd/api/packages/files.h"
#include "registryd/api/admin/grants.h"
#include "registryd/api/groups/groups.h"
#include "registryd/api/monitoring/health.h"
#include "registryd/api/packages/lifecycle.h"
#include "registryd/api/monitoring/metrics.h"
#include "registryd/api/packages/packages.h"
#include "registryd/api/packages/releases.h"
#include "registryd/api/reports/reports.h"
#include "registryd/api/admin/problems.h"
#include "registryd/api/admin/reserved_names.h"
#include "registryd/api/resolve/requirements.h"
#include "registryd/api/resolve/resolve.h"
#include "registryd/api/monitoring/service.h"
#include "registryd/api/resolve/snapshot.h"
#include "registryd/api/admin/tokens.h"
#include "registryd/api/reports/transition.h"
#include "registryd/web/pages/pages.h"
#include "registryd/web/frame/static_files.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"

static const char fresh[] = "no-cache";
static const char unkept[] = "no-store";
static const char immutable[] = "public, max-age=31536000, immutable";

static const struct route rows[] = {
    {"GET", "/v1", ACCESS_NONE, 0, fresh, service_show,
     "what this is: version, epoch, serial, links"},
    {"GET", "/healthz", ACCESS_NONE, 0, unkept, health_live, "the process answers"},
    {"GET", "/readyz", ACCESS_NONE, 0, unkept, health_ready,
     "the database is there, the feed runs"},
    {"GET", "/metrics", ACCESS_NONE, 0, unkept, metrics_show, "counts, for Prometheus"},
    {"GET", "/v1/groups", ACCESS_READ, 0, fresh, groups_list, "entry-point groups with counts"},
    {"GET", "/v1/groups/{group}", ACCESS_READ, 0, fresh, groups_show,
     "one group, its contract and its entry points"},
    {"PUT", "/v1/groups/{group}", ACCESS_GROUP, LIMIT_DOCUMENT_BYTES, unkept, contracts_set,
     "make or replace the contract of a group"},
    {"GET", "/v1/resolve", ACCESS_READ, 0, fresh, resolve_answer,
     "the entry points of groups, for a host"},
    {"GET", "/v1/snapshot", ACCESS_READ, 0, fresh, snapshot_answer,
     "the same as a file, to be kept and read offline"},
    {"GET", "/v1/requirements", ACCESS_READ, 0, fresh, requirements_show,
     "a resolution as requirements for pip, with hashes"},
    {"GET", "/v1/packages", ACCESS_READ, 0, fresh, packages_list, "published packages"},
    {"GET", "/v1/packages/{name}", ACCESS_READ, 0, fresh, packages_show,
     "one package and its releases"},
    {"GET", "/v1/packages/{name}/releases/{version}", ACCESS_READ, 0, fresh, releases_show,
     "one release and its document"},
    {"PUT", "/v1/packages/{name}/releases/{version}", ACCESS_PUBLISH, LIMIT_DOCUMENT_BYTES, unkept,
     releases_publish, "publish a release"},
    {"POST", "/v1/packages/{name}/releases/{version}/yank", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     lifecycle_yank, "yank a release: only who pins it gets it"},
    {"DELETE", "/v1/packages/{name}/releases/{version}/yank", ACCESS_YANK, 0, unkept,
     lifecycle_unyank, "take a yank back"},
    {"PUT", "/v1/packages/{name}/releases/{version}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES,
     unkept, lifecycle_release_status, "put a release into quarantine, or take it out"},
    {"PUT", "/v1/packages/{name}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     lifecycle_package_status, "deprecate, archive or quarantine a package, and back"},
    {"POST", "/v1/artifacts", ACCESS_PUBLISH, ROUTE_BODY_ARTIFACT, unkept, artifacts_publish,
     "publish a wheel or an sdist, and with it its release"},
    {"GET", "/files/{sha256}/{filename}", ACCESS_READ, 0, immutable, files_show,
     "the bytes of a wheel or an sdist"},
    {"POST", "/v1/check", ACCESS_READ, LIMIT_DOCUMENT_BYTES, unkept, check_document,
     "judge a release document without publishing it"},
    {"GET", "/v1/changes", ACCESS_READ, 0, unkept, changes_list,
     "what happened since a serial, by long poll"},
    {"GET", "/v1/environments", ACCESS_READ, 0, fresh, environments_list,
     "named deployments of hosts"},
    {"GET", "/v1/environments/{environment}", ACCESS_READ, 0, fresh, environments_show,
     "one environment, its newest revision or another"},
    {"PUT", "/v1/environments/{environment}", ACCESS_ENVIRONMENT, LIMIT_ENVIRONMENT_BYTES, unkept,
     environments_put, "create an environment, or replace its document"},
    {"PATCH", "/v1/environments/{environment}", ACCESS_ENVIRONMENT, LIMIT_ENVIRONMENT_BYTES, unkept,
     environments_patch, "change an environment (JSON merge patch)"},
    {"PATCH", "/v1/environments/{environment}/plugins/{package}", ACCESS_ENVIRONMENT,
     LIMIT_DOCUMENT_BYTES, unkept, environments_patch_plugin,
     "enable, disable, pin, set one plugin (JSON merge patch)"},
    {"GET", "/v1/environments/{environment}/history", ACCESS_READ, 0, fresh, environments_history,
     "the revisions of an environment"},
    {"GET", "/v1/environments/{environment}/diff", ACCESS_READ, 0, fresh, environments_diff,
     "how two revisions, or two environments, differ"},
    {"POST", "/v1/environments/{environment}/rollback", ACCESS_ENVIRONMENT, LIMIT_DOCUMENT_BYTES,
     unkept, environments_rollback, "go back to an earlier revision"},
    {"POST", "/v1/reports", ACCESS_REPORT, LIMIT_REPORT_BYTES, unkept, reports_add,
     "how a host's directories compare with the registry"},
    {"GET", "/v1/transition", ACCESS_READ, 0, fresh, transition_show,
     "who still needs directory walking"},
    {"GET", "/v1/token", ACCESS_TOKEN, 0, unkept, tokens_show_own,
     "the token that asks, and what it may do"},
    {"GET", "/v1/tokens", ACCESS_ADMIN, 0, unkept, tokens_list, "tokens, without their texts"},
    {"POST", "/v1/tokens", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, tokens_add,
     "make a token"},
    {"POST", "/v1/tokens/revoke-leaked", ACCESS_NONE, LIMIT_SMALL_BODY_BYTES, unkept,
     tokens_revoke_leaked, "revoke a token by its text"},
    {"GET", "/v1/tokens/{id}", ACCESS_ADMIN, 0, unkept, tokens_show, "one token"},
    {"POST", "/v1/tokens/{id}/revoke", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept, tokens_revoke,
     "revoke a token"},
    {"GET", "/v1/grants", ACCESS_ADMIN, 0, unkept, grants_list, "what teams may do"},
    {"PUT", "/v1/grants/{team}/{scope}/{object}", ACCESS_ADMIN, 0, unkept, grants_add,
     "let a team do something"},
    {"DELETE", "/v1/grants/{team}/{scope}/{object}", ACCESS_ADMIN, 0, unkept, grants_remove,
     "no longer"},
    {"GET", "/v1/reserved-names", ACCESS_ADMIN, 0, unkept, reserved_names_list,
     "names that are not free"},
    {"PUT", "/v1/reserved-names/{name}", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept,
     reserved_names_add, "reserve a name, or all that begin with it"},
    {"DELETE", "/v1/reserved-names/{name}", ACCESS_ADMIN, 0, unkept, reserved_names_remove,
     "give a name free"},
    {"PUT", "/v1/packages/{name}/owner", ACCESS_ADMIN, LIMIT_SMALL_BODY_BYTES, unkept,
     package_owner_set, "give a package to a team"},
    {"GET", "/v1/problems", ACCESS_ADMIN, 0, unkept, problems_list,
     "List packages and groups that need an operator's attention"},
    {"GET", "/v1/audit", ACCESS_ADMIN, 0, unkept, audit_list, "what was done, by whom"},
    {"GET", "/v1/audit/verification", ACCESS_ADMIN, 0, unkept, audit_verify,
     "whether the audit is whole"},
    {"GET", "/", ACCESS_READ, 0, fresh, page_home, "the catalogue for people: where it begins"},
    {"GET", "/packages", ACCESS_READ, 0, fresh, page_packages, "a page: search and browse"},
    {"GET", "/packages/{name}", ACCESS_READ, 0, fresh, page_package, "a page: one package"},
    {"GET", "/packages/{name}/releases/{version}", ACCESS_READ, 0, fresh, page_release,
     "a page: one release"},
    {"GET", "/groups", ACCESS_READ, 0, fresh, page_groups, "a page: the groups"},
    {"GET", "/groups/{group}", ACCESS_READ, 0, fresh, page_group, "a page: one group"},
    {"GET", "/environments", ACCESS_READ, 0, fresh, page_environments, "a page: the environments"},
    {"GET", "/environments/{environment}", ACCESS_READ, 0, fresh, page_environment,
     "a page: one environment"},
    {"GET", "/environments/{environment}/diff", ACCESS_READ, 0, fresh, page_environment_diff,
     "a page: two revisions of an environment"},
    {"GET", "/transition", ACCESS_READ, 0, fresh, page_transition,
     "a page: who still needs directory walking"},
    {"GET", "/activity", ACCESS_READ, 0, fresh, page_activity, "a page: what happened"},
    {"GET", "/status", ACCESS_READ, 0, fresh, page_status, "a page: how the registry is"},
    {"GET", "/sign-in", ACCESS_NONE, 0, fresh, page_sign_in, "a page: sign in with a token"},
    {"POST", "/sign-in", ACCESS_NONE, LIMIT_CHANGE_BYTES, unkept, page_sign_in_take,
     "a form: begin a session"},
    {"POST", "/sign-out", ACCESS_NONE, LIMIT_CHANGE_BYTES, unkept, page_sign_out,
     "a form: end the session"},
    {"POST", "/packages/{name}/releases/{version}/yank", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept,
     page_yank, "a form: yank a release, or take it back"},
    {"POST", "/packages/{name}/status", ACCESS_YANK, LIMIT_CHANGE_BYTES, unkept, page_set_status,
     "a form: deprecate, archive or quarantine a package, and back"},
    {"POST", "/environments/{environment}/plugins", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES, unkept,
     page_set_plugin, "a form: enable, disable or pin a package in an environment"},
    {"POST", "/environments/{environment}/rollback", ACCESS_ENVIRONMENT, LIMIT_CHANGE_BYTES, unkept,
     page_rollback, "a form: bring an earlier revision back"},
    {"GET", "/tokens", ACCESS_ADMIN, 0, unkept, page_tokens, "a page: the tokens",
     page_tokens_refuse},
    {"POST", "/tokens", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_tokens_add,
     "a form: make a token", page_tokens_refuse},
    {"POST", "/tokens/{id}/revoke", ACCESS_ADMIN, LIMIT_CHANGE_BYTES, unkept, page_tokens_revoke,
     "a form: revoke a token", page_tokens_refuse},
    {"GET", "/static/{hash}/{name}", ACCESS_NONE, 0, immutable, static_files_show,
     "style sheet, script and icon of the pages"},
};

const struct route *routes_table(size_t *ret_count) {
    *ret_count = COUNT_OF(rows);
    return rows;
}
