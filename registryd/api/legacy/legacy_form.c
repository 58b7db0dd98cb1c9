// SPDX-License-Identifier: MIT
// Fields are a table, so what is read of a form is seen at a glance. What the tools do differently:
//
//     twine, uv      no md5_digest                      flit     no pyversion for an sdist, metadata_version 2.3
//     hatch          repeats the whole description      poetry   import_names, uv also: plural, and unknown here
//     uv             requires_python even when empty    twine    gpg_signature is a second file
//
// A wrong name, version or digest refuses the upload. Where another field contradicts the file, the file is
// believed, and a warning says so.
#include "registryd/api/legacy/legacy_form.h"

#include "registryd/access/publish_rights.h"
#include "registryd/api/legacy/attestations.h"
#include "schema/base/limits.h"
#include "schema/base/list.h"
#include "schema/digest.h"
#include "schema/packaging/name.h"
#include "schema/packaging/version/version.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHORT_BYTES = 4096 };

struct field {
    const char *name;
    size_t offset;
    size_t max_bytes;
};

#define AT(member) offsetof(struct legacy_form, member)
static const struct field fields[] = {
    {":action", AT(action), SHORT_BYTES},
    {"protocol_version", AT(protocol_version), SHORT_BYTES},
    {"filetype", AT(filetype), SHORT_BYTES},
    {"metadata_version", AT(metadata_version), SHORT_BYTES},
    {"name", AT(name), SHORT_BYTES},
    {"version", AT(version), SHORT_BYTES},
    {"md5_digest", AT(md5_digest), SHORT_BYTES},
    {"sha256_digest", AT(sha256_digest), SHORT_BYTES},
    {"blake2_256_digest", AT(blake2_256_digest), SHORT_BYTES},
    {"attestations", AT(attestations), ATTESTATIONS_BYTES_MAX},
};
#undef AT

static const struct field *find_field(const char *name) {
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

// ---- reading ----

// An empty field counts as absent: twine sends all fields, most of them empty.
static enum status read_field(struct multipart *multipart, const struct field *field,
                              struct legacy_form *form, struct error *err) {
    const char **place = (const char **)((char *)form + field->offset);
    const char *text;
    enum status status = multipart_read_text(multipart, field->max_bytes, &text, err);
    if (status || !*text) {
        return status;
    }
    if (*place) {
        return fail(err, STATUS_MALFORMED, field->name, "The form has the field %s twice",
                    field->name);
    }
    *place = text;
    return STATUS_OK;
}

// A form on its way in.
struct reading {
    struct api *api;
    const struct request *request;
    struct findings *findings;
    struct multipart *multipart;
    struct legacy_form *form;
};

// Name and rights are checked before the bytes are received, so that a refusal costs no disk.
static enum status read_file(const struct reading *reading, const struct multipart_part *part,
                             struct error *err) {
    struct uploaded_file *file = &reading->form->file;
    if (file->filename) {
        return fail(err, STATUS_MALFORMED, "content", "The form has the file \"content\" twice");
    }
    if (!part->filename) {
        return fail(err, STATUS_MALFORMED, "content",
                    "The field \"content\" must be a file with a file name");
    }
    file->filename = part->filename;
    enum status status = upload_check_name(reading->request->arena, reading->findings, file, err);
    if (status) {
        return status;
    }
    status = publish_rights_on(reading->api, reading->request, file->normalized_name, err);
    if (status) {
        return status;
    }
    return upload_receive_part(reading->api, reading->multipart, file, err);
}

// Unknown fields are skipped: each tool sends the core metadata again, and the file itself has it.
static enum status read_part(const struct reading *reading, const struct multipart_part *part,
                             struct error *err) {
    const struct field *field = find_field(part->name);
    if (strcmp(part->name, "content") == 0) {
        return read_file(reading, part, err);
    }
    return field ? read_field(reading->multipart, field, reading->form, err) : STATUS_OK;
}

enum status legacy_form_read(struct api *api, const struct request *request,
                             struct findings *findings, struct legacy_form *form,
                             struct error *err) {
    struct reading reading = {api, request, findings, NULL, form};
    struct multipart_part part;
    bool found = true;
    *form = (struct legacy_form){.file = {.fd = -1, .is_form = true}};
    if (!multipart_is(request->content_type)) {
        return fail(err, STATUS_UNSUPPORTED_MEDIA, "Content-Type",
                    "An upload must be sent as multipart/form-data");
    }
    enum status status = multipart_begin(request->arena, request->content_type,
                                         request->body_source, &reading.multipart, err);
    while (!status && !(status = multipart_next(reading.multipart, &part, &found, err)) && found) {
        status = read_part(&reading, &part, err);
    }
    return status;
}

// ---- checking ----

// Tools send different digests; any one of them proves that the bytes arrived whole.
static enum status check_present(const struct legacy_form *form, struct error *err) {
    const struct {
        const char *name;
        const void *value;
    } required[] = {
        {"metadata_version", form->metadata_version},
        {"name", form->name},
        {"version", form->version},
        {"content", form->file.filename},
    };
    for (size_t i = 0; i < COUNT_OF(required); i++) {
        if (!required[i].value) {
            return fail(err, STATUS_MALFORMED, required[i].name, "The form has no field \"%s\"",
                        required[i].name);
        }
    }
    if (!form->md5_digest && !form->sha256_digest && !form->blake2_256_digest) {
        return fail(err, STATUS_MALFORMED, "sha256_digest",
                    "The form must have a digest of the file: sha256_digest, blake2_256_digest or "
                    "md5_digest");
    }
    if (form->protocol_version && strcmp(form->protocol_version, "1") != 0) {
        return fail(err, STATUS_MALFORMED, "protocol_version",
                    "The only supported protocol_version is 1");
    }
    return STATUS_OK;
}

static enum status check_name(struct arena *arena, const struct legacy_form *form,
                              struct error *err) {
    const char *name;
    enum status status = name_normalize(arena, text_from(form->name), &name, NULL);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status || strcmp(name, form->file.normalized_name) != 0) {
        return fail(err, STATUS_MALFORMED, "name",
                    "The form is for \"%s\", but the file %s is of the package %s", form->name,
                    form->file.filename, form->file.normalized_name);
    }
    return STATUS_OK;
}

static enum status check_version(struct arena *arena, const struct legacy_form *form,
                                 struct error *err) {
    const struct version *version;
    enum status status = version_parse(arena, text_from(form->version), &version, NULL);
    if (status == STATUS_NO_MEMORY) {
        return fail_no_memory(err);
    }
    if (status || strcmp(version_string(version), form->file.normalized_version) != 0) {
        return fail(err, STATUS_MALFORMED, "version",
                    "The form is for the version \"%s\", but the file %s is of the version %s",
                    form->version, form->file.filename, form->file.normalized_version);
    }
    return STATUS_OK;
}

static enum status check_digest(const char *field, const char *given, const uint8_t *digest,
                                size_t len, struct error *err) {
    char hex[2 * DIGEST_SIZE + 1];
    for (size_t i = 0; i < len; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    // Hexadecimal digits may come in either case.
    if (!given || strcasecmp(given, hex) == 0) {
        return STATUS_OK;
    }
    return fail(err, STATUS_MALFORMED, field,
                "The %s of the form is not that of the file that arrived (%s)", field, hex);
}

// One pass over the file computes all three.
static enum status check_digests(struct legacy_form *form, struct error *err) {
    struct digest_sums sums;
    enum status status = digest_file(form->file.fd, &sums, err);
    if (status) {
        return status;
    }
    memcpy(form->file.sha256, sums.sha256, sizeof sums.sha256);
    status = check_digest("md5_digest", form->md5_digest, sums.md5, sizeof sums.md5, err);
    if (status) {
        return status;
    }
    status =
        check_digest("sha256_digest", form->sha256_digest, sums.sha256, sizeof sums.sha256, err);
    if (status) {
        return status;
    }
    return check_digest("blake2_256_digest", form->blake2_256_digest, sums.blake2b,
                        sizeof sums.blake2b, err);
}

// The kind is in the file's name; what the form says of it is only told.
static void compare_kind(const struct legacy_form *form, struct findings *findings) {
    const char *kind = form->file.is_wheel ? "bdist_wheel" : "sdist";
    if (form->filetype && strcmp(form->filetype, kind) != 0) {
        findings_add(findings, SEVERITY_WARNING, "form-differs", "filetype", NULL,
                     "The form calls the file \"%s\", but it is of the kind %s", form->filetype,
                     kind);
    }
}

enum status legacy_form_check(struct legacy_form *form, struct findings *findings,
                              struct error *err) {
    enum status status = check_present(form, err);
    if (status) {
        return status;
    }
    status = check_name(findings->arena, form, err);
    if (status) {
        return status;
    }
    status = check_version(findings->arena, form, err);
    if (status) {
        return status;
    }
    status = check_digests(form, err);
    if (status) {
        return status;
    }
    if (form->attestations) {
        status = attestations_check(form->attestations, &form->file, err);
        if (status) {
            return status;
        }
        form->file.attestations = form->attestations;
    }
    compare_kind(form, findings);
    return STATUS_OK;
}
