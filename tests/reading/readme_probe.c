// SPDX-License-Identifier: MIT
// Texts on standard input, each as "TYPE LENGTH\n" and its bytes, become "LENGTH\n" and their HTML on standard output. A type
// that begins with "file:" is the name of a file of an archive.
#include "registryd/readme/readme.h"
#include "registryd/web/frame/markup_show.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_BYTES_MAX = 1 << 20, PAGE_BYTES = 1 << 24, PAGE_DEPTH = 4 };

static void show(const char *type, struct text text) {
    static const struct image_hosts hosts = {.list = "shown.example.org"};
    struct arena *arena = arena_new(0);
    struct markup markup;
    struct html html;
    struct text page = {0};
    markup_init(&markup, MARKUP_BYTES_MAX);
    html_init(&html, arena, PAGE_BYTES);
    if (strncmp(type, "file:", 5) == 0) {
        readme_add_file(&markup, text_from(type + 5), text);
    } else {
        readme_add(&markup, text, text_from(type));
    }
    // As deep as on a page: near its root the writer ends lines, which would show in code.
    for (int i = 0; i < PAGE_DEPTH; i++) {
        html_open(&html, "div");
    }
    markup_show(&html, (struct text){markup.out.ptr, markup.out.len}, &hosts);
    for (int i = 0; i < PAGE_DEPTH; i++) {
        html_close(&html);
    }
    if (html_finish(&html, &page, NULL)) {
        abort();
    }
    printf("%zu\n", page.len);
    fwrite(page.ptr, 1, page.len, stdout);
    fflush(stdout);
    html_done(&html);
    markup_done(&markup);
    arena_free(arena);
}

int main(void) {
    static char bytes[TEXT_BYTES_MAX];
    char type[128];
    size_t len;
    while (scanf("%127s %zu", type, &len) == 2 && getchar() == '\n' && len <= sizeof bytes) {
        if (fread(bytes, 1, len, stdin) != len) {
            return 1;
        }
        show(type, (struct text){bytes, len});
    }
    return feof(stdin) ? 0 : 1;
}
