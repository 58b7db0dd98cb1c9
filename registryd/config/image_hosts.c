// SPDX-License-Identifier: MIT
// Each host is compared byte by byte with that of a picture, and a browser writes hosts in lower case: so a name in
// another form would never fit, and is refused here. "*" is refused too: the header names exactly these hosts.
#include "registryd/config/image_hosts.h"

#include "schema/base/text.h"

enum { HOST_BYTES_MAX = 260 };

static bool is_host(struct text host) {
    if (!host.len || host.len > HOST_BYTES_MAX ||
        !(is_lower(host.ptr[0]) || is_digit(host.ptr[0]))) {
        return false;
    }
    const char *colon = memchr(host.ptr, ':', host.len);
    size_t name_len = colon ? (size_t)(colon - host.ptr) : host.len;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool is_name = is_lower(c) || is_digit(c) || c == '-' || c == '.';
        if (i < name_len ? !is_name : i > name_len && !is_digit(c)) {
            return false;
        }
    }
    return name_len + 1 != host.len;
}

enum status image_hosts_check(const char *list, struct error *err) {
    struct text rest = text_from(list);
    struct text host;
    size_t count = 0;
    while (text_split(&rest, ',', &host)) {
        struct text trimmed = text_trim(host);
        if (!is_host(trimmed)) {
            return fail(err, STATUS_USAGE, "image-hosts",
                        "\"%.*s\" is not a host. Write a name in lower case, without https://, for "
                        "example img.example.org.",
                        (int)trimmed.len, trimmed.ptr);
        }
        if (++count > IMAGE_HOSTS_MAX) {
            return fail(err, STATUS_USAGE, "image-hosts", "At most %d hosts are allowed",
                        IMAGE_HOSTS_MAX);
        }
    }
    return STATUS_OK;
}
