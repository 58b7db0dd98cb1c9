// SPDX-License-Identifier: MIT
// The four numbers at the top, each a link to the list that it counts. A frozen environment has a fourth number that is
// worth a look before it is thawed: how many packages its rules would answer otherwise than its lock.
#include "registryd/web/environment/environment_parts.h"

#include "registryd/web/frame/component.h"
#include "schema/base/list.h"

#include <string.h>

// "60 not enabled here, 1 quarantined". Arena.
static const char *tell_withheld(struct arena *arena, const struct rules_outcome *outcome) {
    static const struct {
        const char *code;
        const char *word;
    } words[] = {{DECISION_CODE_QUARANTINED, "quarantined"},
                 {DECISION_CODE_DISABLED, "disabled"},
                 {DECISION_CODE_NOT_ENABLED, "not enabled"},
                 {DECISION_CODE_OUTSIDE_PIN, "outside the pin"}};
    const char *text = "";
    for (size_t i = 0; text && i < outcome->withheld_count; i++) {
        const struct withheld *one = &outcome->withheld[i];
        const char *word = one->code;
        for (size_t j = 0; j < COUNT_OF(words); j++) {
            word = strcmp(words[j].code, one->code) == 0 ? words[j].word : word;
        }
        text = arena_printf(arena, "%s%s%zu %s", text, i ? ", " : "", one->packages, word);
    }
    return text;
}

static const char *count_text(struct arena *arena, size_t count) {
    return arena_printf(arena, "%zu", count);
}

void environment_numbers_add(struct page_context *page, const struct rules_outcome *outcome,
                             const struct version_changes *thawed) {
    struct arena *arena = page->arena;
    size_t changed = thawed ? thawed->added + thawed->removed + thawed->changed : 0;
    const struct page_figure figures[] = {
        {count_text(arena, outcome->packages),
         outcome->packages == 1 ? "package that hosts get" : "packages that hosts get", "#records",
         NULL},
        {count_text(arena, outcome->missing_count), "enabled, gets nothing", "#missing",
         outcome->missing_count ? "bad" : "good"},
        {count_text(arena, outcome->withheld_packages),
         arena_printf(arena, "withheld%s%s", outcome->withheld_packages ? ": " : "",
                      tell_withheld(arena, outcome)),
         "#left-out", NULL},
        {thawed ? count_text(arena, changed) : "–",
         thawed ? "would change if thawed" : "would change if thawed: it is not frozen",
         thawed ? "#thawed" : NULL, changed ? "warn" : NULL},
    };
    page_open_figures(page->html, "Numbers");
    for (size_t i = 0; i < COUNT_OF(figures); i++) {
        page_figure(page->html, &figures[i]);
    }
    html_close(page->html);
}
