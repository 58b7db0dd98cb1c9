// SPDX-License-Identifier: MIT
// Digits come from the system's random source by rejection, so that all 62 are equally likely. The checksum lets
// secret scanners recognise a leaked token without asking us; it proves nothing about its validity. Buffers that
// held a token are wiped.
//
//     plg_ 4kQ...(40 digits of base 62)... 0aB9xZ
//     |    |                               CRC-32 of everything before it, in 6 digits of base 62
//     |    238 bits from the kernel
//     the kind, for people and secret scanners
//
#include "registryd/access/token.h"

#include "schema/base/list.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { RANDOM_LEN = 40, CHECKSUM_LEN = 6 };

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct token_prefix {
    const char *text; // "plg_"
    const char *doc;
};

static const struct token_prefix prefixes[] = {
    {.text = "plga_", .doc = "an administrator's"},
    {.text = "plgc_", .doc = "a build system's"},
    {.text = "plg_", .doc = "a person's"},
};

// CRC-32 as in zip and gzip, bit by bit: it runs over some fifty bytes.
static uint32_t checksum(const char *bytes, size_t len) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < len; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
        }
    }
    return ~crc;
}

static void write_checksum(const char *bytes, size_t len, char ret_digits[CHECKSUM_LEN]) {
    uint32_t value = checksum(bytes, len);
    for (int i = CHECKSUM_LEN - 1; i >= 0; i--) {
        ret_digits[i] = alphabet[value % 62];
        value /= 62;
    }
}

// Bytes of 248 and more are thrown away, so that every digit is equally likely.
static enum status write_random(char *digits, struct error *err) {
    size_t made = 0;
    while (made < RANDOM_LEN) {
        unsigned char bytes[RANDOM_LEN];
        ssize_t got = getrandom(bytes, sizeof bytes, 0);
        if (got < 0 && errno != EINTR) {
            return fail(err, STATUS_INTERNAL, NULL, "The system's random source failed: %s",
                        strerror(errno));
        }
        for (ssize_t i = 0; i < got && made < RANDOM_LEN; i++) {
            if (bytes[i] < 248) {
                digits[made++] = alphabet[bytes[i] % 62];
            }
        }
        sodium_memzero(bytes, sizeof bytes);
    }
    return STATUS_OK;
}

enum status token_generate(const char *prefix, char ret_text[TOKEN_TEXT_SIZE], struct error *err) {
    size_t prefix_len = strlen(prefix);
    char text[TOKEN_TEXT_SIZE];
    if (prefix_len + RANDOM_LEN + CHECKSUM_LEN >= sizeof text) {
        return fail(err, STATUS_INTERNAL, NULL, "The token prefix \"%s\" is too long", prefix);
    }
    memcpy(text, prefix, prefix_len);
    enum status status = write_random(text + prefix_len, err);
    if (status) {
        return status;
    }
    size_t len = prefix_len + RANDOM_LEN;
    write_checksum(text, len, text + len);
    text[len + CHECKSUM_LEN] = '\0';
    memcpy(ret_text, text, len + CHECKSUM_LEN + 1);
    sodium_memzero(text, sizeof text);
    return STATUS_OK;
}

static size_t known_prefix_length(struct text text) {
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t len = strlen(prefixes[i].text);
        if (text.len > len && memcmp(text.ptr, prefixes[i].text, len) == 0) {
            return len;
        }
    }
    return 0;
}

bool token_is_well_formed(struct text text) {
    size_t prefix_len = known_prefix_length(text);
    if (!prefix_len || text.len != prefix_len + RANDOM_LEN + CHECKSUM_LEN) {
        return false;
    }
    for (size_t i = prefix_len; i < text.len; i++) {
        if (!is_alnum(text.ptr[i])) {
            return false;
        }
    }
    char digits[CHECKSUM_LEN];
    size_t len = text.len - CHECKSUM_LEN;
    write_checksum(text.ptr, len, digits);
    return sodium_memcmp(digits, text.ptr + len, CHECKSUM_LEN) == 0;
}

void token_hash(struct text text, uint8_t ret_hash[32]) {
    static_assert(crypto_hash_sha256_BYTES == 32, "the store keeps 32 bytes");
    crypto_hash_sha256(ret_hash, (const unsigned char *)text.ptr, text.len);
}
