// SPDX-License-Identifier: MIT
// registryctl snapshot pull|key: what the registry answers as a file, and who signs it.
#include "client/cli/commands/snapshot_actions.h"
#include "schema/base/cleanup.h"
#include "schema/base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum status snapshot_selector_of(struct cli *cli, const struct connection *connection,
                                 const char *path, struct snapshot_selector *ret_selector,
                                 struct error *err) {
    const struct words *groups = &cli->options.groups;
    struct source_query query;
    enum status failed = facts_query(cli, groups->items, groups->count, &query, err);
    failed = failed ? failed : facts_selector(cli, connection, &query, ret_selector, err);
    if (!failed) {
        ret_selector->path = path;
    }
    return failed;
}

enum status snapshot_open_named(struct cli *cli, const char *path, struct snapshot_file *ret_file,
                                const char **ret_path, struct error *err) {
    struct connection connection;
    struct snapshot_selector selector;
    struct snapshot_path location;
    enum status failed = command_connect(cli, &connection, err);
    failed = failed ? failed : snapshot_selector_of(cli, &connection, path, &selector, err);
    failed = failed ? failed : snapshot_cache_find(cli->arena, &selector, &location, err);
    if (failed) {
        return failed;
    }
    selector.is_any = path;
    *ret_path = location.path;
    return snapshot_cache_open(&selector, &location, ret_file, err);
}

static enum status print_pulled(struct cli *cli, const struct snapshot_pulled *pulled,
                                struct error *err) {
    struct output *output = &cli->output;
    if (output->json) {
        // clang-format off
        return output_json(output, json_pack("{s:s, s:b, s:I, s:s}",
                                             "file", pulled->location.path,
                                             "replaced", pulled->is_replaced,
                                             "serial", (json_int_t)pulled->serial,
                                             "epoch", pulled->epoch), err);
        // clang-format on
    }
    output_print(output, COLOR_NONE, "%s: %s, serial %lld of %s\n",
                 output_text(output, pulled->location.path),
                 pulled->is_replaced
                     ? output_count(output, pulled->record_count, "record", "records")
                     : "the newest already",
                 (long long)pulled->serial, output_text(output, pulled->epoch));
    return STATUS_OK;
}

enum status snapshot_pull_action(struct cli *cli, struct error *err) {
    struct connection connection;
    struct snapshot_selector selector;
    struct snapshot_pulled pulled;
    const char *path = cli->argument_count > 1 ? cli->arguments[1] : NULL;
    enum status failed = command_connect(cli, &connection, err);
    failed = failed ? failed : snapshot_selector_of(cli, &connection, path, &selector, err);
    failed = failed ? failed : snapshot_pull(cli->arena, &connection, &selector, &pulled, err);
    return failed ? failed : print_pulled(cli, &pulled, err);
}

static enum status fail_errno(struct error *err, const char *path, const char *what) {
    return fail(err, STATUS_IO, path, "The key file cannot be %s: %s", what, strerror(errno));
}

// A new file that is there whole or not at all. *ret_made is false when there is one already.
static enum status make_key(const char *path, bool *ret_made, struct error *err) {
    uint8_t seed[SIGNATURE_KEY_BYTES];
    char text[SIGNATURE_KEY_HEX + 1];
    scoped(cleanup_fd) int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    *ret_made = fd >= 0;
    if (fd < 0) {
        return errno == EEXIST ? STATUS_OK : fail_errno(err, path, "made");
    }
    signature_make_seed(seed);
    signature_write_key(seed, text);
    text[SIGNATURE_KEY_HEX - 1] = '\n';
    bool is_written = descriptor_write(fd, text, SIGNATURE_KEY_HEX) && fsync(fd) == 0;
    explicit_bzero(seed, sizeof seed);
    explicit_bzero(text, sizeof text);
    if (!is_written) {
        enum status failed = fail_errno(err, path, "written");
        unlink(path);
        return failed;
    }
    return STATUS_OK;
}

static enum status read_key(const char *path, struct signature_pair *ret_pair, struct error *err) {
    char text[256] = "";
    uint8_t seed[SIGNATURE_KEY_BYTES];
    scoped(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (len < 0) {
        return fail_errno(err, path, "read");
    }
    text[strcspn(text, "\r\n")] = '\0';
    bool is_key = signature_parse_key(text, seed);
    explicit_bzero(text, sizeof text);
    if (!is_key) {
        return fail(err, STATUS_MALFORMED, path, "This is no key file of a registry");
    }
    signature_pair_init(seed, ret_pair);
    explicit_bzero(seed, sizeof seed);
    return STATUS_OK;
}

enum status snapshot_key_action(struct cli *cli, struct error *err) {
    bool is_made = false;
    struct signature_pair pair;
    char hex[SIGNATURE_KEY_HEX];
    if (cli->argument_count != 2) {
        return fail(err, STATUS_USAGE, NULL, "snapshot key needs a FILE to keep the key in");
    }
    const char *path = cli->arguments[1];
    enum status failed = make_key(path, &is_made, err);
    failed = failed ? failed : read_key(path, &pair, err);
    if (failed) {
        return failed;
    }
    signature_write_key(pair.public_key, hex);
    explicit_bzero(&pair, sizeof pair);
    if (cli->output.json) {
        return output_json(
            &cli->output,
            json_pack("{s:s, s:s, s:b}", "file", path, "public_key", hex, "made", is_made), err);
    }
    output_print(&cli->output, COLOR_NONE, "%s\n", hex);
    return STATUS_OK;
}
