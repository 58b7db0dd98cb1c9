// SPDX-License-Identifier: MIT
// Hides the secrets of tokens in text that people or programs will read. Any thread.
#pragma once

// Overwrites whatever looks like a token's secret with '*', in place: what people and programs read of a
// request may hold one that was sent in the wrong place.
void token_hide(char *text);
