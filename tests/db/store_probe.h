// SPDX-License-Identifier: MIT
// What the files of store_probe share: one store, one call at a time, JSON in and out.
#pragma once

#include "registryd/store/store_environments.h"
#include "registryd/store/store_lifecycle.h"
#include "registryd/store/store_search.h"

#include <jansson.h>

struct probe {
    struct store *store;
    struct arena *arena; // of one call
    struct listener *listener;
};

typedef enum status probe_call(struct probe *probe, const json_t *input, json_t *output,
                               struct error *err);

static inline const char *text_of(const json_t *input, const char *key) {
    return json_string_value(json_object_get(input, key));
}

static inline int number_of(const json_t *input, const char *key, int fallback) {
    const json_t *number = json_object_get(input, key);
    return number ? (int)json_integer_value(number) : fallback;
}

static inline void put_text(json_t *object, const char *key, const char *text) {
    json_object_set_new(object, key, text ? json_string(text) : json_null());
}

static inline void put_number(json_t *object, const char *key, int64_t number) {
    json_object_set_new(object, key, json_integer(number));
}

static inline void put_bool(json_t *object, const char *key, bool truth) {
    json_object_set_new(object, key, json_boolean(truth));
}

static inline void put_point(json_t *object, const struct history_point *point) {
    put_text(object, "epoch", point->epoch);
    put_number(object, "serial", point->serial);
}

static inline json_t *encode_strings(const struct strings *strings) {
    json_t *list = json_array();
    for (size_t i = 0; i < strings->count; i++) {
        json_array_append_new(list, json_string(strings->items[i]));
    }
    return list;
}

// store_probe_transactions.c
probe_call call_commit_of_failed;

// store_probe_lifecycle.c
probe_call call_yank;
probe_call call_quarantine;
probe_call call_package_status;
probe_call call_contract_set;
probe_call call_contracts;
probe_call call_changes;

// store_probe_names.c
probe_call call_reserve;
probe_call call_name;
probe_call call_lookalikes;
probe_call call_follow;
probe_call call_search;
probe_call call_search_problems;

// store_probe_environments.c
probe_call call_environment;
probe_call call_environments;
probe_call call_environment_history;
probe_call call_environment_change;
probe_call call_environment_asks;
