// SPDX-License-Identifier: MIT
// registryd-extract: reads one artifact and writes one JSON answer, with next to no rights.
// Standard input is the artifact as mappable memory, the only argument its file name, standard
// output a pipe to the daemon. Not meant for people; its exit status is 0 when an answer was
// written.
#include "registryd/extract/answer.h"
#include "registryd/extract/confine.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

// Besides the artifact itself. Sanitizers map terabytes of shadow memory and need calls of their own:
// a build with them keeps the limits on CPU and files and leaves out the limit on memory and the
// filter.
enum { MEMORY_BYTES = 256 * 1024 * 1024, CPU_SECONDS = 5 };

#ifdef UNDER_SANITIZERS
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static enum status map_input(struct source_file *file, struct error *err) {
    struct stat stat;
    if (fstat(STDIN_FILENO, &stat) || stat.st_size <= 0) {
        return fail(err, STATUS_MALFORMED, file->path, "The file is empty");
    }
    void *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
    if (bytes == MAP_FAILED) {
        return fail(err, STATUS_IO, NULL, "cannot map the artifact: %s", strerror(errno));
    }
    file->bytes = bytes;
    file->len = (size_t)stat.st_size;
    return STATUS_OK;
}

static enum status give_up_rights(const struct source_file *file, struct error *err) {
    const struct confinement confinement = {
        .memory_bytes = is_sanitized ? 0 : (uint64_t)MEMORY_BYTES + file->len,
        .cpu_seconds = CPU_SECONDS,
        .filter_calls = !is_sanitized,
    };
    // jansson would take its seed from a file later on.
    size_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) < 0) {
        return fail(err, STATUS_IO, NULL, "no random bytes: %s", strerror(errno));
    }
    json_object_seed(seed);
    return confine(&confinement, err);
}

static void read_artifact(struct arena *arena, struct source_file *file, struct findings *findings,
                          struct extraction *extraction) {
    struct error *err = &extraction->error;
    // Every failure leaves its status in *err, which is what the answer tells.
    if (map_input(file, err) || give_up_rights(file, err)) {
        return;
    }
    err->status =
        artifact_read(arena, file, findings, &extraction->release, &extraction->artifact, err);
}

int main(int argc, char **argv) {
    struct source_file file = {.path = argc == 2 ? argv[1] : ""};
    struct extraction extraction = {0};
    struct arena *arena = arena_new(0);
    struct findings findings;
    closefrom(STDERR_FILENO + 1); // by one of them this program was found
    if (!arena) {
        return 1;
    }
    findings_init(&findings, arena);
    read_artifact(arena, &file, &findings, &extraction);
    json_t *answer = extraction_encode(&extraction, &findings);
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    // Everything ends with the process; at a usual exit a sanitizer would look for leaks, which needs
    // rights that are gone.
    _exit(text && descriptor_write(STDOUT_FILENO, text, strlen(text)) ? 0 : 1);
}
