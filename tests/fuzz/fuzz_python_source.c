// SPDX-License-Identifier: MIT
// Python source as such. The values of its names are followed too, and what its functions return, so that
// what they are given is read.
#include "tests/fuzz/fuzz.h"

#include "schema/readers/python/python_imports.h"
#include "schema/readers/python/python_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct arena *arena = arena_new(0);
    struct source_file file = {.path = "plugin.py", .bytes = (const char *)bytes, .len = len};
    static const char *const kept[] = {"add_endpoint"};
    const struct python_source_options options = {kept, 1};
    struct python_module module;
    if (!python_source_read(arena, &file, &options, &module, NULL)) {
        struct python_value value;
        for (size_t i = 0; i < module.assignment_count && i < 20; i++) {
            python_value_read(&module, module.assignments[i].name, &value, NULL);
        }
        for (size_t i = 0; i < module.function_count && i < 20; i++) {
            python_returned_read(&module, &module.functions[i], &value, NULL);
        }
        struct python_imports imports;
        python_imports_read(&module, "a.b.plugin", &imports, NULL);
        python_find_class(&module, "CreateProductPlugin");
        python_binds(&module, "register");
    }
    arena_free(arena);
    return 0;
}
