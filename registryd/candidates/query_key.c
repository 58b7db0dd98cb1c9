// SPDX-License-Identifier: MIT
// The canonical text of a question, by which answers are kept and makers found: written for every request, also for one
// whose answer is kept, so each byte counts. A part that is not asked for costs one comparison.
#include "registryd/candidates/query_key.h"

static void write_line(struct buffer *key, const char *mark, const char *text) {
    if (text) {
        buffer_add_string(key, mark);
        buffer_add_string(key, text);
        buffer_add_string(key, "\n");
    }
}

static void write_lines(struct buffer *key, const char *mark, const char *const *texts,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_line(key, mark, texts[i]);
    }
}

static void write_facts(struct buffer *key, const char *mark, const struct resolve_fact *facts,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        write_line(key, mark, facts[i].name);
        write_line(key, "=", facts[i].value);
    }
}

// The canonical text of a question: a line for each thing said. What comes from outside holds no line
// feed.
// A query for one group in the environment prod, as JSON:
//   resolution 00100
//   gcrm.plugins
//   eprod
// A member that can change the answer must be in here, or follow from the form.
void query_key_write(const struct resolve_query *query, const char *form, struct buffer *key) {
    // By hand and not by printf, because every request comes by here.
    const char flags[] = {' ',
                          (char)('0' + query->prereleases),
                          (char)('0' + query->explain),
                          (char)('0' + query->decides),
                          (char)('0' + query->with_settings),
                          (char)('0' + query->is_thawed),
                          '\n'};
    buffer_add_string(key, form);
    buffer_add(key, flags, sizeof flags);
    if (query->limit || query->first) {
        buffer_printf(key, "l%d %lld\n", query->limit, (long long)query->first);
    }
    write_lines(key, "g", query->groups, query->group_count);
    write_lines(key, "n", query->names, query->name_count);
    write_lines(key, "k", query->packages, query->package_count);
    write_line(key, "q", query->query);
    write_line(key, "e", query->environment);
    write_line(key, "p", query->python);
    write_facts(key, "h", query->have, query->have_count);
    write_facts(key, "m", query->markers, query->marker_count);
    write_lines(key, "t", query->tags, query->tag_count);
    write_line(key, "c", query->cursor);
}
