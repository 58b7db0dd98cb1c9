// SPDX-License-Identifier: MIT
// The wait is cut into seconds, so that a cancelled request ends within one and a person sees that time passes. It
// runs in the thread that sends, which has nothing else to do.
#include "client/remote/patience.h"

#include <errno.h>
#include <time.h>

static bool is_given_up(const struct connection *connection) {
    bool is_stopped = connection->stop && atomic_load(connection->stop);
    return is_stopped ||
           (connection->is_cancelled && connection->is_cancelled(connection->cancel_context));
}

static void sleep_second(void) {
    struct timespec left = {.tv_sec = 1};
    while (nanosleep(&left, &left) && errno == EINTR) {
    }
}

bool patience_wait(const struct patience *patience, const struct connection *connection,
                   int seconds) {
    for (int left = seconds; left > 0; left--) {
        patience->tell(patience->context, left, seconds);
        sleep_second();
        if (is_given_up(connection)) {
            return false;
        }
    }
    return true;
}
