// SPDX-License-Identifier: MIT
// registryd/extract/confine: each forbidden thing is tried by a child that has been confined, and its
// end is looked at. Sanitizers live with the filter as long as the child makes no fault.
#include "registryd/extract/confine.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAS_REFUSED = 40, WENT_THROUGH = 41, NOT_CONFINED = 42 };

static int open_socket(void) {
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int start_process(void) {
    return (int)fork();
}

static int run_program(void) {
    return execl("/bin/true", "true", NULL);
}

static int signal_parent(void) {
    return kill(getppid(), 0);
}

static int read_file(void) {
    return open("/etc/passwd", O_RDONLY);
}

static int make_file(void) {
    return open("/tmp/confined", O_WRONLY | O_CREAT, 0600);
}

static int use_memory(void) {
    void *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? -1 : munmap(memory, 65536);
}

static int burn_time(void) {
    volatile unsigned count = 1;
    while (count) {
        count = count | 1;
    }
    return 0;
}

static int confined(int (*attempt)(void), bool filter_calls) {
    const struct confinement confinement = {.cpu_seconds = 1, .filter_calls = filter_calls};
    pid_t pid = fork();
    if (pid == 0) {
        closefrom(STDERR_FILENO + 1);
        if (confine(&confinement, NULL)) {
            _exit(NOT_CONFINED);
        }
        // not _exit: sanitizers make calls of their own there
        syscall(SYS_exit_group, attempt() < 0 ? WAS_REFUSED : WENT_THROUGH);
    }
    int how = 0;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return how;
}

static void forbidden_calls_end_the_process(void **state) {
    (void)state;
    int (*const attempts[])(void) = {open_socket, start_process, run_program, signal_parent};
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        int how = confined(attempts[i], true);
        assert_true(WIFSIGNALED(how));
        assert_int_equal(WTERMSIG(how), SIGSYS);
    }
}

static void nothing_can_be_opened(void **state) {
    (void)state;
    int (*const attempts[])(void) = {read_file, make_file};
    for (size_t i = 0; i < 2 * COUNT_OF(attempts); i++) {
        int how = confined(attempts[i / 2], i % 2); // without the filter the limit holds
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), WAS_REFUSED);
    }
}

static void what_reading_needs_is_left(void **state) {
    (void)state;
    int how = confined(use_memory, true);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), WENT_THROUGH);
}

static void time_ends(void **state) {
    (void)state;
    int how = confined(burn_time, true);
    assert_true(WIFSIGNALED(how));
    assert_true(WTERMSIG(how) == SIGXCPU || WTERMSIG(how) == SIGKILL);
}

static void the_limits_are_set(void **state) {
    (void)state;
    const struct confinement confinement = {.memory_bytes = (uint64_t)1 << 46, .cpu_seconds = 9};
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit memory;
        struct rlimit cpu;
        bool held = !confine(&confinement, NULL) && !getrlimit(RLIMIT_AS, &memory) &&
                    !getrlimit(RLIMIT_CPU, &cpu) && memory.rlim_max == (rlim_t)1 << 46 &&
                    cpu.rlim_max == 9;
        _exit(held ? 0 : 1);
    }
    int how = 1;
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_int_equal(how, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forbidden_calls_end_the_process),
        cmocka_unit_test(nothing_can_be_opened),
        cmocka_unit_test(what_reading_needs_is_left),
        cmocka_unit_test(time_ends),
        cmocka_unit_test(the_limits_are_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
