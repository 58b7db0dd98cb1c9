// SPDX-License-Identifier: MIT
// The yardstick of the benchmark: civetweb with a handler that does nothing but send the bytes of
// one file, a whole HTTP answer, in one write. `bare_civetweb PORT THREADS FILE` serves until it is
// told to stop.
#include <civetweb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct answer {
    char bytes[64 * 1024];
    size_t len;
};

static int send_answer(struct mg_connection *connection, void *context) {
    const struct answer *answer = context;
    mg_write(connection, answer->bytes, answer->len);
    return 200;
}

static int load(const char *path, struct answer *answer) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        return -1;
    }
    answer->len = fread(answer->bytes, 1, sizeof answer->bytes, file);
    return fclose(file);
}

int main(int argc, char **argv) {
    static struct answer answer;
    if (argc != 4 || load(argv[3], &answer) < 0) {
        fprintf(stderr, "usage: bare_civetweb PORT THREADS FILE\n");
        return 2;
    }
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);

    char address[64];
    snprintf(address, sizeof address, "127.0.0.1:%s", argv[1]);
    const char *options[] = {"listening_ports",
                             address,
                             "num_threads",
                             argv[2],
                             "enable_keep_alive",
                             "yes",
                             "keep_alive_timeout_ms",
                             "15000",
                             "tcp_nodelay",
                             "1",
                             NULL};
    mg_init_library(0);
    struct mg_context *server = mg_start(NULL, NULL, options);
    if (!server) {
        fprintf(stderr, "bare_civetweb: cannot listen on %s\n", address);
        return 1;
    }
    mg_set_request_handler(server, "/", send_answer, &answer);
    int received;
    sigwait(&stop, &received);
    mg_stop(server);
    return 0;
}
