// SPDX-License-Identifier: MIT
// Who may run the extractor, and what its end means. A wheel or sdist is bytes from a stranger, so the daemon never
// parses one: a process of its own does, with next to no rights (confine.c), started by extractor_process.c.
//
//     artifact ──a file, read-only──> registryd-extract ──one JSON answer──> extraction_decode ──> the rules
//
// Its answer is data like the file was. An attacker who takes the process over can lie about this one file, which its
// sender could have done as well, and nothing else. What the daemon can know itself (size, digest, name) it
// does not take from there.
//
// Few run at once, as each may need a processor and 256 MiB. Turns are counted under a lock, which is never
// held while a process runs. After the first artifact, one more process stands ready for the next one: it has loaded
// its libraries and waits, without a task. Called on civetweb's workers.
#include "registryd/extract/extractor.h"

#include "registryd/extract/extractor_process.h"
#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

struct extractor {
    struct extractor_settings settings;
    int program_fd;
    pthread_mutex_t lock;
    pthread_cond_t ended; // one of the processes
    int running;
    struct extractor_process spare; // it stands ready; under the lock
};

// ---- the program ----

// In a build tree the program is beside registryd; when both are installed, in the folder of helpers, which has a
// fixed place beside that of registryd, so an installed tree can be moved.
static const char *const places[] = {"registryd-extract", REGISTRYD_HELPERS "/registryd-extract"};

// The path of this place, seen from the program that runs now. False when it has no path.
static bool find_place(const char *place, char *path, size_t size) {
    ssize_t len = readlink("/proc/self/exe", path, size);
    char *slash = len > 0 && (size_t)len < size ? memrchr(path, '/', (size_t)len) : NULL;
    if (!slash || (size_t)(slash + 1 - path) + strlen(place) >= size) {
        return false;
    }
    memcpy(slash + 1, place, strlen(place) + 1);
    return true;
}

// By a descriptor, before privileges are dropped: later another program may lie at this path, or the folder
// may be out of reach.
static int open_executable(const char *path) {
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? -1 : open(path, O_PATH | O_CLOEXEC);
}

static enum status open_program(struct extractor *extractor, struct error *err) {
    char path[4096] = "";
    const char *given = extractor->settings.program;
    extractor->program_fd = given ? open_executable(given) : -1;
    for (size_t i = 0; i < COUNT_OF(places) && !given && extractor->program_fd < 0; i++) {
        if (!find_place(places[i], path, sizeof path)) {
            return fail(err, STATUS_IO, "extractor",
                        "Cannot find the path of the running program: %s", strerror(errno));
        }
        extractor->program_fd = open_executable(path);
    }
    if (extractor->program_fd < 0) {
        return fail(
            err, STATUS_IO, "extractor",
            "Cannot use %s, which reads wheels and sdists: %s. Install it beside registryd, "
            "or set --extractor.",
            given ? given : path, strerror(errno));
    }
    return STATUS_OK;
}

// ---- life ----

// The monotonic clock: a wait must not end early or last for hours because the time was set.
static bool init_turns(struct extractor *extractor) {
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes)) {
        return false;
    }
    bool ready = !pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) &&
                 !pthread_cond_init(&extractor->ended, &attributes) &&
                 !pthread_mutex_init(&extractor->lock, NULL);
    pthread_condattr_destroy(&attributes);
    return ready;
}

enum status extractor_open(const struct extractor_settings *settings,
                           struct extractor **ret_extractor, struct error *err) {
    struct extractor *extractor = calloc(1, sizeof *extractor);
    if (!extractor || !init_turns(extractor)) {
        free(extractor);
        return fail_no_memory(err);
    }
    extractor->settings = *settings;
    extractor->program_fd = -1;
    extractor->spare = EXTRACTOR_PROCESS_NONE;
    enum status status = open_program(extractor, err);
    if (status) {
        extractor_close(extractor);
        return status;
    }
    *ret_extractor = extractor;
    return STATUS_OK;
}

void extractor_close(struct extractor *extractor) {
    if (extractor) {
        extractor_process_stop(&extractor->spare);
        cleanup_fd(&extractor->program_fd);
        pthread_cond_destroy(&extractor->ended);
        pthread_mutex_destroy(&extractor->lock);
        free(extractor);
    }
}

// ---- turns ----

// Waits for a turn no longer than an extraction may take. There is no queue: those who wait are few,
// and each will be served or refused within the same time.
static enum status begin_turn(struct extractor *extractor, struct error *err) {
    int64_t deadline_ms = monotonic_ms() + extractor->settings.timeout_ms;
    bool in_time = true;
    pthread_mutex_lock(&extractor->lock);
    while (extractor->running >= extractor->settings.at_once && in_time) {
        in_time = monotonic_wait(&extractor->ended, &extractor->lock, deadline_ms);
    }
    bool is_ours = extractor->running < extractor->settings.at_once;
    extractor->running += is_ours;
    pthread_mutex_unlock(&extractor->lock);
    return is_ours
               ? STATUS_OK
               : fail(err, STATUS_TOO_MANY, NULL, "%d artifacts are being read. Retry in a moment.",
                      extractor->settings.at_once);
}

static void end_turn(struct extractor *extractor) {
    pthread_mutex_lock(&extractor->lock);
    extractor->running--;
    pthread_cond_signal(&extractor->ended);
    pthread_mutex_unlock(&extractor->lock);
}

// ---- processes ----

// The spare one when it is there; it may have died, by a hand or for want of memory.
static enum status take_process(struct extractor *extractor, struct extractor_process *ret_process,
                                struct error *err) {
    pthread_mutex_lock(&extractor->lock);
    struct extractor_process process = extractor->spare;
    extractor->spare = EXTRACTOR_PROCESS_NONE;
    pthread_mutex_unlock(&extractor->lock);
    if (extractor_process_is_ready(&process)) {
        *ret_process = process;
        return STATUS_OK;
    }
    extractor_process_stop(&process);
    return extractor_process_start(extractor->program_fd, ret_process, err);
}

// Its start overlaps with what the daemon does with the answer. One that cannot be started is not missed: the next
// artifact starts its own.
static void prepare_spare(struct extractor *extractor) {
    struct extractor_process process = EXTRACTOR_PROCESS_NONE;
    pthread_mutex_lock(&extractor->lock);
    bool is_there = extractor->spare.pid;
    pthread_mutex_unlock(&extractor->lock);
    if (is_there || extractor_process_start(extractor->program_fd, &process, NULL)) {
        return;
    }
    pthread_mutex_lock(&extractor->lock);
    is_there = extractor->spare.pid;
    if (!is_there) {
        extractor->spare = process;
    }
    pthread_mutex_unlock(&extractor->lock);
    if (is_there) {
        extractor_process_stop(&process);
    }
}

static enum status run_process(struct extractor *extractor, const struct extractor_input *input,
                               struct buffer *answer, enum process_end *ret_end,
                               struct error *err) {
    struct extractor_process process = EXTRACTOR_PROCESS_NONE;
    enum status status = take_process(extractor, &process, err);
    if (status) {
        return status;
    }
    status = extractor_process_run(&process, input, extractor->settings.timeout_ms, answer, ret_end,
                                   err);
    prepare_spare(extractor);
    return status;
}

// ---- verdicts ----

struct fault {
    const char *code;
    const char *message;
};
static const struct fault faults[] = {
    [PROCESS_CRASHED] = {.code = "extractor-crashed",
                         .message = "The file cannot be read: the extractor crashed"},
    [PROCESS_LATE] = {.code = "extractor-timeout",
                      .message = "The file cannot be read: the extractor took too long"},
    [PROCESS_TALKATIVE] = {.code = "extractor-crashed",
                           .message = "The file cannot be read: the extractor wrote too much"},
};
static const struct fault nonsense = {.code = "extractor-crashed",
                                      .message = "The file cannot be read: the extractor's "
                                                 "answer is not valid"};
static const struct fault greedy = {.code = "extractor-crashed",
                                    .message = "The file cannot be read: the extractor needed "
                                               "too much memory"};

static enum status refuse(const struct extractor *extractor, const struct fault *fault,
                          const struct extractor_input *input, struct findings *findings,
                          struct error *err) {
    struct error error; // also made when the caller wants none: the finding needs it
    fail(&error, STATUS_INVALID, input->filename, "%s", fault->message);
    log_event(extractor->settings.log, LOG_LEVEL_WARNING,
              "event=%s artifact=\"%s\" bytes=%zu reason=\"%s\"", fault->code, error.where,
              input->size, fault->message);
    findings_add_error(findings, fault->code, &error);
    return fail(err, STATUS_INVALID, error.where, "%s", error.message);
}

// What the daemon knows without asking.
static void complete(struct artifact *artifact, const struct extractor_input *input) {
    artifact->filename = input->filename;
    artifact->size = input->size;
    memcpy(artifact->sha256, input->sha256, sizeof artifact->sha256);
}

static enum status judge(const struct extractor *extractor, const struct extractor_input *input,
                         const struct buffer *answer, struct findings *findings,
                         struct extraction *ret_extraction, struct error *err) {
    struct extraction extraction;
    enum status status =
        extraction_decode(answer->ptr ? answer->ptr : "", answer->len, findings, &extraction, err);
    if (status == STATUS_INTERNAL) {
        return refuse(extractor, &nonsense, input, findings, err);
    }
    if (status) {
        return status;
    }
    const struct error *error = &extraction.error;
    if (error->status == STATUS_NO_MEMORY) {
        return refuse(extractor, &greedy, input, findings, err);
    }
    if (error->status) {
        return fail(err, error->status, error->where, "%s", error->message);
    }
    complete(&extraction.artifact, input);
    *ret_extraction = extraction;
    return STATUS_OK;
}

static enum status take_turn(struct extractor *extractor, const struct extractor_input *input,
                             struct buffer *answer, enum process_end *ret_end, struct error *err) {
    enum status status = begin_turn(extractor, err);
    if (status) {
        return status;
    }
    status = run_process(extractor, input, answer, ret_end, err);
    end_turn(extractor);
    return status;
}

// What cannot be shown is no fault of who reads the page, so it is a line in the log and no finding.
enum status extractor_show(struct extractor *extractor, const struct extractor_input *input,
                           struct buffer *answer, struct error *err) {
    enum process_end end = PROCESS_ANSWERED;
    enum status status = take_turn(extractor, input, answer, &end, err);
    if (status) {
        return status;
    }
    if (end != PROCESS_ANSWERED) {
        log_event(extractor->settings.log, LOG_LEVEL_WARNING,
                  "event=cannot-show task=%s bytes=%zu reason=\"%s\"", input->task, input->size,
                  faults[end].message);
        return fail(err, STATUS_INVALID, NULL, "%s", faults[end].message);
    }
    return STATUS_OK;
}

enum status extractor_read(struct extractor *extractor, const struct extractor_input *input,
                           struct findings *findings, struct extraction *ret_extraction,
                           struct error *err) {
    scoped(buffer_done) struct buffer answer;
    buffer_init(&answer, LIMIT_EXTRACTION_BYTES);
    enum process_end end = PROCESS_ANSWERED;
    enum status status = take_turn(extractor, input, &answer, &end, err);
    if (status) {
        return status;
    }
    return end == PROCESS_ANSWERED ? judge(extractor, input, &answer, findings, ret_extraction, err)
                                   : refuse(extractor, &faults[end], input, findings, err);
}
