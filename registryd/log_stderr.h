// SPDX-License-Identifier: MIT
// The log sink of the daemon: standard error, one line an event, written with one system call so
// that lines of several threads and of the supervisor process never mix.
#pragma once

#include "schema/base/log.h"

#include <stdbool.h>

// A sink that drops what is above `level`. Static context: it may be copied and outlives everything.
struct log_sink log_stderr(enum log_level level, bool is_json);
