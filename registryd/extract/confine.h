// SPDX-License-Identifier: MIT
// Takes everything away from the extractor that reading one archive from memory does not need:
// resource limits first, then new privileges, then all system calls but a short list. After
// confine() a parser that was talked into running somebody's code can burn its CPU seconds and
// answer nonsense, and nothing else.
#pragma once

#include "schema/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct confinement {
    uint64_t memory_bytes; // RLIMIT_AS; 0 = none (sanitizers map terabytes)
    uint32_t cpu_seconds;  // of the process, by RLIMIT_CPU
    bool filter_calls;     // false only under sanitizers, which make calls of their own
};

// Call once, with the input mapped and before the first byte of it is read. Descriptors other than
// 0, 1 and 2 must be closed already. Fails with: IO (the kernel refused).
enum status confine(const struct confinement *confinement, struct error *err);
