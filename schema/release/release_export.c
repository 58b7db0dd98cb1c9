// SPDX-License-Identifier: MIT
// The two texts of an export. Both begin with comments that say of what they are and whether it is a lock or the
// answer of a moment; keys and lists have one order, so that two exports of one lock are equal. The keys of
// pylock.toml and their order are those of the specification (packaging.python.org, "pylock.toml").
#include "schema/release/release_export.h"

#include <string.h>

// ---- what both begin and end with ----

// A sentence may quote a reason that somebody wrote; in a comment it must stay on its line.
static void write_line(struct buffer *text, const char *line) {
    for (const char *c = line; *c; c++) {
        buffer_add(text, is_control(*c) ? " " : c, 1);
    }
    buffer_add_string(text, "\n");
}

static void write_head(struct buffer *text, const struct release_export *export) {
    const struct export_lock *lock = &export->lock;
    buffer_printf(text, "# environment %s, revision %lld: ", export->environment,
                  (long long)export->revision);
    if (lock->id) {
        buffer_printf(text, "frozen, lock %lld of %s, revision %lld, made %s by ",
                      (long long)lock->id, lock->environment, (long long)lock->revision,
                      lock->made_at);
        write_line(text, lock->made_by);
    } else {
        buffer_printf(text, "not frozen, the answer at change %lld\n", (long long)export->serial);
    }
}

static void write_missing(struct buffer *text, const struct release_export *export) {
    for (size_t i = 0; i < export->missing_count; i++) {
        const struct export_missing *missing = &export->missing[i];
        buffer_printf(text, "# missing: %s: %s: ", missing->package, missing->code);
        write_line(text, missing->detail);
    }
    for (size_t i = 0; i < export->release_count; i++) {
        const struct export_release *release = &export->releases[i];
        if (!release->file_count) {
            buffer_printf(text, "# %s==%s has no file that fits\n", release->package,
                          release->version);
        }
    }
}

static bool has_files(const struct release_export *export) {
    for (size_t i = 0; i < export->release_count; i++) {
        if (export->releases[i].file_count) {
            return true;
        }
    }
    return false;
}

// ---- requirements ----

void release_export_write_requirements(struct buffer *text, const struct release_export *export) {
    write_head(text, export);
    // The list is the whole answer, so pip must not resolve again (--no-deps), and must take only files that
    // the registry has (--require-hashes).
    buffer_add_string(text, "# for pip install --no-deps --require-hashes -r\n");
    write_missing(text, export);
    if (has_files(export)) {
        buffer_printf(text, "--index-url %s\n", export->index);
    }
    for (size_t i = 0; i < export->release_count; i++) {
        const struct export_release *release = &export->releases[i];
        if (!release->file_count) {
            continue;
        }
        buffer_printf(text, "%s==%s", release->package, release->version);
        for (size_t j = 0; j < release->file_count; j++) {
            buffer_printf(text, " \\\n    --hash=sha256:%s", release->files[j].sha256);
        }
        buffer_add_string(text, "\n");
    }
}

// ---- pylock.toml ----

// A basic string of TOML.
static void write_string(struct buffer *text, const char *string) {
    buffer_add_string(text, "\"");
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\') {
            buffer_printf(text, "\\%c", *c);
        } else if (is_control(*c)) {
            buffer_printf(text, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            buffer_add(text, c, 1);
        }
    }
    buffer_add_string(text, "\"");
}

static void write_key(struct buffer *text, const char *key, const char *string) {
    if (string) {
        buffer_printf(text, "%s = ", key);
        write_string(text, string);
        buffer_add_string(text, "\n");
    }
}

// An inline table; the upload time is a date-time of TOML, which RFC 3339 is.
static void write_file(struct buffer *text, const struct export_file *file) {
    buffer_add_string(text, "{name = ");
    write_string(text, file->filename);
    buffer_printf(text, ", upload-time = %s, url = ", file->uploaded_at);
    write_string(text, file->url);
    buffer_printf(text, ", size = %lld, hashes = {sha256 = ", (long long)file->size);
    write_string(text, file->sha256);
    buffer_add_string(text, "}}");
}

// The specification has room for one sdist: the first. All its wheels follow.
static void write_files(struct buffer *text, const struct export_release *release) {
    const struct export_file *sdist = NULL;
    size_t wheels = 0;
    for (size_t i = 0; i < release->file_count; i++) {
        bool is_wheel = strcmp(release->files[i].kind, "wheel") == 0;
        wheels += is_wheel;
        sdist = is_wheel || sdist ? sdist : &release->files[i];
    }
    if (sdist) {
        buffer_add_string(text, "sdist = ");
        write_file(text, sdist);
        buffer_add_string(text, "\n");
    }
    if (!wheels) {
        return;
    }
    buffer_add_string(text, "wheels = [\n");
    for (size_t i = 0; i < release->file_count; i++) {
        if (strcmp(release->files[i].kind, "wheel") == 0) {
            buffer_add_string(text, "  ");
            write_file(text, &release->files[i]);
            buffer_add_string(text, ",\n");
        }
    }
    buffer_add_string(text, "]\n");
}

static void write_package(struct buffer *text, const struct release_export *export,
                          const struct export_release *release) {
    buffer_add_string(text, "\n[[packages]]\n");
    write_key(text, "name", release->package);
    write_key(text, "version", release->version);
    write_key(text, "requires-python", release->requires_python);
    write_key(text, "index", export->index);
    write_files(text, release);
}

static void write_tool(struct buffer *text, const struct release_export *export) {
    const struct export_lock *lock = &export->lock;
    buffer_add_string(text, "\n[tool.registryd]\n");
    write_key(text, "environment", export->environment);
    buffer_printf(text, "revision = %lld\n", (long long)export->revision);
    buffer_printf(text, "frozen = %s\n", lock->id ? "true" : "false");
    write_key(text, "epoch", export->epoch);
    buffer_printf(text, "serial = %lld\n", (long long)export->serial);
    if (lock->id) {
        buffer_printf(text, "lock = %lld\n", (long long)lock->id);
        write_key(text, "lock-environment", lock->environment);
        buffer_printf(text, "lock-revision = %lld\n", (long long)lock->revision);
        buffer_printf(text, "lock-made = %s\n", lock->made_at);
    }
}

void release_export_write_pylock(struct buffer *text, const struct release_export *export) {
    bool is_empty = !has_files(export);
    write_head(text, export);
    write_missing(text, export);
    buffer_add_string(text, "lock-version = \"1.0\"\n");
    if (export->marker) {
        buffer_add_string(text, "environments = [");
        write_string(text, export->marker);
        buffer_add_string(text, "]\n");
    }
    write_key(text, "requires-python", export->requires_python);
    buffer_add_string(text, "extras = []\ndependency-groups = []\ndefault-groups = []\n");
    buffer_add_string(text, "created-by = \"registryd\"\n");
    if (is_empty) { // the key is required, and an array of no tables has no other form
        buffer_add_string(text, "packages = []\n");
    }
    for (size_t i = 0; i < export->release_count; i++) {
        if (export->releases[i].file_count) {
            write_package(text, export, &export->releases[i]);
        }
    }
    write_tool(text, export);
}
