// SPDX-License-Identifier: MIT
// Four sources give a setting its value. They are applied from the weakest to the strongest, so a later one
// simply overwrites:
//
//   default  <  YAML file  <  environment (REGISTRYD_…)  <  flag (--…)
//
// Only the name of the YAML file is known late: it comes from the environment or a flag. So both are
// applied twice, once to learn the name and once more on top of the file. Called once, by main, before any
// thread exists. The texts live as long as the arena, the arguments and the environment.
#include "registryd/config/config.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/base/text.h"
#include "schema/readers/core/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *find_variable(const char *const *environment, const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; environment[i]; i++) {
        if (strncmp(environment[i], name, len) == 0 && environment[i][len] == '=') {
            return environment[i][len + 1] ? environment[i] + len + 1 : NULL; // empty is unset
        }
    }
    return NULL;
}

// Through the same parser as any other source, so a wrong default fails in every test.
static enum status apply_defaults(struct config_result *result, struct error *err) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        const struct config_source source = {CONFIG_DEFAULT, row->key};
        enum status status =
            row->standard ? setting_apply(result, row, row->standard, &source, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// A variable of a setting that does not exist is ignored: others may use the prefix, too.
static enum status apply_environment(struct config_result *result, const char *const *environment,
                                     struct error *err) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const struct setting *row = &settings_table[i];
        const char *value = find_variable(environment, row->environment);
        const struct config_source source = {CONFIG_ENVIRONMENT, row->environment};
        enum status status = value ? setting_apply(result, row, value, &source, err) : STATUS_OK;
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// The last one on the command line counts.
static bool find_action(const char *word, enum config_action *ret_action) {
    static const struct {
        const char *word;
        enum config_action action;
    } actions[] = {
        {"--help", CONFIG_HELP},
        {"-h", CONFIG_HELP},
        {"--version", CONFIG_VERSION},
        {"--print-config", CONFIG_PRINT},
        {"--print-routes", CONFIG_PRINT_ROUTES},
    };
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(word, actions[i].word) == 0) {
            *ret_action = actions[i].action;
            return true;
        }
    }
    return false;
}

// Takes one flag and, when it stands apart, its value; moves *words past them.
// --threads 8, --threads=8 and, for a flag, --behind-tls-proxy alone.
static enum status apply_flag(struct config_result *result, const char *const **words,
                              struct error *err) {
    const char *word = *(*words)++;
    if (find_action(word, &result->action)) {
        return STATUS_OK;
    }
    if (strncmp(word, "--", 2) != 0) {
        return fail(err, STATUS_USAGE, NULL,
                    "\"%s\" is not a flag. Run \"registryd --help\" for the list of flags.", word);
    }
    size_t len = strcspn(word + 2, "=");
    const struct setting *row = setting_find(word + 2, len);
    if (!row) {
        return fail(err, STATUS_USAGE, NULL,
                    "Unknown flag --%.*s. Run \"registryd --help\" for the list of flags.",
                    (int)len, word + 2);
    }
    bool stands_alone = row->type == SETTING_FLAG && word[2 + len] != '=';
    const char *value = stands_alone           ? "yes"
                        : word[2 + len] == '=' ? word + 2 + len + 1
                        : **words              ? *(*words)++
                                               : "";
    const struct config_source source = {CONFIG_FLAG, NULL};
    return setting_apply(result, row, value, &source, err);
}

static enum status apply_flags(struct config_result *result, const char *const *argv,
                               struct error *err) {
    const char *const *words = argv + (argv[0] != NULL);
    while (*words) {
        enum status status = apply_flag(result, &words, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// Environment and flags, in their order.
static enum status apply_stronger(struct config_result *result, const char *const *argv,
                                  const char *const *environment, struct error *err) {
    enum status status = apply_environment(result, environment, err);
    return status ? status : apply_flags(result, argv, err);
}

// By the user registryd was started as: root's data is the system's, anybody else's is in the home directory.
static enum status default_data_dir(struct arena *arena, const char *const *environment,
                                    struct config *config, struct error *err) {
    const char *data_home = find_variable(environment, "XDG_DATA_HOME");
    const char *home = find_variable(environment, "HOME");
    if (geteuid() == 0) {
        config->data_dir = "/var/lib/registryd";
        return STATUS_OK;
    }
    if (data_home && data_home[0] == '/') {
        config->data_dir = arena_printf(arena, "%s/registryd", data_home);
    } else if (home && home[0] == '/') {
        config->data_dir = arena_printf(arena, "%s/.local/share/registryd", home);
    } else {
        return fail(err, STATUS_USAGE, NULL, "HOME is not set. Set --data-dir.");
    }
    return config->data_dir ? STATUS_OK : fail_no_memory(err);
}

// ---- the YAML file: a flat mapping ----

// Read before privileges are dropped, so the file may be root's alone.
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

// The file may not name another file: `config` is for flags and the environment.
static enum status apply_member(struct arena *arena, const char *path, const struct node *member,
                                struct config_result *result, struct error *err) {
    const char *where = arena_printf(arena, "%s:%zu", path, member->line);
    const struct setting *row = setting_find(member->key, strlen(member->key));
    const struct config_source source = {CONFIG_FILE, where};
    if (!row || row->offset == offsetof(struct config, config)) {
        return fail(err, STATUS_USAGE, where,
                    "Unknown setting \"%s\". Run \"registryd --help\" for the list of settings.",
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

// A mapping and nothing else: lists and nested mappings have no setting to go to.
static enum status apply_file_members(struct arena *arena, const char *path,
                                      struct config_result *result, struct error *err) {
    struct source_file file;
    const struct node *root = NULL;
    enum status status = read_text(arena, path, &file, err);
    if (status) {
        return status;
    }
    status = yaml_parse(arena, &file, &root, err);
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
    for (const struct node *member = root->first; member; member = member->next) {
        status = apply_member(arena, path, member, result, err);
        if (status) {
            return status;
        }
    }
    return STATUS_OK;
}

// The file is weaker than what named it: read it, then put the stronger ones on top again.
static enum status apply_file(struct arena *arena, const char *const *argv,
                              const char *const *environment, struct config_result *result,
                              struct error *err) {
    enum status status = apply_file_members(arena, result->config.config, result, err);
    if (status) {
        return status;
    }
    return apply_stronger(result, argv, environment, err);
}

// --help works whatever the file says, so that one can ask about a file that is broken.
enum status config_load(struct arena *arena, const char *const *argv,
                        const char *const *environment, struct config_result *ret_result,
                        struct error *err) {
    struct config_result result = {0};
    enum status status = apply_defaults(&result, err);
    if (status) {
        return status;
    }
    status = apply_stronger(&result, argv, environment, err);
    if (status) {
        return status;
    }
    if (result.config.config && result.action != CONFIG_HELP) {
        status = apply_file(arena, argv, environment, &result, err);
    }
    if (status) {
        return status;
    }
    if (!result.config.data_dir) {
        status = default_data_dir(arena, environment, &result.config, err);
    }
    if (status) {
        return status;
    }
    *ret_result = result;
    return STATUS_OK;
}
