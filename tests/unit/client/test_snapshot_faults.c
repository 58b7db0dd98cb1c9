// SPDX-License-Identifier: MIT
// The replacement of the last-known-good file, stopped at every system call: killed before it, killed
// after it, with the call failing in every way, with what was not synced lost. Whatever happens, the file
// is the old one or the new one, whole, and never one with a lower serial. The linker puts the calls of
// the client through the wrappers here.
#include "tests/unit/client/snapshot_samples.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum how { NOTHING, KILL_BEFORE, KILL_AFTER, FAIL, WRITE_LESS };

static enum how how;
static int at;     // which call it happens to, from 1
static int number; // errno of FAIL
static int calls;

// What a machine that loses power forgets: shared with the process that is killed.
static struct journal {
    bool dirty; // the file being written has bytes that were not synced
} * journal;

static char folder[64];
static char path[128];
static char temporary[160];

static bool fails(void) {
    bool is_hit = ++calls == at;
    if (is_hit && how == KILL_BEFORE) {
        raise(SIGKILL);
    }
    errno = is_hit && how == FAIL ? number : errno;
    return is_hit && how == FAIL;
}

static void done(void) {
    if (calls == at && how == KILL_AFTER) {
        raise(SIGKILL);
    }
}

int __real_open(const char *name, int flags, ...);
int __real_openat(int dir, const char *name, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __real_pread(int fd, void *bytes, size_t len, off_t offset);
int __real_fsync(int fd);
int __real_fstat(int fd, struct stat *info);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __real_unlinkat(int dir, const char *name, int flags);
int __real_flock(int fd, int operation);
int __wrap_open(const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t offset);
int __wrap_fsync(int fd);
int __wrap_fstat(int fd, struct stat *info);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_flock(int fd, int operation);

static mode_t mode_of(int flags, va_list arguments) {
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int __wrap_open(const char *name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int fd = fails() ? -1 : __real_open(name, flags, mode_of(flags, arguments));
    va_end(arguments);
    done();
    return fd;
}

int __wrap_openat(int dir, const char *name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    int fd = fails() ? -1 : __real_openat(dir, name, flags, mode_of(flags, arguments));
    va_end(arguments);
    done();
    return fd;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len) {
    bool is_failed = fails();
    size_t part = how == WRITE_LESS && calls == at ? len / 2 : len;
    if (journal) {
        journal->dirty = true;
    }
    ssize_t written = is_failed ? -1 : __real_write(fd, bytes, part);
    done();
    return written;
}

ssize_t __wrap_pread(int fd, void *bytes, size_t len, off_t offset) {
    ssize_t got = fails() ? -1 : __real_pread(fd, bytes, len, offset);
    done();
    return got;
}

int __wrap_fsync(int fd) {
    struct stat info;
    int result = fails() ? -1 : __real_fsync(fd);
    if (!result && journal && !__real_fstat(fd, &info) && S_ISREG(info.st_mode)) {
        journal->dirty = false;
    }
    done();
    return result;
}

int __wrap_fstat(int fd, struct stat *info) {
    int result = fails() ? -1 : __real_fstat(fd, info);
    done();
    return result;
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to) {
    int result = fails() ? -1 : __real_renameat(from_dir, from, to_dir, to);
    done();
    return result;
}

int __wrap_unlinkat(int dir, const char *name, int flags) {
    int result = fails() ? -1 : __real_unlinkat(dir, name, flags);
    done();
    return result;
}

int __wrap_flock(int fd, int operation) {
    int result = fails() ? -1 : __real_flock(fd, operation);
    done();
    return result;
}

static void arm(enum how what, int call, int error_number) {
    how = what;
    at = call;
    number = error_number;
    calls = 0;
}

static int begin(void **state) {
    (void)state;
    sample_folder(folder);
    snprintf(path, sizeof path, "%s/plugins.snapshot", folder);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    journal =
        mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return journal == MAP_FAILED;
}

static int end(void **state) {
    (void)state;
    char lock[160];
    arm(NOTHING, 0, 0);
    snprintf(lock, sizeof lock, "%s.lock", path);
    unlink(path);
    unlink(temporary);
    unlink(lock);
    munmap(journal, sizeof *journal);
    journal = NULL;
    return rmdir(folder);
}

static void put(const char *epoch, int64_t serial) {
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch, serial);
    arm(NOTHING, 0, 0);
    assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
}

static int64_t kept(void) {
    struct snapshot_selector selector = sample_selector(path);
    enum status status;
    arm(NOTHING, 0, 0);
    int64_t serial = sample_serial(&selector, &status);
    assert_int_equal(status, STATUS_OK);
    return serial;
}

// Replaces in a process of its own, which is killed at the call. False when it came through.
static bool put_and_die(enum how what, int call, int64_t serial) {
    struct snapshot_selector selector = sample_selector(path);
    struct snapshot_origin origin = sample_origin(epoch_one, serial);
    int result = 0;
    journal->dirty = false;
    pid_t child = fork();
    if (!child) {
        arm(what, call, 0);
        _exit(sample_put(&selector, &origin, NULL, NULL) ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result) || WEXITSTATUS(result) == 0);
    return WIFSIGNALED(result);
}

static void a_kill_at_any_call_leaves_the_old_file_or_the_new_one(void **state) {
    (void)state;
    int64_t serial = 10;
    int killed = 0;
    put(epoch_one, serial);
    for (enum how what = KILL_BEFORE; what <= KILL_AFTER; what++) {
        for (int call = 1; put_and_die(what, call, serial + 1); call++) {
            int64_t found = kept();
            assert_true(found == serial || found == serial + 1);
            put(epoch_one, serial + 2); // neither the lock nor what was left behind is in the way
            serial = kept();
            killed++;
        }
    }
    assert_true(killed >= 20);
}

// The file with bytes that were not synced is cut to `len`, the rest of it zeros or gone.
static void lose(const char *name, size_t len, bool keeps_size) {
    struct stat info;
    if (stat(name, &info) == 0) {
        assert_int_equal(truncate(name, (off_t)len), 0);
        assert_int_equal(keeps_size ? truncate(name, info.st_size) : 0, 0);
    }
}

// Power fails after any call: of what was written and not synced, any part may be missing.
static void what_was_not_synced_may_be_lost(void **state) {
    (void)state;
    int64_t serial = 10;
    int cuts = 0;
    put(epoch_one, serial);
    for (size_t len = 0; len < 900; len += 13) {
        for (int call = 1; put_and_die(KILL_AFTER, call, serial + 1); call++) {
            bool has_temporary = access(temporary, F_OK) == 0;
            if (journal->dirty) {
                lose(has_temporary ? temporary : path, len, len % 2);
            }
            int64_t found = kept();
            assert_true(found == serial || found == serial + 1);
            put(epoch_one, serial + 2);
            serial = kept();
            cuts++;
        }
    }
    assert_true(cuts >= 1000);
}

static int open_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 64; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static void any_call_may_fail(void **state) {
    (void)state;
    static const int numbers[] = {EIO, ENOSPC, EINTR, EAGAIN, EMFILE, EACCES};
    int64_t serial = 10;
    int failures = 0;
    put(epoch_one, serial);
    int descriptors = open_descriptors();
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        for (int call = 1, made = 0; made >= call - 1; call++) {
            struct snapshot_selector selector = sample_selector(path);
            struct snapshot_origin origin = sample_origin(epoch_one, serial + 1);
            struct error err = {0};
            arm(FAIL, call, numbers[i]);
            enum status status = sample_put(&selector, &origin, NULL, &err);
            made = calls;
            assert_true(!status || err.message[0]);
            assert_int_equal(kept(), status ? serial : serial + 1);
            assert_int_equal(open_descriptors(), descriptors);
            put(epoch_one, serial + 2);
            serial = kept();
            failures += status != STATUS_OK;
        }
    }
    assert_true(failures >= 50);
}

static void a_failing_call_lets_nothing_go_back(void **state) {
    (void)state;
    static const int numbers[] = {EIO, EINTR, EMFILE, EACCES};
    put(epoch_one, 10);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        for (int call = 1, made = 0; made >= call - 1; call++) {
            struct snapshot_selector selector = sample_selector(path);
            struct snapshot_origin origin = sample_origin(epoch_one, 9);
            arm(FAIL, call, numbers[i]);
            assert_int_not_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
            made = calls;
            assert_int_equal(kept(), 10);
        }
    }
}

static void a_disk_may_take_a_part_at_a_time(void **state) {
    (void)state;
    struct snapshot_selector selector = sample_selector(path);
    for (int call = 1; call < 30; call++) {
        struct snapshot_origin origin = sample_origin(epoch_one, call);
        arm(WRITE_LESS, call, 0);
        assert_int_equal(sample_put(&selector, &origin, NULL, NULL), STATUS_OK);
        assert_int_equal(kept(), call);
    }
}

static void reading_may_fail_at_any_call(void **state) {
    (void)state;
    static const int numbers[] = {EIO, EINTR, EMFILE, EACCES};
    struct snapshot_selector selector = sample_selector(path);
    put(epoch_one, 10);
    int descriptors = open_descriptors();
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        for (int call = 1, made = 0; made >= call - 1; call++) {
            enum status status;
            arm(FAIL, call, numbers[i]);
            int64_t serial = sample_serial(&selector, &status);
            made = calls;
            assert_int_equal(serial, status ? 0 : 10);
            assert_int_equal(open_descriptors(), descriptors);
        }
    }
}

// Eight at once, each with serials of its own; whoever looks meanwhile sees them rise.
static void processes_take_turns(void **state) {
    (void)state;
    enum { WRITERS = 8, ROUNDS = 12 };
    pid_t children[WRITERS];
    put(epoch_one, 1);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        for (int r = 0; !children[i] && r < ROUNDS; r++) {
            struct snapshot_selector selector = sample_selector(path);
            struct snapshot_origin origin = sample_origin(epoch_one, 2 + r * WRITERS + i);
            enum status status = sample_put(&selector, &origin, NULL, NULL);
            if (status && status != STATUS_CONFLICT) {
                _exit(1);
            }
        }
        if (!children[i]) {
            _exit(0);
        }
    }
    int64_t last = 0;
    for (int i = 0; i < WRITERS; i++) {
        for (int looks = 0; looks < 50; looks++) {
            int64_t found = kept();
            assert_true(found >= last);
            last = found;
        }
        int result;
        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_int_equal(result, 0);
    }
    assert_int_equal(kept(), 1 + WRITERS * ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_kill_at_any_call_leaves_the_old_file_or_the_new_one,
                                        begin, end),
        cmocka_unit_test_setup_teardown(what_was_not_synced_may_be_lost, begin, end),
        cmocka_unit_test_setup_teardown(any_call_may_fail, begin, end),
        cmocka_unit_test_setup_teardown(a_failing_call_lets_nothing_go_back, begin, end),
        cmocka_unit_test_setup_teardown(a_disk_may_take_a_part_at_a_time, begin, end),
        cmocka_unit_test_setup_teardown(reading_may_fail_at_any_call, begin, end),
        cmocka_unit_test_setup_teardown(processes_take_turns, begin, end),
    };
    return cmocka_run_group_tests_name("snapshot_faults", tests, NULL, NULL);
}
