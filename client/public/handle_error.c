// SPDX-License-Identifier: MIT
// Apart from handle.c, so that the loader of the full library (client/library/) can report its own failure
// without knowing what a handle is made of.
#include "client/public/handle_error.h"

#include <assert.h>
#include <string.h>

int handle_error(struct registry_error *ret_err, enum status status, const struct error *err) {
    if (ret_err && status) {
        const char *code = status_info(status)->wire_name;
        *ret_err = (struct registry_error){.status = status};
        memcpy(ret_err->code, code, strnlen(code, sizeof ret_err->code - 1));
        static_assert(sizeof ret_err->where == sizeof err->where, "as long as ours");
        static_assert(sizeof ret_err->message == sizeof err->message, "as long as ours");
        memcpy(ret_err->where, err->where, sizeof err->where);
        memcpy(ret_err->message, err->message, sizeof err->message);
    }
    return status;
}
