// SPDX-License-Identifier: MIT
// registryctl status: what answers at the address, whether it can serve, its limits, and what this user may do there.
// Three requests, one after the other. A registry that is not ready is an answer with exit code 1, so a script can
// wait for it; an address without a registry is a failure.
#include "client/cli/input/rights_table.h"
#include "client/cli/input/administration.h"
#include "client/remote/api_call.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"
#include "schema/json/json.h"

#include <string.h>

struct service_state {
    const char *url;
    json_t *service; // GET /v1; owned
    json_t *ready;   // GET /readyz; owned
    json_t *token;   // GET /v1/token; NULL: no token. Owned
};

static void service_state_done(struct service_state *state) {
    json_decref(state->service);
    json_decref(state->ready);
    json_decref(state->token);
}

// 503 is an answer here: it says why the daemon is not ready.
static enum status load_readiness(struct cli *cli, const struct connection *connection,
                                  json_t **ret_ready, struct error *err) {
    struct fetch_answer answer = {0};
    const struct fetch_request request = {.method = "GET", .path = "/readyz"};
    enum status status = fetch_send(cli->arena, connection, &request, &answer, err);
    if (status) {
        return status;
    }
    if (json_parse(answer.body, answer.body.len, ret_ready, NULL)) {
        *ret_ready = json_object();
    }
    return *ret_ready ? STATUS_OK : fail_no_memory(err);
}

static enum status load(struct cli *cli, struct service_state *state, struct error *err) {
    struct connection connection;
    enum status status = command_connect(cli, &connection, err);
    if (status) {
        return status;
    }
    const struct api_call call = {.arena = cli->arena, .connection = &connection};
    const struct fetch_request service = {.method = "GET", .path = "/v1"};
    const struct fetch_request token = {.method = "GET", .path = "/v1/token"};
    state->url = connection.url;
    status = api_call_json(&call, &service, &state->service, err);
    if (status) {
        return status;
    }
    status = load_readiness(cli, &connection, &state->ready, err);
    if (status || !connection.token) {
        return status;
    }
    return api_call_json(&call, &token, &state->token, err);
}

static void print_line(struct cli *cli, const char *name, const char *value) {
    if (value && *value) {
        output_print(&cli->output, COLOR_DIM, "%-18s", name);
        output_print(&cli->output, COLOR_NONE, "%s\n", output_text(&cli->output, value));
    }
}

static void print_limits(struct cli *cli, const json_t *service) {
    static const struct {
        const char *key;
        const char *name;
        const char *unit;
    } rows[] = {
        {"requests_per_second", "requests", " a second from one address"},
        {"publishes_per_minute", "publishes", " a minute with one token"},
        {"new_packages_per_hour", "new packages", " an hour with one token"},
        {"new_packages_at_once", "", " at once"},
        {"release_open_days", "release open", " days for further files"},
    };
    const json_t *limits = json_object_get(service, "limits");
    json_int_t bytes = json_integer_value(json_object_get(limits, "upload_bytes"));
    print_line(cli, "largest file",
               arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT " MiB", bytes >> 20));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const json_t *value = json_object_get(limits, rows[i].key);
        print_line(cli, rows[i].name,
                   json_is_integer(value) ? arena_printf(cli->arena, "%" JSON_INTEGER_FORMAT "%s",
                                                         json_integer_value(value), rows[i].unit)
                                          : "unlimited");
    }
}

static enum status print(struct cli *cli, const struct service_state *state, struct error *err) {
    struct output *output = &cli->output;
    bool is_ready = json_is_true(json_object_get(state->ready, "ready"));
    output_print(output, COLOR_BOLD, "%s", output_text(output, state->url));
    output_print(output, is_ready ? COLOR_GREEN : COLOR_RED, "  %s\n",
                 is_ready ? "ready" : "not ready");
    print_line(cli, "reasons", administration_text(cli, state->ready, "reasons"));
    print_line(cli, "registryd", administration_text(cli, state->service, "version"));
    print_line(cli, "serial", administration_text(cli, state->service, "serial"));
    print_line(cli, "epoch", administration_text(cli, state->service, "epoch"));
    print_line(cli, "epoch number", administration_text(cli, state->service, "epoch_number"));
    print_line(cli, "reading", administration_text(cli, state->service, "reading"));
    print_limits(cli, state->service);
    if (!state->token) {
        print_line(cli, "token", "none; \"registryctl login\" keeps one");
        return STATUS_OK;
    }
    print_line(cli, "token",
               arena_printf(cli->arena, "%s/%s from %s",
                            administration_text(cli, state->token, "team"),
                            administration_text(cli, state->token, "name"),
                            rights_table_source(cli, state->url)));
    output_print(output, COLOR_NONE, "\n");
    return rights_table_print(cli, state->token, err);
}

static enum status print_state(struct cli *cli, const struct service_state *state,
                               struct error *err) {
    if (!cli->output.json) {
        return print(cli, state, err);
    }
    json_t *json =
        json_pack("{s:s,s:O,s:O,s:O}", "url", state->url, "service", state->service, "readiness",
                  state->ready, "token", state->token ? state->token : json_null());
    return output_json(&cli->output, json, err);
}

static enum status run(struct cli *cli, struct error *err) {
    scoped(service_state_done) struct service_state state = {0};
    enum status status = load(cli, &state, err);
    if (status) {
        return status;
    }
    cli->exit_code = !json_is_true(json_object_get(state.ready, "ready"));
    return print_state(cli, &state, err);
}

const struct command command_status = {
    .name = "status",
    .arguments = "",
    .lines = "url readiness.ready service.version service.serial service.epoch service.reading "
             "token.team "
             "token.name",
    .summary = "Show the registry, its limits, and what you may do there",
    .description =
        "Shows whether the registry at the address is ready, its version and serial, its\n"
        "limits, and the rights of the token in use.",
    .exit_codes = "0  The registry is ready\n1  The registry is not ready\n",
    .example = "registryctl status",
    .run = run,
};
