// SPDX-License-Identifier: MIT
// registryd: the daemon's life, from settings to a clean stop.
#include <stdio.h>

int main(void) {
    puts("registryd " REGISTRYD_VERSION);
    return 0;
}
