// SPDX-License-Identifier: MIT
// The YAML file of settings: a flat mapping. Read before privileges are dropped, so it may be
// root's alone.
#include "registryd/config/config_file.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/core/yaml.h"

#include <errno.h>
#include <string.h>

static enum status read_text(struct arena *arena, const char *path, struct source_file *ret_file,
                             struct error *err) {
    char *text = arena_alloc(arena, LIMIT_YAML_BYTES + 1);
    scoped(cleanup_file) FILE *file = fopen(path, "re");
    if (!text) {
        return fail_no_memory(err);
    }
    size_t len = file ? fread(text, 1, LIMIT_YAML_BYTES + 1, file) : 0;
    if (!file || ferror(file)) {
        return fail(err, STATUS_USAGE, path, "Cannot read the configuration file: %s",
                    strerror(errno));
    }
    *ret_file = (struct source_file){.path = path, .bytes = text, .len = len};
    return STATUS_OK;
}

static enum status apply_member(struct arena *arena, const char *path, const struct node *member,
                                struct config_result *result, struct error *err) {
    const char *where = arena_printf(arena, "%s:%zu", path, member->line);
    const struct setting *row = setting_find(member->key, strlen(member->key));
    const struct config_source source = {CONFIG_FILE, where};
    if (!row || row->offset == offsetof(struct config, config)) {
        return fail(err, STATUS_USAGE, where,
                    "There is no setting \"%s\"; registryd --help lists what there is",
                    member->key);
    }
    if (member->type == NODE_NULL) {
        return STATUS_OK; // as if it were not there
    }
    if (member->type == NODE_LIST || member->type == NODE_TABLE) {
        return fail(err, STATUS_USAGE, where, "%s must be a single value, not %s", member->key,
                    node_type_name(member->type));
    }
    return setting_apply(result, row, member->string, &source, err);
}

enum status config_file_apply(struct arena *arena, const char *path, struct config_result *result,
                              struct error *err) {
    struct source_file file;
    const struct node *root = NULL;
    enum status status = read_text(arena, path, &file, err);
    if (!status) {
        status = yaml_parse(arena, &file, &root, err);
    }
    if (status == STATUS_MALFORMED) {
        // What is wrong is said; that it is wrong in a setting makes it a matter of usage.
        return err ? err->status = STATUS_USAGE : STATUS_USAGE;
    }
    if (status) {
        return status;
    }
    if (root->type != NODE_TABLE && root->type != NODE_NULL) {
        return fail(err, STATUS_USAGE, path, "The configuration file must be a mapping, not %s",
                    node_type_name(root->type));
    }
    for (const struct node *member = root->first; member && !status; member = member->next) {
        status = apply_member(arena, path, member, result, err);
    }
    return status;
}
