// SPDX-License-Identifier: MIT
// Asking a read module for what it binds. Python's rule: the last binding of a name counts.
#include "schema/readers/python/python_source.h"

#include <string.h>

const struct python_assignment *python_find_assignment(const struct python_module *module,
                                                       const char *name) {
    for (size_t i = module->assignment_count; i-- > 0;) {
        if (strcmp(module->assignments[i].name, name) == 0) {
            return &module->assignments[i];
        }
    }
    return NULL;
}

const struct python_class *python_find_class(const struct python_module *module, const char *name) {
    for (size_t i = module->class_count; i-- > 0;) {
        if (strcmp(module->classes[i].name, name) == 0) {
            return &module->classes[i];
        }
    }
    return NULL;
}

bool python_binds(const struct python_module *module, const char *name) {
    for (size_t i = 0; i < module->function_count; i++) {
        if (strcmp(module->functions[i].name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < module->import_count; i++) {
        if (strcmp(module->imports[i], name) == 0) {
            return true;
        }
    }
    return python_find_assignment(module, name) || python_find_class(module, name);
}
