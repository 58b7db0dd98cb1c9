// SPDX-License-Identifier: MIT
// registryctl: the table of commands and what they share.
#include "client/include/registryclient.h"

#include <stdio.h>

int main(void) {
    printf("registryctl %s\n", registry_version());
    return 0;
}
