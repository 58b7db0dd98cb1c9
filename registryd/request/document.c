// SPDX-License-Identifier: MIT
// Paths, bodies and rows of packages and releases.
// A handler says with `refusal` what a name that cannot exist means for it: 404 where the thing
// must be there, 422 where it would be created. Running out of memory is a third case.
#include "registryd/request/document.h"

#include "schema/json/json.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/version.h"

#include <string.h>
#include <strings.h>

enum status document_package_path(const struct request *request, enum status refusal,
                                  const char **ret_package, struct error *err) {
    struct text name = text_from(request_path(request, "name"));
    enum status status = name_normalize(request->arena, name, ret_package, err);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, refusal, NULL, "\"%s\" in the address is not a valid package name",
                    name.ptr);
    }
    return status;
}

enum status document_release_path(const struct request *request, enum status refusal,
                                  struct release_path *ret_path, struct error *err) {
    struct release_path path = {0};
    enum status status = document_package_path(request, refusal, &path.package, err);
    if (status) {
        return status;
    }
    struct text text = text_from(request_path(request, "version"));
    const struct version *version = NULL;
    status = version_parse(request->arena, text, &version, err);
    if (status && status != STATUS_NO_MEMORY) {
        return fail(err, refusal, NULL, "\"%s\" in the address is not a valid version", text.ptr);
    }
    if (status) {
        return status;
    }
    path.version = version_string(version);
    *ret_path = path;
    return STATUS_OK;
}

// A missing content type is taken for the one that is wanted: the address takes nothing else.
static bool is_media(const char *content_type, const char *wanted) {
    size_t len = strlen(wanted);
    return !content_type ||
           (strncasecmp(content_type, wanted, len) == 0 &&
            (!content_type[len] || content_type[len] == ';' || is_space(content_type[len])));
}

static bool is_json(const char *content_type) {
    return is_media(content_type, "application/json");
}

enum status document_check_json(const struct request *request, const char *what,
                                struct error *err) {
    if (!is_json(request->content_type)) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, NULL,
                    "%s must be sent with \"Content-Type: application/json\", not \"%s\"", what,
                    request->content_type);
    }
    return STATUS_OK;
}

// application/json is taken, too: the method already says that the body is a patch.
enum status document_check_patch(const struct request *request, const char *what,
                                 struct error *err) {
    if (!is_json(request->content_type) &&
        !is_media(request->content_type, "application/merge-patch+json")) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, NULL,
                    "%s must be sent with \"Content-Type: application/merge-patch+json\" or "
                    "\"application/json\", not \"%s\"",
                    what, request->content_type);
    }
    return STATUS_OK;
}

enum status document_decode(const struct request *request, struct findings *findings,
                            const struct release **ret_release, struct error *err) {
    enum status status = document_check_json(request, "A release document", err);
    return status ? status
                  : release_decode(request->arena, request->body.ptr, request->body.len, findings,
                                   ret_release, err);
}

json_t *document_encode_release(const struct release_row *row) {
    // clang-format off
    return json_pack("{s:o,s:b,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
                     "version", json_text(row->version),
                     "prerelease", row->prerelease,
                     "yanked", row->yanked,
                     "yanked_reason", json_text(row->yanked_reason),
                     "status", json_text(row->state),
                     "status_reason", json_text(row->state_reason),
                     "requires_python", json_text(row->requires_python),
                     "published_at", json_text(row->published_at),
                     "published_by", json_text(row->published_by),
                     "digest", json_text(row->digest));
    // clang-format on
}

json_t *document_encode_package(const struct package_row *row) {
    // clang-format off
    return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:o}",
                     "name", json_text(row->name),
                     "display_name", json_text(row->display_name),
                     "status", json_text(row->status),
                     "status_reason", json_text(row->status_reason),
                     "replaced_by", json_text(row->replaced_by),
                     "summary", json_text(row->summary),
                     "latest_version", json_text(row->latest_version),
                     "release_count", (json_int_t)row->release_count,
                     "updated_at", json_text(row->updated_at));
    // clang-format on
}
