// SPDX-License-Identifier: MIT
// Whose address counts when a proxy stands in front. Anyone can send X-Forwarded-For, so it is believed only
// from the networks in --proxies, and only as far as there are proxies (--proxy-count): each of them adds the
// address it saw at the right end. With two proxies the client is the second from the right; what stands
// left of that, the client has written itself.
//
//     X-Forwarded-For: 203.0.113.9, 198.51.100.7, 10.0.0.2      from 10.0.0.1, --proxy-count 2
//                      invented     the client    first proxy
//
// Networks are few and looked through in order. The header may come several times: together its lines are
// one list. IPv6 clients count by /64, as one of them has a whole such network to itself. Any thread.
#include "registryd/http/head/forwarded.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool parse_network(struct text part, uint32_t *ret_address, uint32_t *ret_mask) {
    char word[32];
    struct in_addr address;
    if (!part.len || part.len >= sizeof word) {
        return false;
    }
    memcpy(word, part.ptr, part.len);
    word[part.len] = '\0';
    char *slash = strchr(word, '/');
    char *end = NULL;
    long bits = slash && is_digit(slash[1]) ? strtol(slash + 1, &end, 10) : 32;
    if (slash) {
        *slash = '\0';
    }
    if ((slash && (!end || *end)) || bits > 32 || inet_pton(AF_INET, word, &address) != 1) {
        return false;
    }
    *ret_mask = bits ? UINT32_MAX << (32 - bits) : 0;
    *ret_address = ntohl(address.s_addr) & *ret_mask;
    return true;
}

enum status forwarded_parse(const char *networks, int hops, struct forwarded *ret_forwarded,
                            struct error *err) {
    struct forwarded forwarded = {.hops = hops};
    struct text rest = text_from(networks);
    struct text part;
    while (text_split(&rest, ',', &part)) {
        part = text_trim(part);
        if (forwarded.count == FORWARDED_NETWORKS_MAX) {
            return fail(err, STATUS_USAGE, "proxies", "There may be at most %d networks",
                        FORWARDED_NETWORKS_MAX);
        }
        size_t at = forwarded.count++;
        if (!parse_network(part, &forwarded.networks[at].address, &forwarded.networks[at].mask)) {
            return fail(err, STATUS_USAGE, "proxies",
                        "\"%.*s\" is not an IPv4 address or network such as 10.0.0.0/8",
                        (int)part.len, part.ptr);
        }
    }
    *ret_forwarded = forwarded;
    return STATUS_OK;
}

bool forwarded_is_proxy(const struct forwarded *forwarded, uint32_t address) {
    for (size_t i = 0; forwarded && i < forwarded->count; i++) {
        if ((address & forwarded->networks[i].mask) == forwarded->networks[i].address) {
            return true;
        }
    }
    return false;
}

static bool is_proxy(const struct forwarded *forwarded, const char *peer) {
    struct in_addr address;
    return forwarded->count && inet_pton(AF_INET, peer, &address) == 1 &&
           forwarded_is_proxy(forwarded, ntohl(address.s_addr));
}

// The part before the last comma goes on in *rest; what stood behind it is the address.
static struct text split_last(struct text *rest) {
    size_t begin = rest->len;
    while (begin && rest->ptr[begin - 1] != ',') {
        begin--;
    }
    struct text last = text_trim((struct text){rest->ptr + begin, rest->len - begin});
    *rest = (struct text){rest->ptr, begin ? begin - 1 : 0};
    return last;
}

// The n-th from the right; empty when there are not so many.
static struct text find_hop(const struct raw_request *raw, int hops) {
    for (size_t i = raw->header_count; i > 0; i--) {
        const struct header *header = &raw->headers[i - 1];
        if (strcasecmp(header->name, "X-Forwarded-For") != 0) {
            continue;
        }
        struct text rest = text_from(header->value);
        do {
            struct text address = split_last(&rest);
            if (--hops == 0) {
                return address;
            }
        } while (rest.len);
    }
    return (struct text){"", 0};
}

static bool write_address(struct text text, char ret_client[CLIENT_ADDRESS_SIZE]) {
    char word[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct in6_addr six;
    if (!text.len || text.len >= sizeof word) {
        return false;
    }
    memcpy(word, text.ptr, text.len);
    word[text.len] = '\0';
    if (inet_pton(AF_INET, word, &four) == 1) {
        return inet_ntop(AF_INET, &four, ret_client, CLIENT_ADDRESS_SIZE);
    }
    if (inet_pton(AF_INET6, word, &six) != 1) {
        return false;
    }
    memset(&six.s6_addr[8], 0, 8);
    inet_ntop(AF_INET6, &six, word, sizeof word);
    snprintf(ret_client, CLIENT_ADDRESS_SIZE, "%s/64", word);
    return true;
}

void forwarded_client(const struct forwarded *forwarded, const char *peer,
                      const struct raw_request *raw, char ret_client[CLIENT_ADDRESS_SIZE]) {
    if (!is_proxy(forwarded, peer) || !write_address(find_hop(raw, forwarded->hops), ret_client)) {
        snprintf(ret_client, CLIENT_ADDRESS_SIZE, "%s", peer);
    }
}
