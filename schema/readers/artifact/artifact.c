// SPDX-License-Identifier: MIT
// The door to the readers of artifacts: which kind it is, the digest of the whole, what came of it. The
// daemon calls it in a confined process and the client in its own, on bytes of unknown origin:
// framing is checked before any library sees them, and the kind is known by the name and the first bytes.
#include "schema/readers/artifact/artifact.h"

#include "schema/digest.h"
#include "schema/readers/artifact/artifact_kinds.h"

#include <string.h>

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_with(const char *text, const char *ending) {
    size_t len = strlen(text);
    size_t tail = strlen(ending);
    return len > tail && strcasecmp(text + len - tail, ending) == 0;
}

// Whether the first bytes are those of the format; another kind of file is refused here with a clear message.
static bool has_magic(const struct source_file *file, bool is_zip) {
    const char *magic = is_zip ? "PK" : "\x1f\x8b";
    return file->len >= 2 && memcmp(file->bytes, magic, 2) == 0;
}

// What the readers of the kinds cannot know: the digest of the whole file and its name. An sdist has said
// already whether its metadata was built or derived.
static bool set_provenance(struct reader *reader, const struct artifact *artifact,
                           struct release *release) {
    char hex[DIGEST_HEX_SIZE];
    digest_hex(artifact->sha256, hex);
    release->provenance.convention = artifact->kind == ARTIFACT_WHEEL ? "wheel" : "sdist";
    release->provenance.path = artifact->filename;
    release->provenance.sha256 = arena_strdup(reader->arena, hex);
    if (!release->provenance.confidence) {
        release->provenance.confidence = "artifact";
    }
    return release->provenance.sha256;
}

// The name decides the kind, the first bytes must agree, and only then is anything parsed. Offsets in a zip
// have 32 bits, so larger files are refused before.
enum status artifact_read(struct arena *arena, const struct source_file *file,
                          struct findings *findings, const struct release **ret_release,
                          struct artifact *ret_artifact, struct error *err) {
    const char *filename = base_name(file->path);
    bool is_wheel = ends_with(filename, ".whl");
    bool is_zip = is_wheel || ends_with(filename, ".zip");
    size_t errors_before = findings->error_count;
    struct reader reader = {arena, findings, file->path};
    struct artifact artifact = {.kind = is_wheel ? ARTIFACT_WHEEL : ARTIFACT_SDIST,
                                .filename = arena_strdup(arena, filename),
                                .size = file->len};
    if (!artifact.filename) {
        return fail_no_memory(err);
    }
    if (file->len >= UINT32_MAX) {
        return fail(err, STATUS_TOO_LARGE, file->path, "The file has 4 GiB or more");
    }
    if (!is_zip && !ends_with(filename, ".tar.gz")) {
        reader_add_member(
            &reader, "artifact-name-invalid", NULL,
            "\"%s\" is neither a wheel (.whl) nor a source distribution (.tar.gz, .zip)", filename);
        return findings_fail(findings, errors_before, err);
    }
    if (!has_magic(file, is_zip)) {
        return fail(err, STATUS_MALFORMED, file->path, "The file is not a %s",
                    is_zip ? "zip" : "gzip");
    }
    digest_sha256(file->bytes, file->len, artifact.sha256);
    struct text bytes = {file->bytes, file->len};
    struct release *release = is_wheel ? wheel_read(&reader, bytes, artifact.filename, &artifact)
                                       : sdist_read(&reader, bytes, artifact.filename, &artifact);
    if (release && !set_provenance(&reader, &artifact, release)) {
        return fail_no_memory(err);
    }
    enum status status = findings_fail(findings, errors_before, err);
    if (status) {
        return status;
    }
    *ret_release = release;
    *ret_artifact = artifact;
    return STATUS_OK;
}
