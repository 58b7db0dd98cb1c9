// SPDX-License-Identifier: MIT
// The way of every JSON body: media type, size, syntax, object, members. What is refused first is what
// costs least to find out. Handlers call this after the rights were checked. Any thread.
#include "registryd/request/body.h"

#include "registryd/request/document.h"
#include "schema/json/json.h"

enum status body_parse(const struct request *request, const struct body_form *form,
                       json_t **ret_json, struct error *err) {
    // No body at all also needs no Content-Type.
    if (!request->body.len && form->may_be_empty) {
        *ret_json = json_object();
        return *ret_json ? STATUS_OK : fail_no_memory(err);
    }
    enum status status = document_check_json(request, form->what, err);
    return status ? status : json_parse(request->body, form->max_bytes, ret_json, err);
}

struct object_reader body_reader(const struct request *request, const struct body_form *form,
                                 struct findings *findings) {
    return (struct object_reader){
        .arena = request->arena,
        .findings = findings,
        .unknown_key = form->ignores_unknown ? SEVERITY_WARNING : SEVERITY_ERROR,
    };
}

enum status body_decode(const struct request *request, const struct body_form *form,
                        struct findings *findings, void *target, struct error *err) {
    scoped(cleanup_json) json_t *json = NULL;
    size_t errors_before = findings->error_count;
    enum status status = body_parse(request, form, &json, err);
    if (status) {
        return status;
    }
    struct object_reader reader = body_reader(request, form, findings);
    object_decode(&reader, "", json, form->members, form->member_count, target);
    return findings_fail(findings, errors_before, err);
}
