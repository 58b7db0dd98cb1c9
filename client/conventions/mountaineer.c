// SPDX-License-Identifier: MIT
// The convention of Mountaineer: a project with a pyproject.toml and <package>/plugin.py. The package is
// looked for beside the pyproject.toml and under src/, as build back ends do.
#include "client/conventions/convention.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/readers/conventions/mountaineer.h"

#include <string.h>

static const char group[] = "mountaineer.plugins";
static const char project_name[] = "pyproject.toml";

struct plugin_files {
    const char *names[16]; // "my_plugin/plugin.py", "src/my_plugin/plugin.py"
    size_t count;
};

static void find_in(struct arena *arena, const struct rooted_dir *dir, const char *folder,
                    struct plugin_files *files) {
    struct rooted_dir_entries entries = {0};
    if (rooted_dir_entries(arena, dir, &entries, NULL)) {
        return;
    }
    for (size_t i = 0; i < entries.count; i++) {
        const struct rooted_dir_entry *entry = &entries.items[i];
        const char *name = entry->name;
        if (entry->kind != ROOTED_DIR_DIRECTORY || *name == '.' || files->count == 16) {
            continue;
        }
        const char *file = arena_printf(arena, "%s/plugin.py", name);
        if (file && rooted_dir_find(dir, file) != ROOTED_DIR_ABSENT) {
            files->names[files->count++] = arena_printf(arena, "%s%s", folder, file);
        }
    }
}

// Both layouts of Python projects: packages beside pyproject.toml, or below src/.
static void find_files(struct arena *arena, const struct rooted_dir *dir,
                       struct plugin_files *ret_files) {
    *ret_files = (struct plugin_files){0};
    find_in(arena, dir, "", ret_files);
    if (rooted_dir_find(dir, "src") == ROOTED_DIR_DIRECTORY) {
        scoped(rooted_dir_close) struct rooted_dir source = ROOTED_DIR_CLOSED;
        if (rooted_dir_enter(arena, dir, "src", &source, NULL) == STATUS_OK) {
            find_in(arena, &source, "src/", ret_files);
        }
    }
}

static bool mentions(const struct rooted_dir *dir, const char *name, size_t max_bytes,
                     const char *word) {
    scoped(buffer_done) struct buffer bytes;
    buffer_init(&bytes, max_bytes);
    return name && rooted_dir_load(dir, name, &bytes, NULL) == STATUS_OK && bytes.len &&
           memmem(bytes.ptr, bytes.len, word, strlen(word));
}

// A plugin.py that imports "plugin" from elsewhere does not name the class. It counts in a project that
// names the framework.
static bool mentions_plugin(const struct rooted_dir *dir, const char *name) {
    return mentions(dir, name, LIMIT_PYTHON_BYTES, "MountaineerPlugin") ||
           (mentions(dir, name, LIMIT_PYTHON_BYTES, "import plugin") &&
            mentions(dir, project_name, LIMIT_TOML_BYTES, "mountaineer"));
}

static bool mentions_plugin_anywhere(const struct rooted_dir *dir,
                                     const struct plugin_files *files) {
    for (size_t i = 0; i < files->count; i++) {
        if (mentions_plugin(dir, files->names[i])) {
            return true;
        }
    }
    return false;
}

// Many projects have a plugin.py; unless the user asked for this convention, the word must stand in it.
static bool recognizes(const struct convention *self, const struct rooted_dir *dir, bool asked) {
    (void)self;
    if (rooted_dir_find(dir, project_name) == ROOTED_DIR_ABSENT) {
        return false;
    }
    scoped(cleanup_arena) struct arena *arena = arena_new(0);
    struct plugin_files files;
    if (!arena || asked) {
        return asked;
    }
    find_files(arena, dir, &files);
    return mentions_plugin_anywhere(dir, &files);
}

// "src/my_plugin/plugin.py" -> "my_plugin".
static const char *module_of(struct arena *arena, const char *file) {
    const char *start = strncmp(file, "src/", 4) == 0 ? file + 4 : file;
    return arena_copy(arena, start, strcspn(start, "/"));
}

// The project without the entry points that are no Mountaineer plugins: what one plugin.py adds to.
// NULL when out of memory.
static const struct release *only_plugins(struct arena *arena, const struct release *project) {
    static const struct release nothing;
    if (!project) {
        return &nothing;
    }
    struct release *copy = arena_alloc(arena, sizeof *copy);
    struct entry_point *entries =
        arena_array(arena, project->entry_point_count + 1, sizeof *entries);
    if (!copy || !entries) {
        return NULL;
    }
    *copy = *project;
    copy->entry_points = entries;
    copy->entry_point_count = 0;
    for (size_t i = 0; i < project->entry_point_count; i++) {
        const struct entry_point *entry = &project->entry_points[i];
        if (entry->value && strcmp(entry->group, group) == 0) {
            entries[copy->entry_point_count++] = *entry;
        }
    }
    return copy;
}

// The Python files of the folder controllers/ beside plugin.py. One that cannot be read states no address.
static enum status load_controllers(struct arena *arena, const struct rooted_dir *dir,
                                    const char *name, struct mountaineer_source *source,
                                    struct error *err) {
    int len = (int)(strlen(name) - strlen("plugin.py"));
    const char *folder = arena_printf(arena, "%.*scontrollers", len, name);
    scoped(rooted_dir_close) struct rooted_dir controllers = ROOTED_DIR_CLOSED;
    struct rooted_dir_entries entries = {0};
    struct source_file *files = arena_array(arena, MOUNTAINEER_CONTROLLERS_MAX, sizeof *files);
    if (!folder || !files) {
        return fail_no_memory(err);
    }
    if (rooted_dir_find(dir, folder) != ROOTED_DIR_DIRECTORY ||
        rooted_dir_enter(arena, dir, folder, &controllers, NULL) ||
        rooted_dir_entries(arena, &controllers, &entries, NULL)) {
        return STATUS_OK;
    }
    source->controllers = files;
    for (size_t i = 0; i < entries.count && source->controller_count < MOUNTAINEER_CONTROLLERS_MAX;
         i++) {
        scoped(buffer_done) struct buffer bytes;
        buffer_init(&bytes, LIMIT_PYTHON_BYTES);
        const char *file = entries.items[i].name;
        bool is_source = text_ends_with(text_from(file), ".py") &&
                         !rooted_dir_load(&controllers, file, &bytes, NULL);
        const char *copy =
            is_source ? arena_copy(arena, bytes.ptr ? bytes.ptr : "", bytes.len) : "";
        if (!copy) {
            return fail_no_memory(err);
        }
        if (is_source) {
            files[source->controller_count++] =
                (struct source_file){.path = file, .bytes = copy, .len = bytes.len};
        }
    }
    return STATUS_OK;
}

static enum status read_file(struct arena *arena, const struct rooted_dir *dir, const char *name,
                             struct convention_plugin *plugin, struct error *err) {
    struct error fault = {0};
    struct source_file file;
    scoped(buffer_done) struct buffer bytes = {0};
    const char *module = module_of(arena, name);
    const struct release *project = only_plugins(arena, plugin->release);
    if (!module || !project) {
        return fail_no_memory(err);
    }
    plugin->release = project;
    if (convention_load(dir, name, LIMIT_PYTHON_BYTES, &bytes, &file, &plugin->findings)) {
        struct mountaineer_source source = {&file, module, project};
        enum status status = load_controllers(arena, dir, name, &source, err);
        if (status) {
            return status;
        }
        mountaineer_read(arena, &source, &plugin->findings, &plugin->release, &fault);
    }
    return convention_keep(&plugin->findings, &fault, err);
}

// A plugin.py is a plugin of its own: what is wrong with it is not said of the project's other entry
// points. What is wrong with the project is said of both.
static enum status add_file(struct arena *arena, const struct rooted_dir *dir, const char *name,
                            const struct convention_plugin *project,
                            struct convention_plugins *plugins, struct error *err) {
    struct convention_plugin *plugin = convention_add(arena, plugins, dir->path, dir->name);
    if (!plugin) {
        return fail_no_memory(err);
    }
    plugin->release = project->release;
    findings_append(&plugin->findings, &project->findings);
    enum status status = read_file(arena, dir, name, plugin, err);
    if (!status && !plugin->release) {
        plugins->count--; // not a plugin
    }
    return status;
}

static bool is_group_declared(const struct release *release, const char *name) {
    for (size_t i = 0; release && i < release->entry_point_count; i++) {
        const struct entry_point *entry = &release->entry_points[i];
        if (strcmp(entry->group, group) == 0 && strcmp(entry->name, name) == 0) {
            return true;
        }
    }
    return false;
}

// The project's own entry points, without those that a plugin.py gives with their manifest.
static enum status add_project(struct arena *arena, const struct convention_plugin *project,
                               struct convention_plugins *plugins, struct error *err) {
    const struct release *release = project->release;
    struct release *rest = release ? arena_alloc(arena, sizeof *rest) : NULL;
    struct entry_point *entries =
        arena_array(arena, release ? release->entry_point_count + 1 : 1, sizeof *entries);
    if ((release && !rest) || !entries) {
        return fail_no_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; release && i < release->entry_point_count; i++) {
        bool is_given = strcmp(release->entry_points[i].group, group) == 0;
        for (size_t j = 0; is_given && j < plugins->count; j++) {
            is_given = is_group_declared(plugins->items[j].release, release->entry_points[i].name);
        }
        if (!is_given || !plugins->count) {
            entries[count++] = release->entry_points[i];
        }
    }
    if (rest) {
        *rest = *release;
        rest->entry_points = entries;
        rest->entry_point_count = count;
    }
    struct convention_plugin own = *project;
    own.release = rest;
    bool is_said = plugins->count && !count;
    if (is_said || convention_project_is_empty(&own)) {
        return STATUS_OK;
    }
    struct convention_plugin *added = convention_add(arena, plugins, project->path, project->name);
    if (!added) {
        return fail_no_memory(err);
    }
    *added = own;
    return STATUS_OK;
}

static void add_missing_file(struct convention_plugin *project) {
    findings_add(&project->findings, SEVERITY_ERROR, "mountaineer-plugin-missing", project->path,
                 "Write plugin = MountaineerPlugin(name=\"…\", …) in <package>/plugin.py",
                 "The project has no <package>/plugin.py");
}

static enum status read_plugins(const struct convention *self, struct arena *arena,
                                const struct rooted_dir *dir,
                                struct convention_plugins *ret_plugins, struct error *err) {
    (void)self;
    struct plugin_files files;
    struct convention_plugin project = {.path = dir->path, .name = dir->name};
    findings_init(&project.findings, arena);
    enum status status =
        convention_project(arena, dir, false, &project.findings, &project.release, err);
    find_files(arena, dir, &files);
    if (!status && !files.count) {
        add_missing_file(&project);
    }
    bool any = files.count > 1 && mentions_plugin_anywhere(dir, &files);
    for (size_t i = 0; i < files.count && !status; i++) {
        // another package's plugin.py may be of pytest, or of the project itself
        if (!any || mentions_plugin(dir, files.names[i])) {
            status = add_file(arena, dir, files.names[i], &project, ret_plugins, err);
        }
    }
    return status ? status : add_project(arena, &project, ret_plugins, err);
}

// Of several plugin.py the one that makes this plugin.
static const char *locate(const struct convention *self, struct arena *arena,
                          const struct rooted_dir *dir, const char *name, const char *pointer) {
    static const struct manifest_source source = {
        .format = DECLARED_PYTHON, .take = "plugin", .declares = true};
    (void)self;
    struct plugin_files files;
    find_files(arena, dir, &files);
    for (size_t i = 0; i < files.count; i++) {
        struct convention_plugin plugin = {.path = dir->path, .name = dir->name};
        findings_init(&plugin.findings, arena);
        if (!read_file(arena, dir, files.names[i], &plugin, NULL) && plugin.release &&
            release_find_manifest(plugin.release, group, name)) {
            return convention_place(arena, dir, files.names[i], &source, pointer);
        }
    }
    return NULL;
}

const struct convention convention_mountaineer = {
    .name = "mountaineer",
    .group = group,
    .mark = "ROOT/<project>/pyproject.toml with <package>/plugin.py",
    .description = "Mountaineer: a project whose plugin.py makes a MountaineerPlugin",
    .recognizes = recognizes,
    .read = read_plugins,
    .locate = locate,
};
