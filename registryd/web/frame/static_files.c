// SPDX-License-Identifier: MIT
// From one generated table (cmake/embed_web.py).
#include "registryd/web/frame/static_files.h"

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
    reply->content_type = file->content_type;
    reply->body = (struct text){(const char *)file->bytes, file->len};
    reply->etag = file->etag;
    return STATUS_OK;
}
