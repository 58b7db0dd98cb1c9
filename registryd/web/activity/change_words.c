// SPDX-License-Identifier: MIT
// A row a kind, with markers where the change has its parts: "%s" is the subject (a release, a package, groups or an
// environment), "%d" the detail, "%i" the groups of a publish. Both forms walk the same template, so they cannot differ.
// A newer database may hold kinds that have no row: they are told by their own name.
#include "registryd/web/activity/change_words.h"

#include "registryd/web/frame/component.h"
#include "schema/base/cleanup.h"
#include "schema/base/list.h"

#include <string.h>

enum { SENTENCE_BYTES_MAX = 16 * 1024, GROUPS_NAMED = 3 };

static const struct change_kind {
    const char *kind;
    const char *words;
    const char *news;
    const char *badge; // in a list of many; NULL = none
} kinds[] = {
    {"publish", "published %s%i", NULL, NULL},
    {"artifact", "added the file %d to %s", NULL, NULL},
    {"release-completed", "completed %s with its first file", NULL, NULL},
    {"yank", "yanked %s", "bad", "yanked"},
    {"unyank", "withdrew the yank of %s", NULL, NULL},
    {"deprecate", "deprecated %s", "warn", "deprecated"},
    {"archive", "archived %s", "warn", "archived"},
    {"quarantine", "quarantined %s", "bad", "quarantined"},
    {"activate", "made %s active again", NULL, NULL},
    {"hold", "held back new releases of %s", "warn", "held"},
    {"unhold", "ended the hold of %s", NULL, NULL},
    {"entry-deprecate", "deprecated the entry point %d of %s", "warn", "deprecated"},
    {"entry-undeprecate", "ended the deprecation of the entry point %d of %s", NULL, NULL},
    {"alias", "made %d an alias in %s", NULL, NULL},
    {"unalias", "removed the alias %d from %s", NULL, NULL},
    {"group", "changed the contract of %s", NULL, NULL},
    {"environment", "changed %s: %d", NULL, NULL},
    {"owner", "gave %s to the team %d", NULL, NULL},
    {"reserve", "reserved a name", NULL, NULL},
    {"unreserve", "released a reserved name", NULL, NULL},
    {"token-create", "created a token", NULL, NULL},
    {"token-revoke", "revoked a token", NULL, NULL},
    {"grant-add", "granted a right", NULL, NULL},
    {"grant-remove", "revoked a right", NULL, NULL},
};

static const struct change_kind *find_kind(const char *kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

void change_add_badge(struct html *html, const struct change *change) {
    const struct change_kind *kind = find_kind(change->kind);
    if (kind && kind->badge) {
        page_badge(html, kind->news, kind->badge);
    }
}

// Where a sentence goes: into a page with links, or into a buffer.
struct sentence {
    struct page_context *page; // NULL: a buffer
    struct buffer *out;
    struct arena *arena;
};

static void say(const struct sentence *to, const char *text, size_t len) {
    if (to->page) {
        html_text_of(to->page->html, (struct text){text, len});
    } else {
        buffer_add(to->out, text, len);
    }
}

static void say_text(const struct sentence *to, const char *text) {
    say(to, text, strlen(text));
}

static void say_link(const struct sentence *to, const char *address, const char *text) {
    if (to->page) {
        html_link(to->page->html, "a", address, text);
    } else {
        buffer_add_string(to->out, text);
    }
}

static void say_groups(const struct sentence *to, const struct strings *groups) {
    for (size_t i = 0; i < groups->count && i < GROUPS_NAMED; i++) {
        say_text(to, i ? ", " : "");
        say_link(to, address_make(to->arena, "/groups", groups->items[i]), groups->items[i]);
    }
    say_text(to, groups->count > GROUPS_NAMED ? " and more" : "");
}

static const char *release_address(struct arena *arena, const struct change *change) {
    struct address address;
    address_begin(&address, arena, "/packages");
    address_add_segment(&address, change->package);
    if (change->version) {
        buffer_add_string(&address.out, "/releases");
        address_add_segment(&address, change->version);
    }
    return address_end(&address);
}

const char *change_address(struct arena *arena, const struct change *change) {
    return change->environment    ? address_make(arena, "/environments", change->environment)
           : change->package      ? release_address(arena, change)
           : change->groups.count ? address_make(arena, "/groups", change->groups.items[0])
                                  : "/activity";
}

static void say_subject(const struct sentence *to, const struct change *change) {
    if (change->environment) {
        say_link(to, change_address(to->arena, change), change->environment);
    } else if (change->package) {
        say_link(to, change_address(to->arena, change),
                 change->version
                     ? arena_printf(to->arena, "%s %s", change->package, change->version)
                     : change->package);
    } else {
        say_groups(to, &change->groups);
    }
}

static void say_detail(const struct sentence *to, const struct change *change) {
    const char *detail = change->detail ? change->detail : "";
    bool is_words = strcmp(change->kind, "environment") == 0 || strcmp(change->kind, "owner") == 0;
    if (to->page && !is_words) {
        page_code(to->page->html, detail);
    } else {
        say_text(to, detail);
    }
}

static void say_part(const struct sentence *to, char marker, const struct change *change) {
    if (marker == 's') {
        say_subject(to, change);
    } else if (marker == 'd') {
        say_detail(to, change);
    } else if (change->groups.count) {
        say_text(to, " in ");
        say_groups(to, &change->groups);
    }
}

static void say_actor(const struct sentence *to, const char *actor) {
    struct address address;
    if (!actor) {
        say_text(to, "An administrator");
        return;
    }
    address_begin(&address, to->arena, "/activity");
    address_add_query(&address, "actor", actor);
    say_link(to, address_end(&address), actor);
}

static void say_sentence(const struct sentence *to, const struct change *change) {
    const struct change_kind *kind = find_kind(change->kind);
    const char *words =
        kind ? kind->words : arena_printf(to->arena, "made the change \"%s\" to %%s", change->kind);
    say_actor(to, change->actor);
    say_text(to, " ");
    while (words && *words) {
        size_t len = strcspn(words, "%");
        say(to, words, len);
        words += len;
        if (*words && words[1]) {
            say_part(to, words[1], change);
            words += 2;
        }
    }
}

void change_add_sentence(struct page_context *page, const struct change *change) {
    say_sentence(&(struct sentence){.page = page, .arena = page->arena}, change);
}

const char *change_text(struct arena *arena, const struct change *change) {
    scoped(buffer_done) struct buffer out;
    buffer_init(&out, SENTENCE_BYTES_MAX);
    say_sentence(&(struct sentence){.out = &out, .arena = arena}, change);
    return out.failed ? NULL : arena_copy(arena, out.ptr, out.len);
}
