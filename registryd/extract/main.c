// SPDX-License-Identifier: MIT
// registryd-extract: does one task with next to no rights: reads an artifact and writes one JSON answer, or makes markup
// of a text. Standard input is a socket on which the daemon hands over a descriptor that can be mapped, and a line: what
// to do, and with what name. Standard output is a pipe to the daemon. The program may wait for long, so all that costs
// time and needs no artifact is done before: that is also the only time when it has rights. Not meant for people; its
// exit status is 0 when an answer was written.
#include "registryd/extract/answer.h"
#include "registryd/extract/confine.h"
#include "registryd/extract/show.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"
#include "schema/base/limits.h"
#include "schema/digest.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
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

// ---- the task ----

// One message, or a part of it: a descriptor may come with it. The bytes read; 0 at the end, -1.
static ssize_t receive_part(char *name, size_t size, int *fd) {
    union {
        struct cmsghdr header; // for its alignment
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {name, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got;
    do {
        got = recvmsg(STDIN_FILENO, &message, 0);
    } while (got < 0 && errno == EINTR);
    struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_type == SCM_RIGHTS && *fd < 0) {
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    }
    return got;
}

// Waits for the task. The artifact becomes standard input. False when the daemon is gone or wants nothing.
static bool receive_task(char *name, size_t size) {
    scoped(cleanup_fd) int fd = -1;
    size_t len = 0;
    while (!len || name[len - 1] != '\n') {
        ssize_t got = len < size ? receive_part(name + len, size - len, &fd) : -1;
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
    }
    name[len - 1] = '\0';
    return fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO;
}

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
    return confine(&confinement, err);
}

// What costs time and needs no artifact. jansson would take its seed from a file later on.
static bool warm_up(void) {
    uint8_t digest[DIGEST_SIZE];
    size_t seed = 0;
    digest_sha256("", 0, digest);
    bool is_random = getrandom(&seed, sizeof seed, 0) == sizeof seed;
    json_object_seed(seed);
    return is_random;
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

// ---- the answers ----

static bool answer_artifact(struct arena *arena, struct source_file *file) {
    struct extraction extraction = {0};
    struct findings findings;
    findings_init(&findings, arena);
    read_artifact(arena, file, &findings, &extraction);
    json_t *answer = extraction_encode(&extraction, &findings);
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    return text && descriptor_write(STDOUT_FILENO, text, strlen(text));
}

// What cannot be shown has no answer; the daemon says so on its page.
static bool answer_show(struct arena *arena, struct source_file *file, show_maker *make) {
    struct buffer out;
    buffer_init(&out, SHOW_BYTES_MAX);
    if (map_input(file, NULL) || give_up_rights(file, NULL) ||
        !make(arena, file->path, (struct text){file->bytes, file->len}, &out)) {
        return false;
    }
    return !out.failed && descriptor_write(STDOUT_FILENO, out.ptr ? out.ptr : "", out.len);
}

// The line is "word name".
static bool answer_task(struct arena *arena, char *line) {
    char *name = strchr(line, ' ');
    if (!name) {
        return false;
    }
    *name++ = '\0';
    struct source_file file = {.path = name};
    show_maker *make = show_find(line);
    return make                            ? answer_show(arena, &file, make)
           : strcmp(line, "artifact") == 0 ? answer_artifact(arena, &file)
                                           : false;
}

int main(void) {
    static char line[LIMIT_PATH_BYTES];
    closefrom(STDERR_FILENO + 1); // by one of them this program was found
    struct arena *arena = arena_new(0);
    if (!arena || !warm_up()) {
        return 1;
    }
    if (!receive_task(line, sizeof line)) {
        return 0;
    }
    // Everything ends with the process; at a usual exit a sanitizer would look for leaks, which needs
    // rights that are gone.
    _exit(answer_task(arena, line) ? 0 : 1);
}
