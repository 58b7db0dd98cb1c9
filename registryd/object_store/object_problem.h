// SPDX-License-Identifier: MIT
// What an object store says of a request that it refuses: <Error><Code>NoSuchKey</Code><Message>…</Message></Error>.
// Pure, callable from any thread.
#pragma once

#include "schema/base/text.h"

struct object_problem {
    char code[64]; // "NoSuchKey"; empty: it says none
    char message[256];
};

// From bytes of any kind, which may break off anywhere. Texts are cut to their room and made printable.
void object_problem_parse(struct text body, struct object_problem *ret_problem);
