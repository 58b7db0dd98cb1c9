// SPDX-License-Identifier: MIT
// The convention of Honeyframe: ROOT/<slug>/plugin.yaml. The manifest's rules are with its reader
// (schema/reading); here is only where the file lies and what happens when it cannot be read.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/reading/reading.h"

static const char file_name[] = "plugin.yaml";

static bool recognizes(const struct place *place) {
    return place_find(place, file_name) != PLACE_ABSENT;
}

// A fault of the plugin becomes a finding; a fault of ours goes up.
static enum status keep_fault(struct findings *findings, const char *code, struct error *err) {
    if (err->status == STATUS_NO_MEMORY || err->status == STATUS_INTERNAL) {
        return err->status;
    }
    if (err->status != STATUS_INVALID || !findings_count(findings, SEVERITY_ERROR)) {
        findings_add_error(findings, code, err);
    }
    return findings->no_memory ? fail_no_memory(err) : STATUS_OK;
}

static enum status read_manifest(struct arena *arena, const struct place *place,
                                 struct findings *findings, const struct release **ret_release,
                                 struct error *err) {
    struct error fault = {0};
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, LIMIT_YAML_BYTES);
    *ret_release = NULL;
    const char *path = arena_printf(arena, "%s/%s", place->path, file_name);
    if (!path) {
        return fail_no_memory(err);
    }
    const char *code = "malformed";
    if (place_load(place, file_name, &bytes, &fault)) {
        code = convention_code(place_find(place, file_name), fault.status);
    } else {
        struct source_file file = {.path = path, .bytes = bytes.ptr, .len = bytes.len};
        plugin_yaml_read(arena, &file, place->name, findings, ret_release, &fault);
    }
    enum status failed = fault.status ? keep_fault(findings, code, &fault) : STATUS_OK;
    if (failed && err) {
        *err = fault;
    }
    return failed;
}

const struct convention convention_plugin_yaml = {
    .name = "plugin-yaml",
    .group = "honeyframe.plugins",
    .mark = "ROOT/<slug>/plugin.yaml",
    .description = "Honeyframe: a directory with a plugin.yaml",
    .recognizes = recognizes,
    .read = read_manifest,
};
