// SPDX-License-Identifier: MIT
// The name is checked before the store is asked: a name that no release can use has no entry points, no contract
// and no hold. (group_path.h)
#include "registryd/api/groups/group_path.h"

#include "schema/base/limits.h"
#include "schema/packaging/entry_point.h"

#include <string.h>

enum status group_path_read(const struct request *request, const char **ret_group,
                            struct error *err) {
    const char *group = request_path(request, "group");
    struct error why;
    if (strlen(group) > LIMIT_GROUP_BYTES || entry_point_group_check(text_from(group), &why)) {
        return fail(err, STATUS_NOT_FOUND, NULL, "\"%s\" is not a valid group name", group);
    }
    *ret_group = group;
    return STATUS_OK;
}
