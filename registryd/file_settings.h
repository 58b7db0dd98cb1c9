// SPDX-License-Identifier: MIT
// What the settings say about where files are stored: the object store with its keys, if there is one.
#pragma once

#include "registryd/config/setting.h"
#include "registryd/object_store/object_store.h"

struct file_settings {
    struct arena *arena;          // of the keys; owned
    struct object_store *objects; // NULL: all files are in the database; owned
};

// Called while registryd may still be root: the file of keys may be root's. Nothing is asked of the object store.
// Fails with: USAGE (a setting, or the file of keys), NO_MEMORY.
enum status file_settings_open(const struct config *config, const struct log_sink *log,
                               struct file_settings *ret_settings, struct error *err);
void file_settings_close(struct file_settings *settings);
