// SPDX-License-Identifier: MIT
// The store, driven from outside: `store_probe CONNINFO [TIMEOUT_MS]` reads one JSON object a line
// ({"call":"publish",...}) and answers each with one JSON line. The tests in this folder are its
// callers; it keeps its pool between calls, so they can take the database away and bring it back.
#include "tests/unit/no_memory.h"

#include "registryd/store/store_candidates.h"
#include "schema/base/cleanup.h"
#include "registryd/store/store_access.h"
#include "schema/base/list.h"
#include "tests/db/store_probe.h"

#include <pthread.h>
#include <string.h>

// Hex text to bytes; how many there are.
static size_t read_hex(const char *hex, uint8_t *ret_bytes, size_t size) {
    size_t count = 0;
    unsigned byte;
    while (hex && count < size && sscanf(hex + 2 * count, "%2x", &byte) == 1) {
        ret_bytes[count++] = (uint8_t)byte;
    }
    return count;
}

// A release as release_check would make it, from what the test says.
static struct valid_release make_release(struct probe *probe, const json_t *input) {
    struct valid_release valid = {
        .release.name = text_of(input, "name"),
        .release.version = text_of(input, "version"),
        .release.summary = text_of(input, "summary"),
        .release.requires_python = text_of(input, "requires_python"),
        .normalized_name = text_of(input, "name"),
        .normalized_version = text_of(input, "version"),
        .prerelease = json_is_true(json_object_get(input, "prerelease")),
        .document = text_of(input, "document"),
    };
    uint8_t *key = arena_alloc(probe->arena, 64);
    valid.version_key = key;
    valid.version_key_len = read_hex(text_of(input, "key"), key, 64);
    valid.document_len =
        valid.document ? json_string_length(json_object_get(input, "document")) : 0;
    read_hex(text_of(input, "digest"), valid.digest, sizeof valid.digest);
    const json_t *entries = json_object_get(input, "entries");
    size_t count = json_array_size(entries);
    struct entry_point *points = arena_array(probe->arena, count + 1, sizeof *points);
    struct manifest *manifests = arena_array(probe->arena, count + 1, sizeof *manifests);
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        points[i].group = json_string_value(json_array_get(entry, 0));
        points[i].name = json_string_value(json_array_get(entry, 1));
        points[i].value = json_string_value(json_array_get(entry, 2));
        const char *manifest = json_string_value(json_array_get(entry, 3));
        if (manifest) {
            manifests[valid.release.manifest_count++] =
                (struct manifest){points[i].group, points[i].name, manifest};
        }
    }
    valid.release.entry_points = points;
    valid.release.entry_point_count = count;
    valid.release.manifests = manifests;
    return valid;
}

static enum status call_ping(struct probe *probe, const json_t *input, json_t *output,
                             struct error *err) {
    (void)input;
    (void)output;
    return store_ping(probe->store, err);
}

static enum status call_migrate(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    (void)input;
    (void)output;
    return store_migrate(probe->store, err);
}

// The point alone: there are no changes after the last serial there can be.
static enum status call_history(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    (void)input;
    struct changes changes;
    enum status status =
        store_changes_load(probe->store, probe->arena, INT64_MAX, 1, &changes, err);
    if (!status) {
        put_point(output, &changes.point);
    }
    return status;
}

static enum status call_publish(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    bool scarce = json_object_get(input, "allocations");
    if (scarce) {
        allow(-1);
    }
    struct valid_release valid = make_release(probe, input);
    if (scarce) {
        allow(number_of(input, "allocations", -1));
    }
    // "raw_summary" is hex, for bytes that JSON cannot carry.
    char raw[64] = "";
    if (read_hex(text_of(input, "raw_summary"), (uint8_t *)raw, sizeof raw - 1)) {
        valid.release.summary = raw;
    }
    struct publish_outcome outcome;
    const char *team = text_of(input, "team");
    int contract_revision = number_of(input, "contract_revision", 0);
    const struct publisher publisher = {
        .actor = team ? team : "tester",
        .team = team ? team : "tester",
        .may_update = !team,
        .group_revision = number_of(input, "group_revision", contract_revision),
        .contract_revision = contract_revision,
    };
    const struct publisher at_once = {.actor = publisher.actor,
                                      .team = publisher.team,
                                      .may_update = publisher.may_update,
                                      .may_not_create = true};
    enum status status = json_is_true(json_object_get(input, "at_once"))
                             ? store_publish_at_once(probe->store, &valid, &at_once, &outcome, err)
                             : store_publish(probe->store, &valid, &publisher, &outcome, err);
    if (!status) {
        put_bool(output, "unchecked", outcome.is_unchecked);
        put_bool(output, "created", outcome.created);
        put_point(output, &outcome.point);
    }
    return status;
}

// {"threads":N,"calls":[...]}: every thread publishes its share of the calls, all at once.
struct share {
    struct probe *probe;
    const json_t *calls;
    json_t *outputs;
    size_t first;
    size_t step;
};

static void *publish_share(void *context) {
    const struct share *share = context;
    for (size_t i = share->first; i < json_array_size(share->calls); i += share->step) {
        struct arena *arena = arena_new(0);
        struct probe probe = {.store = share->probe->store, .arena = arena};
        json_t *output = json_array_get(share->outputs, i);
        struct error err = {0};
        enum status status = call_publish(&probe, json_array_get(share->calls, i), output, &err);
        put_text(output, "status", status_info(status)->wire_name);
        put_text(output, "message", status ? err.message : "");
        arena_free(arena);
    }
    return NULL;
}

static enum status call_publish_together(struct probe *probe, const json_t *input, json_t *output,
                                         struct error *err) {
    (void)err;
    enum { THREADS_MAX = 32 };
    pthread_t threads[THREADS_MAX];
    struct share shares[THREADS_MAX];
    const json_t *calls = json_object_get(input, "calls");
    json_t *outputs = json_array();
    for (size_t i = 0; i < json_array_size(calls); i++) {
        json_array_append_new(outputs, json_object());
    }
    size_t count = (size_t)number_of(input, "threads", 2);
    for (size_t i = 0; i < count; i++) {
        shares[i] = (struct share){probe, calls, outputs, i, count};
        pthread_create(&threads[i], NULL, publish_share, &shares[i]);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    json_object_set_new(output, "outcomes", outputs);
    return STATUS_OK;
}

static json_t *encode_candidate(const struct candidate_release *release) {
    json_t *object = json_object();
    put_text(object, "version", release->version);
    put_bool(object, "prerelease", release->prerelease);
    put_text(object, "yanked", release->yanked);
    put_text(object, "quarantined", release->quarantined);
    put_number(object, "published_ms", release->published_ms);
    put_text(object, "requires_python", release->requires_python);
    put_text(object, "requires_dist", release->requires_dist);
    put_text(object, "wheel_tags", release->wheel_tags);
    put_bool(object, "has_sdist", release->has_sdist);
    json_t *entries = json_array();
    for (size_t i = 0; i < release->entry_count; i++) {
        const struct candidate_entry *entry = &release->entries[i];
        json_array_append_new(entries, json_pack("[ssss?]", entry->group, entry->name, entry->value,
                                                 entry->manifest));
    }
    json_object_set_new(object, "entries", entries);
    return object;
}

static enum status call_candidates(struct probe *probe, const json_t *input, json_t *output,
                                   struct error *err) {
    struct candidates candidates;
    const char *group = text_of(input, "group");
    struct candidate_query query = {.group = group ? group : "",
                                    .package = text_of(input, "package"),
                                    .after = number_of(input, "after", 0)};
    enum status status =
        store_candidates_load(probe->store, probe->arena, &query, &candidates, err);
    if (status) {
        return status;
    }
    put_point(output, &candidates.point);
    put_number(output, "count", (int64_t)candidates.count);
    put_number(output, "last", candidates.last);
    put_number(output, "arena_bytes", (int64_t)arena_size(probe->arena));
    json_t *packages = json_array();
    for (size_t i = 0; i < candidates.count && i < 100; i++) {
        const struct candidate_package *package = &candidates.packages[i];
        json_t *object = json_object();
        put_text(object, "name", package->name);
        put_text(object, "display_name", package->display_name);
        put_text(object, "status", package->status);
        put_text(object, "status_reason", package->status_reason);
        put_text(object, "replaced_by", package->replaced_by);
        json_t *releases = json_array();
        for (size_t j = 0; j < package->release_count; j++) {
            json_array_append_new(releases, encode_candidate(&package->releases[j]));
        }
        json_object_set_new(object, "releases", releases);
        json_array_append_new(packages, object);
    }
    json_object_set_new(output, "packages", packages);
    return STATUS_OK;
}

static json_t *encode_package(const struct package_row *row) {
    json_t *object = json_object();
    put_text(object, "name", row->name);
    put_text(object, "display_name", row->display_name);
    put_text(object, "summary", row->summary);
    put_text(object, "latest_version", row->latest_version);
    put_text(object, "status", row->status);
    put_text(object, "status_reason", row->status_reason);
    put_text(object, "replaced_by", row->replaced_by);
    put_number(object, "release_count", row->release_count);
    put_text(object, "updated_at", row->updated_at);
    return object;
}

static json_t *encode_release(const struct release_row *row) {
    json_t *object = json_object();
    put_text(object, "version", row->version);
    put_bool(object, "prerelease", row->prerelease);
    put_bool(object, "yanked", row->yanked);
    put_text(object, "yanked_reason", row->yanked_reason);
    put_text(object, "state", row->state);
    put_text(object, "state_reason", row->state_reason);
    put_text(object, "requires_python", row->requires_python);
    put_text(object, "published_at", row->published_at);
    put_text(object, "published_by", row->published_by);
    put_text(object, "digest", row->digest);
    return object;
}

static enum status call_packages(struct probe *probe, const json_t *input, json_t *output,
                                 struct error *err) {
    struct package_query query = {
        .words = text_of(input, "words"),
        .status = text_of(input, "status"),
        .page = {number_of(input, "limit", 100), text_of(input, "after")}};
    struct text group = text_from(text_of(input, "group"));
    struct text classifier = text_from(text_of(input, "classifier"));
    query.groups = &group;
    query.group_count = group.len > 0;
    query.classifiers = &classifier;
    query.classifier_count = classifier.len > 0;
    struct package_rows rows;
    enum status status = store_packages_load(probe->store, probe->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_array_append_new(items, encode_package(&rows.items[i]));
    }
    json_object_set_new(output, "items", items);
    put_bool(output, "more", rows.more);
    put_number(output, "total", rows.total);
    put_text(output, "corrected", rows.corrected);
    put_text(output, "place", rows.place);
    return STATUS_OK;
}

static enum status call_package(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    struct package_detail detail;
    enum status status =
        store_package_load(probe->store, probe->arena, text_of(input, "name"), &detail, err);
    if (status) {
        return status;
    }
    json_object_set_new(output, "package", encode_package(&detail.package));
    json_t *releases = json_array();
    for (size_t i = 0; i < detail.release_count; i++) {
        json_array_append_new(releases, encode_release(&detail.releases[i]));
    }
    json_object_set_new(output, "releases", releases);
    put_text(output, "document", detail.document);
    return STATUS_OK;
}

static enum status call_release(struct probe *probe, const json_t *input, json_t *output,
                                struct error *err) {
    struct release_detail detail;
    enum status status = store_release_load(probe->store, probe->arena, text_of(input, "name"),
                                            text_of(input, "version"), &detail, err);
    if (status) {
        return status;
    }
    put_text(output, "package", detail.package);
    json_object_set_new(output, "release", encode_release(&detail.release));
    put_text(output, "document", detail.document);
    return STATUS_OK;
}

static enum status call_groups(struct probe *probe, const json_t *input, json_t *output,
                               struct error *err) {
    struct page page = {number_of(input, "limit", 100), text_of(input, "after")};
    struct group_rows rows;
    enum status status = store_groups_load(probe->store, probe->arena, &page, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_t *item = json_object();
        put_text(item, "name", rows.items[i].name);
        put_number(item, "package_count", rows.items[i].package_count);
        put_number(item, "entry_point_count", rows.items[i].entry_point_count);
        json_array_append_new(items, item);
    }
    json_object_set_new(output, "items", items);
    put_bool(output, "more", rows.more);
    return STATUS_OK;
}

// {"host","reports":[[group,equal,summary,report],...]}
static enum status call_report(struct probe *probe, const json_t *input, json_t *output,
                               struct error *err) {
    const json_t *reports = json_object_get(input, "reports");
    struct parity_report items[8] = {0};
    struct report_batch batch = {text_of(input, "host"),  "default", "{}", "tester", items,
                                 json_array_size(reports)};
    for (size_t i = 0; i < batch.count; i++) {
        const json_t *report = json_array_get(reports, i);
        items[i].group = json_string_value(json_array_get(report, 0));
        items[i].equal = json_is_true(json_array_get(report, 1));
        items[i].summary = json_string_value(json_array_get(report, 2));
        items[i].report = json_string_value(json_array_get(report, 3));
    }
    struct report_statuses standings;
    enum status status = store_reports_add(probe->store, probe->arena, &batch, &standings, err);
    if (status) {
        return status;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < standings.count; i++) {
        json_t *item = json_object();
        put_text(item, "group", standings.items[i].group);
        put_bool(item, "equal", standings.items[i].equal);
        put_text(item, "equal_since", standings.items[i].equal_since);
        put_number(item, "report_count", standings.items[i].report_count);
        json_array_append_new(list, item);
    }
    json_object_set_new(output, "items", list);
    return STATUS_OK;
}

static json_t *encode_transition(const struct transition_row *row) {
    json_t *item = json_object();
    put_text(item, "group", row->group);
    put_text(item, "host", row->host);
    put_text(item, "environment", row->environment);
    put_bool(item, "equal", row->equal);
    put_text(item, "equal_since", row->equal_since);
    put_text(item, "first_report_at", row->first_report_at);
    put_text(item, "last_report_at", row->last_report_at);
    put_text(item, "reported_by", row->reported_by);
    put_number(item, "report_count", row->report_count);
    put_text(item, "summary", row->summary);
    put_number(item, "hosts_total", row->hosts_total);
    put_number(item, "hosts_equal", row->hosts_equal);
    put_number(item, "hosts_safe", row->hosts_safe);
    put_text(item, "group_equal_since", row->group_equal_since);
    return item;
}

static enum status call_transition(struct probe *probe, const json_t *input, json_t *output,
                                   struct error *err) {
    struct text groups[8];
    const json_t *names = json_object_get(input, "groups");
    struct transition_query query = {
        .groups = groups,
        .group_count = json_array_size(names),
        .host = text_of(input, "host"),
        .page = {number_of(input, "limit", 100), text_of(input, "after")},
    };
    for (size_t i = 0; i < query.group_count; i++) {
        groups[i] = text_from(json_string_value(json_array_get(names, i)));
    }
    struct transition_rows rows;
    enum status status = store_transition_load(probe->store, probe->arena, &query, &rows, err);
    if (status) {
        return status;
    }
    json_t *items = json_array();
    for (size_t i = 0; i < rows.count; i++) {
        json_array_append_new(items, encode_transition(&rows.items[i]));
    }
    json_object_set_new(output, "items", items);
    put_bool(output, "more", rows.more);
    return STATUS_OK;
}

static enum status call_token_bootstrap(struct probe *probe, const json_t *input, json_t *output,
                                        struct error *err) {
    uint8_t hash[32] = {0};
    read_hex(text_of(input, "hash"), hash, sizeof hash);
    bool created = false;
    enum status status =
        store_token_bootstrap(probe->store, text_of(input, "name"), hash, &created, err);
    put_bool(output, "created", created);
    return status;
}

static enum status call_token(struct probe *probe, const json_t *input, json_t *output,
                              struct error *err) {
    uint8_t hash[32] = {0};
    read_hex(text_of(input, "hash"), hash, sizeof hash);
    struct token_row token;
    enum status status = store_token_load(probe->store, probe->arena, hash, &token, err);
    if (!status) {
        put_text(output, "name", token.name);
        put_text(output, "kind", token.kind);
        put_bool(output, "usable", token.usable);
    }
    return status;
}

static enum status call_listen(struct probe *probe, const json_t *input, json_t *output,
                               struct error *err) {
    (void)input;
    (void)output;
    store_listener_close(take(probe->listener));
    return store_listener_open(probe->store, &probe->listener, err);
}

static enum status call_wait(struct probe *probe, const json_t *input, json_t *output,
                             struct error *err) {
    bool notified = false;
    enum status status = store_listener_wait(probe->listener, number_of(input, "timeout_ms", 1000),
                                             number_of(input, "wake_fd", -1), &notified, err);
    put_bool(output, "notified", notified);
    return status;
}

static const struct {
    const char *name;
    probe_call *call;
} calls[] = {
    {"ping", call_ping},
    {"migrate", call_migrate},
    {"commit_of_failed", call_commit_of_failed},
    {"history", call_history},
    {"publish", call_publish},
    {"publish_together", call_publish_together},
    {"candidates", call_candidates},
    {"packages", call_packages},
    {"package", call_package},
    {"release", call_release},
    {"groups", call_groups},
    {"report", call_report},
    {"transition", call_transition},
    {"token_bootstrap", call_token_bootstrap},
    {"token", call_token},
    {"yank", call_yank},
    {"quarantine", call_quarantine},
    {"package_status", call_package_status},
    {"contract_set", call_contract_set},
    {"contracts", call_contracts},
    {"reserve", call_reserve},
    {"name", call_name},
    {"lookalikes", call_lookalikes},
    {"follow", call_follow},
    {"search", call_search},
    {"search_problems", call_search_problems},
    {"environment", call_environment},
    {"environments", call_environments},
    {"environment_history", call_environment_history},
    {"environment_change", call_environment_change},
    {"environment_asks", call_environment_asks},
    {"changes", call_changes},
    {"listen", call_listen},
    {"wait", call_wait},
};

static enum status run_call(struct probe *probe, const json_t *input, json_t *output,
                            struct error *err) {
    const char *name = text_of(input, "call");
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        if (name && strcmp(calls[i].name, name) == 0) {
            return calls[i].call(probe, input, output, err);
        }
    }
    return fail(err, STATUS_USAGE, NULL, "there is no such call");
}

static void answer(struct probe *probe, const char *line) {
    json_auto_t *input = json_loads(line, JSON_ALLOW_NUL, NULL);
    json_auto_t *output = json_object();
    struct error err = {0};
    probe->arena = arena_new(0);
    // {"allocations":N}: the N-th allocation of the call, and all after it, fail.
    allow(number_of(input, "allocations", -1));
    enum status status = run_call(probe, input, output, &err);
    bool was_out = has_failed;
    allow(-1);
    put_bool(output, "ran_out", was_out);
    put_text(output, "status", status_info(status)->wire_name);
    put_text(output, "message", status ? err.message : "");
    arena_free(probe->arena);
    char *text = json_dumps(output, JSON_COMPACT);
    puts(text);
    fflush(stdout);
    free(text);
}

static void write_log(void *context, enum log_level level, const char *line) {
    (void)context;
    fprintf(stderr, "%s %s\n", log_level_name(level), line);
}

int main(int argc, char **argv) {
    struct log_sink log = {write_log, NULL, LOG_LEVEL_INFO};
    struct store_settings settings = {
        .conninfo = argc > 1 ? argv[1] : "",
        .pool_size = 10,
        .timeout_ms = argc > 2 ? atoi(argv[2]) : 5000,
        .log = &log,
    };
    struct probe probe = {0};
    struct error err;
    if (store_open(&settings, &probe.store, &err)) {
        fprintf(stderr, "store_probe: %s\n", err.message);
        return 1;
    }
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        answer(&probe, line);
    }
    free(line);
    store_listener_close(probe.listener);
    store_close(probe.store);
    return 0;
}
