// SPDX-License-Identifier: MIT
// The public surface of the library (include/registryclient.h): handles, and the translation between
// internal records and public ones.
#include "client/include/registryclient.h"

#include "schema/base/status.h"

const char *registry_version(void) {
    return REGISTRYD_VERSION;
}

const char *registry_status_name(int status) {
    return status_info((enum status)status)->wire_name;
}
