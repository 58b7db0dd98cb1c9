// SPDX-License-Identifier: MIT
// registryctl environment create, set: the whole document is read, altered here and sent back under the
// revision it was read at; when somebody else was faster, all of it once more. Facts are replaced, not
// merged: what is not installed any more must go.
#include "client/cli/input/administration.h"
#include "client/cli/commands/environment.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/json/json.h"
#include "schema/base/list.h"

#include <string.h>

enum { ATTEMPTS = 8 };

// What the options ask for. A member that is NULL stays as it is; JSON null takes it away.
struct selector {
    json_t *document; // to begin with
    json_t *facts;
    json_t *description;
    json_t *permissions;
    json_t *policy; // members to set
};

static void snapshot_selector_done(struct selector *selector) {
    json_decref(selector->document);
    json_decref(selector->facts);
    json_decref(selector->description);
    json_decref(selector->permissions);
    json_decref(selector->policy);
}

// "7d" as seconds; a plain number is seconds.
static enum status read_age(const char *text, json_int_t *ret_seconds, struct error *err) {
    static const struct {
        const char *suffix;
        json_int_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    enum { DIGITS_MAX = 9 };
    size_t len = strspn(text, "0123456789");
    for (size_t i = 0; len && len <= DIGITS_MAX && i < COUNT_OF(units); i++) {
        json_int_t seconds = strtoll(text, NULL, 10) * units[i].seconds;
        if (strcmp(text + len, units[i].suffix) == 0 && seconds <= LIMIT_MIN_AGE_SECONDS) {
            *ret_seconds = seconds;
            return STATUS_OK;
        }
    }
    return fail(err, STATUS_USAGE, NULL,
                "--min-age is a time like 7d, 12h, 30m or 45s, at most ten years, not \"%s\"",
                text);
}

static json_t *split_permissions(const char *text) {
    scoped(cleanup_json) json_t *list = json_array();
    struct text rest = text_from(text);
    struct text piece;
    while (list && text_split(&rest, ',', &piece)) {
        struct text name = text_trim(piece);
        if (name.len && json_array_append_new(list, json_stringn(name.ptr, name.len))) {
            return NULL;
        }
    }
    return take(list);
}

static enum status read_policy(struct cli *cli, struct selector *selector, struct error *err) {
    const struct options *given = &cli->options;
    json_int_t seconds = 0;
    bool yes = given->take_prereleases && strcmp(given->take_prereleases, "yes") == 0;
    if (given->take_prereleases && !yes && strcmp(given->take_prereleases, "no") != 0) {
        return fail(err, STATUS_USAGE, NULL, "--prereleases is \"yes\" or \"no\", not \"%s\"",
                    given->take_prereleases);
    }
    enum status failed = given->min_age ? read_age(given->min_age, &seconds, err) : STATUS_OK;
    if (failed) {
        return failed;
    }
    selector->policy = json_object();
    bool lost = !selector->policy ||
                (given->plugins &&
                 json_object_set_new(selector->policy, "plugins", json_text(given->plugins))) ||
                (given->take_prereleases &&
                 json_object_set_new(selector->policy, "prereleases", json_boolean(yes))) ||
                (given->min_age &&
                 json_object_set_new(selector->policy, "min_age_seconds", json_integer(seconds)));
    return lost ? fail_no_memory(err) : STATUS_OK;
}

static enum status read_facts(struct cli *cli, struct selector *selector, struct error *err) {
    const struct options *given = &cli->options;
    if (given->facts && given->facts_from) {
        return fail(err, STATUS_USAGE, NULL, "Say --facts or --facts-from, not both");
    }
    if (given->facts && given->document && strcmp(given->facts, "-") == 0 &&
        strcmp(given->document, "-") == 0) {
        return fail(err, STATUS_USAGE, NULL, "Only one of --facts and --document can be \"-\"");
    }
    return given->facts ? environment_read_file(cli, given->facts, &selector->facts, err)
           : given->facts_from
               ? environment_facts_load(cli, given->facts_from, &selector->facts, err)
               : STATUS_OK;
}

static enum status read_selector(struct cli *cli, struct selector *selector, struct error *err) {
    const struct options *given = &cli->options;
    enum status failed = read_facts(cli, selector, err);
    if (!failed && given->document) {
        failed = environment_read_file(cli, given->document, &selector->document, err);
    }
    if (!failed) {
        failed = read_policy(cli, selector, err);
    }
    if (failed) {
        return failed;
    }
    const char *permissions = given->permissions;
    if (given->description) {
        bool is_none = strcmp(given->description, "-") == 0;
        selector->description = is_none ? json_null() : json_text(given->description);
    }
    if (permissions) {
        selector->permissions = strcmp(permissions, "any") == 0    ? json_null()
                                : strcmp(permissions, "none") == 0 ? json_array()
                                                                   : split_permissions(permissions);
    }
    bool lost =
        (given->description && !selector->description) || (permissions && !selector->permissions);
    return lost ? fail_no_memory(err) : STATUS_OK;
}

// The document with the wish in it. Owned; NULL when out of memory.
static json_t *apply(const struct selector *selector, json_t *present) {
    scoped(cleanup_json) json_t *document =
        json_copy(selector->document ? selector->document : present);
    scoped(cleanup_json) json_t *policy = NULL;
    if (!json_is_object(document)) {
        return take(document); // what it must be, the registry says
    }
    json_t *old = json_object_get(document, "policy");
    policy = json_is_object(old) ? json_copy(old) : json_object();
    bool lost =
        !policy || json_object_update(policy, selector->policy) ||
        (json_object_size(selector->policy) && json_object_set(document, "policy", policy)) ||
        (selector->facts && json_object_set(document, "facts", selector->facts)) ||
        (selector->description &&
         json_object_set(document, "description", selector->description)) ||
        (selector->permissions && json_object_set(document, "permissions", selector->permissions));
    return lost ? NULL : take(document);
}

static enum status put(struct cli *cli, struct environment_call call, json_t **ret_answer,
                       struct error *err) {
    call.method = "PUT";
    call.path = environment_address(cli, cli->arguments[1], NULL);
    return call.body ? environment_send(cli, &call, ret_answer, err) : fail_no_memory(err);
}

enum status environment_make(struct cli *cli, struct error *err) {
    scoped(snapshot_selector_done) struct selector selector = {0};
    json_t *answer = NULL;
    enum status failed = administration_arguments(cli, 1, 1, "create NAME", err);
    failed = failed ? failed : read_selector(cli, &selector, err);
    if (failed) {
        return failed;
    }
    scoped(cleanup_json) json_t *nothing = json_object();
    struct environment_call call = {.body = nothing ? apply(&selector, nothing) : NULL,
                                    .if_none_match = "*"};
    failed = put(cli, call, &answer, err);
    if (failed == STATUS_PRECONDITION) {
        return fail(err, failed, NULL,
                    "There is an environment %s already; registryctl environment set changes it",
                    cli->arguments[1]);
    }
    return failed ? failed : environment_report(cli, answer, err);
}

// Reads, alters, sends. PRECONDITION: somebody else was faster.
static enum status set_once(struct cli *cli, const struct selector *selector, const char *condition,
                            json_t **ret_answer, struct error *err) {
    scoped(cleanup_json) json_t *shown = NULL;
    struct environment_call ask = {.method = "GET",
                                   .path = environment_address(cli, cli->arguments[1], NULL)};
    enum status failed = environment_send(cli, &ask, &shown, err);
    if (failed) {
        return failed;
    }
    const char *revision = administration_text(cli, shown, "revision");
    json_t *present = json_object_get(shown, "document");
    if (!revision || !json_is_object(present)) {
        return fail(err, STATUS_UNREACHABLE, NULL, "The registry's answer holds no document");
    }
    const char *tag = condition ? condition : arena_printf(cli->arena, "\"%s\"", revision);
    struct environment_call call = {.body = apply(selector, present), .if_match = tag};
    return put(cli, call, ret_answer, err);
}

enum status environment_set(struct cli *cli, struct error *err) {
    scoped(snapshot_selector_done) struct selector selector = {0};
    const char *condition = NULL;
    json_t *answer = NULL;
    enum status failed = administration_arguments(cli, 1, 1, "set NAME OPTION...", err);
    failed = failed ? failed : environment_condition(cli, &condition, err);
    failed = failed ? failed : read_selector(cli, &selector, err);
    bool asks = selector.document || selector.facts || selector.description ||
                selector.permissions || json_object_size(selector.policy);
    if (!failed && !asks) {
        return fail(err, STATUS_USAGE, NULL,
                    "Say what to set, as --description or --facts; "
                    "registryctl environment --help lists it");
    }
    if (failed) {
        return failed;
    }
    failed = STATUS_PRECONDITION;
    for (int attempt = 0; failed == STATUS_PRECONDITION && attempt < ATTEMPTS; attempt++) {
        failed = set_once(cli, &selector, condition, &answer, err);
        if (condition) {
            break;
        }
    }
    return failed ? failed : environment_report(cli, answer, err);
}
