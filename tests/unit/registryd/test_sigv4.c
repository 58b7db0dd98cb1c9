// SPDX-License-Identifier: MIT
// registryd/object_store/sigv4: every step of the signature against the examples that AWS publishes for S3 ("Signature
// Calculations for the Authorization Header" and "Authenticating Requests: Using Query Parameters").
#include "registryd/object_store/sigv4.h"

#include "schema/base/list.h"
#include "schema/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define WELCOME "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
#define HOST "examplebucket.s3.amazonaws.com"

enum { MOMENT = 1369353600 }; // 2013-05-24T00:00:00Z

static const struct sigv4_identity identity = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
};

// Not in the order of their names: that is the signer's work.
static const struct sigv4_pair get_headers[] = {{"range", "bytes=0-9"},
                                                {"x-amz-date", "20130524T000000Z"},
                                                {"host", HOST},
                                                {"x-amz-content-sha256", EMPTY}};
static const struct sigv4_pair put_headers[] = {{"host", HOST},
                                                {"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                                {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                                {"x-amz-content-sha256", WELCOME},
                                                {"x-amz-date", "20130524T000000Z"}};
static const struct sigv4_pair lifecycle[] = {{"lifecycle", ""}};
static const struct sigv4_pair listing[] = {{"prefix", "J"}, {"max-keys", "2"}};

static const struct {
    struct sigv4_request request;
    const char *canonical;
    const char *canonical_sha256;
    const char *signature;
} examples[] = {
    {{.method = "GET",
      .path = "/test.txt",
      .headers = get_headers,
      .header_count = COUNT_OF(get_headers),
      .payload_sha256 = EMPTY,
      .unix_seconds = MOMENT},
     "GET\n/test.txt\n\nhost:" HOST "\nrange:bytes=0-9\nx-amz-content-sha256:" EMPTY
     "\nx-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n" EMPTY,
     "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {{.method = "PUT",
      .path = "/test$file.text",
      .headers = put_headers,
      .header_count = COUNT_OF(put_headers),
      .payload_sha256 = WELCOME,
      .unix_seconds = MOMENT},
     "PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:" HOST
     "\nx-amz-content-sha256:" WELCOME
     "\nx-amz-date:20130524T000000Z\nx-amz-storage-class:REDUCED_REDUNDANCY\n\n"
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\n" WELCOME,
     "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {{.method = "GET",
      .path = "/",
      .query = lifecycle,
      .query_count = COUNT_OF(lifecycle),
      .headers = get_headers + 1,
      .header_count = COUNT_OF(get_headers) - 1,
      .payload_sha256 = EMPTY,
      .unix_seconds = MOMENT},
     "GET\n/\nlifecycle=\nhost:" HOST "\nx-amz-content-sha256:" EMPTY
     "\nx-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n" EMPTY,
     "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {{.method = "GET",
      .path = "/",
      .query = listing,
      .query_count = COUNT_OF(listing),
      .headers = get_headers + 1,
      .header_count = COUNT_OF(get_headers) - 1,
      .payload_sha256 = EMPTY,
      .unix_seconds = MOMENT},
     "GET\n/\nmax-keys=2&prefix=J\nhost:" HOST "\nx-amz-content-sha256:" EMPTY
     "\nx-amz-date:20130524T000000Z\n\nhost;x-amz-content-sha256;x-amz-date\n" EMPTY,
     "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

static void published_headers(void **state) {
    struct arena *arena = arena_new(0);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        char signature[SIGV4_SIGNATURE_SIZE];
        const char *to_sign = sigv4_to_sign(arena, &identity, &examples[i].request);
        assert_string_equal(sigv4_canonical(arena, &examples[i].request), examples[i].canonical);
        assert_string_equal(to_sign, arena_printf(arena,
                                                  "AWS4-HMAC-SHA256\n20130524T000000Z\n"
                                                  "20130524/us-east-1/s3/aws4_request\n%s",
                                                  examples[i].canonical_sha256));
        sigv4_signature(&identity, MOMENT, to_sign, signature);
        assert_string_equal(signature, examples[i].signature);
        const char *names = strrchr(examples[i].canonical, '\n'); // before the hash of the body
        assert_string_equal(names + 1, examples[i].request.payload_sha256);
    }
    assert_string_equal(
        sigv4_authorization(arena, &identity, &examples[0].request),
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    arena_free(arena);
}

static void published_address(void **state) {
    static const struct sigv4_pair host[] = {{"host", HOST}};
    const struct sigv4_request request = {.method = "GET",
                                          .path = "/test.txt",
                                          .headers = host,
                                          .header_count = 1,
                                          .payload_sha256 = "UNSIGNED-PAYLOAD",
                                          .unix_seconds = MOMENT};
    struct arena *arena = arena_new(0);
    (void)state;
    assert_string_equal(
        sigv4_presign(arena, &identity, &request, 86400),
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    arena_free(arena);
}

// A token of temporary credentials, and a header that the store must send back, are signed with the rest.
static void addresses_with_more(void **state) {
    static const struct sigv4_pair host[] = {{"host", HOST}};
    static const struct sigv4_pair wish[] = {
        {"response-content-disposition", "attachment; filename=\"a b.whl\""}};
    const struct sigv4_request request = {.method = "GET",
                                          .path = "/a b+c",
                                          .query = wish,
                                          .query_count = 1,
                                          .headers = host,
                                          .header_count = 1,
                                          .payload_sha256 = "UNSIGNED-PAYLOAD",
                                          .unix_seconds = MOMENT};
    struct sigv4_identity passing = identity;
    struct arena *arena = arena_new(0);
    (void)state;
    passing.session_token = "to/ken==";
    const char *address = sigv4_presign(arena, &passing, &request, 60);
    assert_true(strncmp(address, "/a%20b%2Bc?X-Amz-Algorithm=", 27) == 0);
    assert_non_null(strstr(address, "&X-Amz-Security-Token=to%2Fken%3D%3D&"));
    assert_non_null(strstr(address, "&response-content-disposition=attachment%3B%20filename%3D%22a"
                                    "%20b.whl%22&X-Amz-Signature="));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_headers),
        cmocka_unit_test(published_address),
        cmocka_unit_test(addresses_with_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
