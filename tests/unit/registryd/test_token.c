// SPDX-License-Identifier: MIT
// Token texts: made ones are recognised, and nothing that differs from one in a single place is.
#include "registryd/access/token.h"
#include "schema/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#undef fail // cmocka's macro; ours is the function

// Made by another implementation of CRC-32 and base 62.
static const char *const good[] = {
    "plga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1W",
    "plg_01234567890123456789012345678901234567892tEYi3",
    "plgc_Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9a1Bjzps",
};

static const char *const bad[] = {
    "",
    "plga_",
    "a word",
    "plga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1",
    "plga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1WW",
    "plga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1X",
    "plgb_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1W",
    "plgc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1W",
    "PLGA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1W",
    " plga_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4Y7J1W",
    "plg_0123456789012345678901234567890123456789-2tEYi",
};

static void known_texts_are_told_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(token_is_well_formed(text_from(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(token_is_well_formed(text_from(bad[i])));
    }
    assert_false(token_is_well_formed((struct text){NULL, 0}));
}

static void one_wrong_character_is_noticed(void **state) {
    (void)state;
    char text[TOKEN_TEXT_SIZE];
    for (size_t i = 0; i < strlen(good[0]); i++) {
        snprintf(text, sizeof text, "%s", good[0]);
        text[i] = text[i] == 'B' ? 'C' : 'B';
        assert_false(token_is_well_formed(text_from(text)));
    }
}

static void made_tokens_are_well_formed_and_differ(void **state) {
    (void)state;
    static const char *const prefixes[] = {"plg_", "plgc_", "plga_"};
    char before[TOKEN_TEXT_SIZE] = "";
    for (int i = 0; i < 300; i++) {
        const char *prefix = prefixes[i % 3];
        char text[TOKEN_TEXT_SIZE];
        assert_int_equal(token_generate(prefix, text, NULL), STATUS_OK);
        assert_int_equal(strlen(text), strlen(prefix) + 46);
        assert_memory_equal(text, prefix, strlen(prefix));
        assert_true(token_is_well_formed(text_from(text)));
        assert_string_not_equal(text, before);
        memcpy(before, text, sizeof text);
    }
}

static void every_digit_occurs(void **state) {
    (void)state;
    bool seen[128] = {false};
    for (int i = 0; i < 200; i++) { // 8,000 digits: missing one of 62 has odds of 10^-55
        char text[TOKEN_TEXT_SIZE];
        assert_int_equal(token_generate("plg_", text, NULL), STATUS_OK);
        for (const char *c = text + 4; c < text + 44; c++) {
            seen[(unsigned char)*c] = true;
        }
    }
    size_t count = 0;
    for (size_t i = 0; i < sizeof seen; i++) {
        count += seen[i];
        assert_true(!seen[i] || is_alnum((char)i));
    }
    assert_int_equal(count, 62);
}

static void too_long_a_prefix_is_a_fault(void **state) {
    (void)state;
    char text[TOKEN_TEXT_SIZE] = "untouched";
    struct error err;
    assert_int_equal(token_generate("a-prefix-of-many-characters_", text, &err), STATUS_INTERNAL);
    assert_string_equal(text, "untouched");
}

static void the_hash_is_sha256(void **state) {
    (void)state;
    static const uint8_t abc[4] = {0xba, 0x78, 0x16, 0xbf};
    uint8_t hash[32];
    token_hash(text_from("abc"), hash);
    assert_memory_equal(hash, abc, sizeof abc);
    static const uint8_t nothing[4] = {0xe3, 0xb0, 0xc4, 0x42};
    token_hash((struct text){NULL, 0}, hash);
    assert_memory_equal(hash, nothing, sizeof nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_are_told_apart),
        cmocka_unit_test(one_wrong_character_is_noticed),
        cmocka_unit_test(made_tokens_are_well_formed_and_differ),
        cmocka_unit_test(every_digit_occurs),
        cmocka_unit_test(too_long_a_prefix_is_a_fault),
        cmocka_unit_test(the_hash_is_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
