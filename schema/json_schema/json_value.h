// SPDX-License-Identifier: MIT
// JSON values as JSON Schema compares them: numbers by what they are worth (1 and 1.0 are equal, and both are integers),
// objects without their order. Exact, also where a double would round. Pure; any thread.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

// A number without a fraction, however it is written: 3, 3.0, 3e2.
bool json_value_is_integer(const json_t *number);

// Below 0, 0 or above 0 as a is less than, equal to or greater than b. Both are numbers.
int json_value_order(const json_t *a, const json_t *b);

// Whether `number` is `divisor` times an integer, counted in the decimal digits that were written: 0.0075 is 75 times
// 0.0001, which doubles deny. The divisor is greater than 0.
bool json_value_is_multiple(const json_t *number, const json_t *divisor);

// Whether two values are equal. Each value looked at takes one of *steps; when none are left, the answer is false
// and *steps is 0.
bool json_value_equals(const json_t *a, const json_t *b, size_t *steps);

// Equal values have equal hashes. Takes steps as above; without any left the hash means nothing.
uint64_t json_value_hash(const json_t *value, size_t *steps);
