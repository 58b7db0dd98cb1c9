// SPDX-License-Identifier: MIT
// What notify_init takes from the environment, and the watchdog before a port that keeps silent. The messages of a whole daemon are in tests/deploy/test_notify.py.
#include "registryd/service/watchdog.h"
#include "schema/base/clock.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char own_pid[16];

static const struct sample {
    const char *socket;
    const char *interval;
    const char *pid;
    bool is_used;
    int64_t watchdog_ms;
} samples[] = {
    {NULL, "1000000", NULL, false, 0},
    {"", "1000000", NULL, false, 0},
    {"/run/notify", NULL, NULL, true, 0},
    {"/run/notify", "60000000", NULL, true, 60000},
    {"/run/notify", "60000000", own_pid, true, 60000},
    {"/run/notify", "60000000", "1", true, 0},
    {"/run/notify", "60000000", "x", true, 0},
    {"/run/notify", "0", NULL, true, 0},
    {"/run/notify", "", NULL, true, 0},
    {"/run/notify", "-1", NULL, true, 0},
    {"/run/notify", "10s", NULL, true, 0},
    {"/run/notify", "99999999999999999999", NULL, true, 0},
    {"@name", "1000", NULL, true, 1},
    {"@", "1000", NULL, false, 0},
    {"relative", "1000", NULL, false, 0},
    {"vsock:2:1234", "1000", NULL, false, 0},
};

static void set(const char *name, const char *value) {
    if (value) {
        setenv(name, value, 1);
    } else {
        unsetenv(name);
    }
}

static void test_environment(void **state) {
    (void)state;
    snprintf(own_pid, sizeof own_pid, "%d", (int)getpid());
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *sample = &samples[i];
        struct notify notify;
        set("NOTIFY_SOCKET", sample->socket);
        set("WATCHDOG_USEC", sample->interval);
        set("WATCHDOG_PID", sample->pid);
        notify_init(&notify, NULL);
        assert_int_equal(notify.address_size > 0, sample->is_used);
        assert_int_equal(notify.watchdog_ms, sample->watchdog_ms);
        assert_null(getenv("NOTIFY_SOCKET"));
        assert_null(getenv("WATCHDOG_USEC"));
        assert_null(getenv("WATCHDOG_PID"));
    }
}

// sun_path has room for 108 bytes, and a path needs its NUL.
static void test_longest_path(void **state) {
    (void)state;
    char path[110] = "/";
    struct notify notify;
    memset(path + 1, 'a', 106);
    setenv("NOTIFY_SOCKET", path, 1);
    notify_init(&notify, NULL);
    assert_true(notify.address_size > 0);
    path[107] = 'a';
    setenv("NOTIFY_SOCKET", path, 1);
    notify_init(&notify, NULL);
    assert_int_equal(notify.address_size, 0);
}

// A port that takes connections (the kernel does, for a listening socket) and never answers. The address is the
// kernel's choice.
static int listen_in_silence(struct sockaddr_in *ret_port) {
    struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof port;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&port, size), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&port, &size), 0);
    *ret_port = port;
    return fd;
}

// A supervisor's socket, with a name that the kernel chooses in the abstract namespace.
static int open_supervisor(struct notify *notify) {
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    notify->address.sun_family = AF_UNIX;
    notify->address_size = sizeof notify->address;
    assert_int_equal(bind(fd, (struct sockaddr *)&notify->address, sizeof(sa_family_t)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&notify->address, &notify->address_size),
                     0);
    return fd;
}

static void test_silence_sends_no_sign(void **state) {
    (void)state;
    char sign[32];
    struct watchdog *watchdog = NULL;
    struct notify notify = {.watchdog_ms = 150};
    struct sockaddr_in port;
    int supervisor = open_supervisor(&notify);
    int silent = listen_in_silence(&port);
    assert_int_equal(watchdog_start(&notify, &port, &watchdog, NULL), STATUS_OK);
    usleep(400000);
    watchdog_stop(watchdog);
    assert_int_equal(recv(supervisor, sign, sizeof sign, 0), -1);
    close(silent);
    close(supervisor);
}

// Also when its probe still waits.
static void test_a_stop_is_quick(void **state) {
    (void)state;
    struct watchdog *watchdog = NULL;
    struct notify notify = {.watchdog_ms = 90000};
    struct sockaddr_in port;
    int supervisor = open_supervisor(&notify);
    int silent = listen_in_silence(&port);
    assert_int_equal(watchdog_start(&notify, &port, &watchdog, NULL), STATUS_OK);
    usleep(50000);
    int64_t begin_ms = monotonic_ms();
    watchdog_stop(watchdog);
    assert_true(monotonic_ms() - begin_ms < 5000);
    close(silent);
    close(supervisor);
}

// Any reaction is one of living threads; here the connection is closed at once.
static void test_a_closed_connection_is_a_sign(void **state) {
    (void)state;
    char sign[32];
    struct watchdog *watchdog = NULL;
    struct notify notify = {.watchdog_ms = 3000};
    struct sockaddr_in port;
    int supervisor = open_supervisor(&notify);
    int listening = listen_in_silence(&port);
    assert_int_equal(watchdog_start(&notify, &port, &watchdog, NULL), STATUS_OK);
    close(accept(listening, NULL, NULL));
    ssize_t len = -1;
    for (int i = 0; i < 200 && len < 0; i++) {
        usleep(10000);
        len = recv(supervisor, sign, sizeof sign, 0);
    }
    watchdog_stop(watchdog);
    assert_int_equal(len, strlen("WATCHDOG=1"));
    assert_memory_equal(sign, "WATCHDOG=1", strlen("WATCHDOG=1"));
    close(listening);
    close(supervisor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_longest_path),
        cmocka_unit_test(test_silence_sends_no_sign),
        cmocka_unit_test(test_a_stop_is_quick),
        cmocka_unit_test(test_a_closed_connection_is_a_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
