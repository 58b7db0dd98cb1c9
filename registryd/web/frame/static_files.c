// SPDX-License-Identifier: MIT
// From one generated table (cmake/embed_web.py): the files of registryd/web/static, and docs/openapi.yaml and .json.
// Nothing is copied: a reply borrows the bytes from the program. Only addresses with a hash may be kept for ever;
// those of the description stay the same over releases and are asked again with the tag.
#include "registryd/web/frame/static_files.h"

#include "registryd/request/query.h"

#include "web_table.h"

static const struct web_file *find_file(const char *name) {
    for (size_t i = 0; i < WEB_FILE_COUNT; i++) {
        if (strcmp(web_files[i].name, name) == 0) {
            return &web_files[i];
        }
    }
    return NULL;
}

const char *static_files_address(const char *name) {
    const struct web_file *file = find_file(name);
    return file ? file->address : "/";
}

static void set_reply(struct reply *reply, const struct web_file *file) {
    reply->content_type = file->content_type;
    reply->body = (struct text){(const char *)file->bytes, file->len};
    reply->etag = file->etag;
}

enum status static_files_show(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err) {
    (void)api;
    (void)findings;
    const struct web_file *file = find_file(request_path(request, "name"));
    // The hash in the address promises these bytes. An address of another build is 404, not a newer
    // file.
    if (!file || strcmp(request_path(request, "hash"), file->hash) != 0) {
        return fail(err, STATUS_NOT_FOUND, NULL, "The file does not exist");
    }
    set_reply(reply, file);
    return STATUS_OK;
}

static enum status show_always(struct api *api, const struct request *request, const char *name,
                               struct reply *reply, struct error *err) {
    enum status status = query_begin(api, request, NULL, 0, err);
    if (status) {
        return status;
    }
    set_reply(reply, find_file(name));
    return STATUS_OK;
}

enum status static_files_openapi_yaml(struct api *api, const struct request *request,
                                      struct reply *reply, struct findings *findings,
                                      struct error *err) {
    (void)findings;
    return show_always(api, request, "openapi.yaml", reply, err);
}

enum status static_files_openapi_json(struct api *api, const struct request *request,
                                      struct reply *reply, struct findings *findings,
                                      struct error *err) {
    (void)findings;
    return show_always(api, request, "openapi.json", reply, err);
}
