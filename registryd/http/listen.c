// SPDX-License-Identifier: MIT
// From "HOST:PORT" to an address, and one attempt at it. civetweb says only that it cannot bind; binding once
// ourselves tells why. SO_REUSEADDR is set as civetweb sets it: else connections of the last run that are
// still in TIME_WAIT would make the probe fail where the server itself would not.
//
// Called twice at the start: as the user registryd is started by, before anything is done, and as the user it
// becomes, who is the one that binds.
#include "registryd/http/listen.h"

#include "schema/base/cleanup.h"
#include "schema/base/error.h"
#include "schema/base/list.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

CLEANUP_DEFINE(struct addrinfo *, cleanup_addresses, freeaddrinfo)

// strtol would take " 80" and "+80" as well, so digits are counted first.
static bool is_port(const char *text) {
    size_t len = strspn(text, "0123456789");
    return len && len <= 5 && !text[len] && strtol(text, NULL, 10) <= UINT16_MAX;
}

enum status listen_parse(const char *listen, struct sockaddr_in *ret_address, struct error *err) {
    const char *colon = strrchr(listen, ':');
    size_t host_len = colon ? (size_t)(colon - listen) : 0;
    char host[256];
    if (!host_len || host_len >= sizeof host || listen[0] == '[' || !is_port(colon + 1)) {
        return fail(err, STATUS_USAGE, "listen",
                    "\"%s\" is not HOST:PORT with an IPv4 address or a name, for example "
                    "127.0.0.1:7621",
                    listen);
    }
    memcpy(host, listen, host_len);
    host[host_len] = '\0';
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    scoped(cleanup_addresses) struct addrinfo *found = NULL;
    int result = getaddrinfo(host, colon + 1, &hints, &found);
    if (result) {
        return fail(err, STATUS_USAGE, "listen", "There is no IPv4 address for \"%s\": %s", listen,
                    gai_strerror(result));
    }
    memcpy(ret_address, found->ai_addr, sizeof *ret_address);
    return STATUS_OK;
}

// All of 127.0.0.0/8, as the kernel sees it. A name was turned into its address before.
bool listen_is_local(const struct sockaddr_in *address) {
    enum { LOOPBACK = 127 };
    return ntohl(address->sin_addr.s_addr) >> 24 == LOOPBACK;
}

static enum status try_binding(const struct sockaddr_in *address, const char *listen,
                               struct error *err) {
    scoped(cleanup_fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail(err, STATUS_IO, NULL, "Cannot open a socket: %s", strerror(errno));
    }
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0) {
        return STATUS_OK;
    }
    switch (errno) {
    case EADDRINUSE:
        return fail(
            err, STATUS_IO, "listen",
            "Cannot listen on %s: another program uses this address. Stop it, or choose another "
            "port with --listen.",
            listen);
    case EADDRNOTAVAIL:
        return fail(err, STATUS_IO, "listen",
                    "Cannot listen on %s: this machine does not have that address", listen);
    case EACCES:
        return fail(
            err, STATUS_IO, "listen",
            "Cannot listen on %s: only root may use ports below 1024. Choose a higher port.",
            listen);
    default:
        return fail(err, STATUS_IO, "listen", "Cannot listen on %s: %s", listen, strerror(errno));
    }
}

enum status listen_probe(const char *listen, struct sockaddr_in *ret_address, struct error *err) {
    struct sockaddr_in address;
    enum status status = listen_parse(listen, &address, err);
    if (status) {
        return status;
    }
    status = try_binding(&address, listen, err);
    if (status) {
        return status;
    }
    *ret_address = address;
    return STATUS_OK;
}

void listen_ignore_newcomers(int fd) {
    enum { FLAGS_OF_TCP = 13, SYN = 2 };
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OF_TCP),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const struct sock_fprog program = {.len = COUNT_OF(code), .filter = code};
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// civetweb owns the descriptor and will close it, so a socket without a port takes its number.
void listen_end(int fd) {
    scoped(cleanup_fd) int unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (unbound >= 0) {
        dup3(unbound, fd, O_CLOEXEC);
    }
}
