// SPDX-License-Identifier: MIT
// The fixed parts of the completion scripts. The tables before them are made by completion.c.
#pragma once

extern const char
    completion_bash[]; // uses the functions of the tables, defines _registryctl, registers it
extern const char completion_zsh[];
extern const char completion_fish_begin[]; // functions that the lines behind it use
