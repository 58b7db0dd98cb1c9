// SPDX-License-Identifier: MIT
// One requirement a line, its hashes on continued lines: the form of the pip documentation.
#include "schema/release/pip_requirements.h"

void pip_requirements_write(struct buffer *text, const struct pip_requirement *items,
                            size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct pip_requirement *item = &items[i];
        if (!item->sha256_count) {
            buffer_printf(text, "# %s==%s has no file that fits\n", item->package, item->version);
            continue;
        }
        buffer_printf(text, "%s==%s", item->package, item->version);
        for (size_t j = 0; j < item->sha256_count; j++) {
            buffer_printf(text, " \\\n    --hash=sha256:%s", item->sha256[j]);
        }
        buffer_add_string(text, "\n");
    }
}
