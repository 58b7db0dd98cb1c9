// SPDX-License-Identifier: MIT
// Reading snapshot files. The file itself is never mapped: a mapped file that another process cuts raises
// SIGBUS in its readers. Instead, anonymous memory as long as the file is reserved, and only the parts
// that are wanted are read into it, so a look-up costs what it touches. Offsets in the file are offsets
// in that memory: nothing is unpacked.
//
//     header | index | names | block | block | ...  | receipt
//     \___ when it is opened __/ \__ when first asked _/ when it is opened
#include "client/snapshot/snapshot_file.h"

#include "schema/base/cleanup.h"
#include "schema/base/limits.h"
#include "schema/digest.h"
#include "schema/snapshot/snapshot_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

// The receipt: what the client itself writes behind a snapshot. It names the registry that the file
// came from and the epochs it has seen. The numbers are offsets in bytes.
enum {
    RECEIPT_CHECK = 8,   // 16 bytes, of what follows it
    RECEIPT_SIZE = 24,   // u32, of the whole receipt
    RECEIPT_EPOCHS = 28, // u32
    RECEIPT_TEXTS = 32,  // the address, then the epochs, each with its NUL
    RECEIPT_BYTES_MAX = 16 * 1024,
};

static const unsigned char receipt_magic[8] = {0x89, 'R', 'G', 'K', 'E', 'P', 'T', '\n'};

static enum status fail_errno(struct error *err, const char *what) {
    return fail(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, NULL,
                "The snapshot cannot be %s: %s", what, strerror(errno));
}

static enum status fail_cut(struct error *err) {
    return fail(err, STATUS_MALFORMED, NULL, "The snapshot is broken: it is cut short");
}

// pread moves no file position, so two reads of one descriptor never disturb each other. An end of
// file before `len` bytes means that another process has cut the file.
static enum status read_at(int fd, void *ret_bytes, size_t len, size_t offset, struct error *err) {
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(fd, (char *)ret_bytes + done, len - done, (off_t)(offset + done));
        if (got == 0) {
            return fail_cut(err);
        }
        if (got < 0 && errno != EINTR) {
            return fail_errno(err, "read");
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return STATUS_OK;
}

// Size and checksum are filled in last, over the bytes as they are. A buffer that failed is left
// alone.
void snapshot_receipt_encode(const struct snapshot_receipt *receipt, struct buffer *bytes) {
    size_t start = bytes->len;
    unsigned char head[RECEIPT_TEXTS] = {0};
    memcpy(head, receipt_magic, sizeof receipt_magic);
    buffer_add(bytes, head, sizeof head);
    buffer_add(bytes, receipt->url, strlen(receipt->url) + 1);
    for (size_t i = 0; i < receipt->epoch_count; i++) {
        buffer_add(bytes, receipt->epochs[i], strlen(receipt->epochs[i]) + 1);
    }
    if (!bytes->failed) {
        unsigned char *at = (unsigned char *)bytes->ptr + start;
        size_t len = bytes->len - start;
        store_u32(at + RECEIPT_SIZE, (uint32_t)len);
        store_u32(at + RECEIPT_EPOCHS, (uint32_t)receipt->epoch_count);
        digest_short(at + RECEIPT_SIZE, len - RECEIPT_SIZE, at + RECEIPT_CHECK, 16);
    }
}

// The next text of a receipt; NULL when there is none whole.
static const char *next_text(const unsigned char **at, const unsigned char *end) {
    const char *text = (const char *)*at;
    const unsigned char *nul = *at < end ? memchr(*at, 0, (size_t)(end - *at)) : NULL;
    *at = nul ? nul + 1 : end;
    return nul ? text : NULL;
}

// Lengths first, then the checksum, then the texts: nothing is read beyond `len`, whatever the file says.
static bool decode_receipt(const unsigned char *bytes, size_t len,
                           struct snapshot_receipt *receipt) {
    unsigned char found[16];
    if (len < RECEIPT_TEXTS || memcmp(bytes, receipt_magic, sizeof receipt_magic) != 0 ||
        load_u32(bytes + RECEIPT_SIZE) != len ||
        load_u32(bytes + RECEIPT_EPOCHS) > RECEIPT_EPOCHS_MAX) {
        return false;
    }
    digest_short(bytes + RECEIPT_SIZE, len - RECEIPT_SIZE, found, sizeof found);
    const unsigned char *at = bytes + RECEIPT_TEXTS;
    const unsigned char *end = bytes + len;
    receipt->url = next_text(&at, end);
    receipt->epoch_count = load_u32(bytes + RECEIPT_EPOCHS);
    bool is_whole = receipt->url;
    for (size_t i = 0; i < receipt->epoch_count && is_whole; i++) {
        receipt->epochs[i] = next_text(&at, end);
        is_whole = receipt->epochs[i];
    }
    return is_whole && at == end && memcmp(found, bytes + RECEIPT_CHECK, sizeof found) == 0;
}

// The receipt lies behind the snapshot, in the file and in memory.
static enum status read_receipt(struct snapshot_file *file, size_t whole, struct error *err) {
    size_t len = file->len - whole;
    file->receipt.url = "";
    if (!len) {
        return STATUS_OK;
    }
    if (len > RECEIPT_BYTES_MAX) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is broken: something was added to it");
    }
    enum status status = read_at(file->fd, file->bytes + whole, len, whole, err);
    if (status) {
        return status;
    }
    if (!decode_receipt(file->bytes + whole, len, &file->receipt)) {
        return fail(err, STATUS_MALFORMED, NULL,
                    "The snapshot is broken: what follows it is not a receipt");
    }
    return STATUS_OK;
}

// Memory for the whole file, of which nothing is there yet. Large pages would be filled whole.
static enum status reserve(struct snapshot_file *file, struct error *err) {
    void *bytes = mmap(NULL, file->len, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) {
        return fail_no_memory(err);
    }
    file->bytes = bytes;
    madvise(bytes, file->len, MADV_NOHUGEPAGE);
    return STATUS_OK;
}

// Reads the header to learn the sizes, then header and index again into their place, where they are
// checked: between the two reads the file may have changed.
static enum status read_index(struct snapshot_file *file, struct error *err) {
    unsigned char head[SNAPSHOT_HEAD_BYTES];
    struct snapshot_size size;
    if (file->len < sizeof head) {
        return fail_cut(err);
    }
    enum status status = read_at(file->fd, head, sizeof head, 0, err);
    if (status) {
        return status;
    }
    status = snapshot_measure(head, sizeof head, &size, err);
    if (status) {
        return status;
    }
    if (size.whole > file->len) {
        return fail_cut(err);
    }
    status = reserve(file, err);
    if (status) {
        return status;
    }
    status = read_at(file->fd, file->bytes, size.index, 0, err);
    if (status) {
        return status;
    }
    status = snapshot_open(file->bytes, size.whole, &file->snapshot, err);
    if (status) {
        return status;
    }
    status = read_receipt(file, size.whole, err);
    if (status) {
        return status;
    }
    size_t count = file->snapshot.group_count;
    file->groups = calloc(count ? count : 1, sizeof *file->groups);
    return file->groups ? STATUS_OK : fail_no_memory(err);
}

// The time of the last change is when a registry last confirmed the content: a 304 sets it to now.
static enum status look_at(int fd, struct snapshot_file *ret_file, struct error *err) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return fail_errno(err, "opened");
    }
    if (!S_ISREG(info.st_mode) || info.st_size > LIMIT_SNAPSHOT_BYTES) {
        return fail(err, S_ISREG(info.st_mode) ? STATUS_TOO_LARGE : STATUS_MALFORMED, NULL,
                    "A snapshot is a regular file of at most %d bytes", LIMIT_SNAPSHOT_BYTES);
    }
    if (info.st_size == 0) {
        return fail(err, STATUS_MALFORMED, NULL, "The file is empty");
    }
    ret_file->len = (size_t)info.st_size;
    ret_file->confirmed_at_seconds = (int64_t)info.st_mtim.tv_sec;
    return STATUS_OK;
}

// Closes nothing on failure: that is the caller's.
static enum status open_index(struct snapshot_file *file, struct error *err) {
    enum status status = look_at(file->fd, file, err);
    if (status) {
        return status;
    }
    return read_index(file, err);
}

// Owns the descriptor from here on, also when it fails.
enum status snapshot_file_adopt(int fd, const char *path, struct snapshot_file *ret_file,
                                struct error *err) {
    struct snapshot_file file = {.fd = fd};
    enum status status = open_index(&file, err);
    if (status) { // whatever was opened is closed
        file.bytes ? snapshot_file_close(&file) : (void)close(fd);
        return err ? error_within(err, path) : status;
    }
    *ret_file = file;
    return STATUS_OK;
}

// O_NONBLOCK: opening a named pipe would wait for a writer for ever. look_at refuses it afterwards.
enum status snapshot_file_open(const char *path, struct snapshot_file *ret_file,
                               struct error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        enum status status = fail_errno(err, "opened");
        return err ? error_within(err, path) : status;
    }
    return snapshot_file_adopt(fd, path, ret_file, err);
}

void snapshot_file_close(struct snapshot_file *file) {
    if (file->bytes) {
        munmap(file->bytes, file->len);
        close(file->fd);
        free(file->groups);
    }
    *file = (struct snapshot_file){0};
}

// A group's block is read and checked when it is first asked for; a host with one group of a thousand
// reads only that one.
enum status snapshot_file_group(struct snapshot_file *file, uint32_t index,
                                struct snapshot_group *ret_group, struct error *err) {
    size_t offset;
    size_t len;
    if (index < file->snapshot.group_count && file->groups[index].block) {
        *ret_group = file->groups[index];
        return STATUS_OK;
    }
    enum status status = snapshot_extent(&file->snapshot, index, &offset, &len, err);
    if (status) {
        return status;
    }
    status = read_at(file->fd, file->bytes + offset, len, offset, err);
    if (status) {
        return status;
    }
    status = snapshot_group_at(&file->snapshot, index, ret_group, err);
    if (status) {
        return status;
    }
    file->groups[index] = *ret_group;
    return STATUS_OK;
}

enum status snapshot_file_find(struct snapshot_file *file, const char *name,
                               struct snapshot_group *ret_group, struct error *err) {
    uint32_t index;
    enum status status = snapshot_read_index(&file->snapshot, name, &index, err);
    if (status) {
        return status;
    }
    return snapshot_file_group(file, index, ret_group, err);
}

// ---- groups as records ----

enum status snapshot_add_records(struct arena *arena, const struct snapshot_group *group,
                                 struct records *records, struct error *err) {
    for (uint32_t i = 0; i < group->record_count; i++) {
        struct record *record = records_add(arena, records);
        if (!record) {
            return fail_no_memory(err);
        }
        struct findings findings = record->findings;
        enum status status = snapshot_read_findings(group, i, &findings, err);
        if (status) {
            return status;
        }
        snapshot_record(group, i, record);
        record->findings = findings;
    }
    return STATUS_OK;
}

// The block is copied, so that the records outlive the file.
enum status snapshot_load_records(struct arena *arena, struct snapshot_file *file, uint32_t index,
                                  struct records *records, struct error *err) {
    struct snapshot_group group;
    enum status status = snapshot_file_group(file, index, &group, err);
    if (status) {
        return status;
    }
    group.name = arena_strdup(arena, group.name);
    group.block = (const unsigned char *)arena_copy(arena, group.block, group.block_len);
    return group.name && group.block ? snapshot_add_records(arena, &group, records, err)
                                     : fail_no_memory(err);
}

// ---- decisions ----

static enum status read_decisions(struct snapshot_file *file, struct error *err) {
    size_t offset;
    size_t len;
    if (file->decisions.block) {
        return STATUS_OK;
    }
    enum status status = snapshot_decisions_extent(&file->snapshot, &offset, &len, err);
    if (status) {
        return status;
    }
    status = read_at(file->fd, file->bytes + offset, len, offset, err);
    if (status) {
        return status;
    }
    return snapshot_check_decisions(&file->snapshot, &file->decisions, err);
}

// The decisions of one group are neighbours, since the block is sorted by group.
static enum status add_decisions(struct arena *arena, const struct snapshot_decisions *block,
                                 const char *group, struct decisions *decisions,
                                 struct error *err) {
    uint32_t first = 0;
    uint32_t count = snapshot_decision_count(block);
    if (group) {
        snapshot_decisions_of(block, group, &first, &count);
    }
    for (uint32_t i = first; i < first + count; i++) {
        struct decision *decision = decisions_add(arena, decisions);
        if (!decision) {
            return fail_no_memory(err);
        }
        snapshot_decision(block, i, decision);
    }
    return STATUS_OK;
}

enum status snapshot_file_decisions(struct arena *arena, struct snapshot_file *file,
                                    const char *group, struct decisions *decisions,
                                    struct error *err) {
    enum status status = read_decisions(file, err);
    return status ? status : add_decisions(arena, &file->decisions, group, decisions, err);
}

// As snapshot_file_decisions, over a copy of the block, so that the decisions outlive the file.
enum status snapshot_load_decisions(struct arena *arena, struct snapshot_file *file,
                                    const char *group, struct decisions *decisions,
                                    struct error *err) {
    enum status status = read_decisions(file, err);
    if (status) {
        return status;
    }
    struct snapshot_decisions copy = file->decisions;
    copy.block = (const unsigned char *)arena_copy(arena, copy.block, copy.block_len);
    return copy.block ? add_decisions(arena, &copy, group, decisions, err) : fail_no_memory(err);
}

size_t snapshot_file_decision_count(const struct snapshot_file *file) {
    bool has_some = file->bytes && file->snapshot.has_decisions;
    return has_some ? load_u32(file->bytes + HEADER_DECISION_ROWS) : 0;
}

// ---- age ----

// A copy that somebody put there was confirmed by no registry, so its age counts from its making.
int64_t snapshot_file_age_seconds(const struct snapshot_file *file, bool is_copy) {
    int64_t since = is_copy ? file->snapshot.origin.made_at_seconds : file->confirmed_at_seconds;
    int64_t age = (int64_t)time(NULL) - since;
    return age > 0 ? age : 0;
}

bool snapshot_file_is_too_old(const struct snapshot_file *file, bool is_copy) {
    int64_t limit = file->snapshot.origin.max_age_seconds;
    return limit > 0 && snapshot_file_age_seconds(file, is_copy) > limit;
}
