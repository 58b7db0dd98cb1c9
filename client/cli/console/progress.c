// SPDX-License-Identifier: MIT
// The progress line (progress.h). It is written at most ten times a second and is never wider than the
// terminal: a line that wraps cannot be cleared by going back to its start. commands/publish.c drives it;
// progress_bytes is called by the HTTP client while it sends a file.
#include "client/cli/console/progress.h"

#include "client/cli/console/display.h"
#include "schema/base/clock.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 100, SHOW_BYTES_MIN = 1024 * 1024 };

void progress_init(struct progress *progress, const struct output *output, size_t total) {
    const char *term = getenv("TERM");
    bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    *progress = (struct progress){.total = total, .active = terminal && !output->quiet};
    progress->output = (struct output){
        .arena = output->arena,
        .stream = stderr,
        .columns = output_columns(STDERR_FILENO),
    };
}

// At most one line in PAUSE_MS, over the last one: thousands of small files would otherwise spend their time in
// the terminal.
static void write_line(struct progress *progress, const char *share) {
    struct output *output = &progress->output;
    long long now = monotonic_ms();
    if (!progress->active || (progress->written_ms && now - progress->written_ms < PAUSE_MS)) {
        return;
    }
    char head[64];
    int head_len = snprintf(head, sizeof head, "%zu of %zu  ", progress->at, progress->total);
    size_t used = (size_t)head_len + strlen(share) + 1;
    const char *what = output_text(output, progress->what);
    const char *cut =
        used < output->columns ? display_cut(output->arena, what, output->columns - used) : NULL;
    fprintf(stderr, "\r\033[K%s%s%s", head, cut ? cut : "", share);
    fflush(stderr);
    progress->written_ms = now;
    progress->shown = true;
}

void progress_step(struct progress *progress, const char *what) {
    progress->at++;
    progress->what = what;
    if (progress->total > 1) {
        write_line(progress, "");
    }
}

void progress_bytes(void *context, size_t sent_bytes, size_t total_bytes) {
    struct progress *progress = context;
    char share[64];
    if (total_bytes >= SHOW_BYTES_MIN) {
        snprintf(share, sizeof share, "  %zu of %zu MiB", sent_bytes >> 20, total_bytes >> 20);
        write_line(progress, share);
    }
}

void progress_wait(void *context, int left_s, int total_s) {
    struct progress *progress = context;
    char share[64];
    if (progress->active) {
        progress->written_ms = 0; // shown at once: a wait of one second has no second message
        snprintf(share, sizeof share, "  waiting %d s: rate limit of the registry", left_s);
        write_line(progress, share);
    } else if (left_s == total_s) {
        fprintf(stderr, "registryctl: waiting %d s: rate limit of the registry\n", total_s);
        fflush(stderr);
    }
}

void progress_clear(struct progress *progress) {
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown = false;
    }
}
