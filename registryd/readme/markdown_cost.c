// SPDX-License-Identifier: MIT
// The cost of a text, before it is parsed. cmark ends the process when it gets no memory, and some short texts cost it
// seconds or gigabytes (ten thousand columns, fifty thousand brackets). It cannot be interrupted. So this file counts
// what such texts need many of, in one pass, and a text over a bound is shown as it stands.
#include "registryd/readme/markdown.h"

// The bounds keep any text of 64 KiB below about ten times the time of an ordinary one.
enum {
    STEPS_MAX = 10000000,       // about a nanosecond each
    STEPS_OF_MARK = 400,        // "*", "_" and "~": matched with each other
    STEPS_OF_TABLE = 4000,      // a line of "|-" makes one, with its rows and cells
    CELLS_MAX = 50000,          // lines × "|" of the fullest one: short rows are filled up
    NESTING_MAX = 200,          // lists and quotes in each other: each inline climbs through all
    NESTED_LINES_MAX = 1000000, // lines × nesting: each line enters them all
    LINKED_BYTES_MAX = 2000000, // "[" × the longest link definition: copied into each link
};

struct paragraph { // what lies between two empty lines
    size_t lines;
    size_t bytes;
    size_t word;      // the longest one
    size_t brackets;  // "[": each may be matched with each
    size_t closing;   // ")": balanced at the end of a bare address
    size_t addresses; // ".", ":", "@": each may belong to an address that reaches to the word's end
    size_t openings;  // "<?", "<!": the end of each is sought up to the paragraph's end
    size_t delimiters; // lines of "|-": each may make a table of all lines before it
    size_t bars;       // of the line that has most
};

// Counted in one pass over the text, before cmark sees it.
struct cost {
    struct paragraph paragraph;
    size_t steps; // of the paragraphs before
    size_t cells;
    size_t lines;
    size_t marks; // a "~" takes as long as three others, an "@" as six
    size_t brackets;
    size_t nesting;        // of the deepest line
    size_t definition;     // of the definition that the line before belongs to; 0 = to none
    size_t definition_max; // bytes
};

// The next line, and the rest after it. Lines end as for cmark: "\n", "\r" or both.
static struct text next_line(struct text *rest) {
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != '\n' && rest->ptr[len] != '\r') {
        len++;
    }
    struct text line = {rest->ptr, len};
    size_t end = len + (len < rest->len);
    end += end < rest->len && rest->ptr[len] == '\r' && rest->ptr[end] == '\n';
    *rest = (struct text){rest->ptr + end, rest->len - end};
    return line;
}

// How deep in lists and quotes a line may stand, at most: its markers, and half of its indentation.
static size_t count_nesting(struct text line) {
    size_t markers = 0;
    size_t columns = 0;
    for (size_t i = 0; i < line.len && line.ptr[i] && strchr(" \t>*+-.)0123456789", line.ptr[i]);
         i++) {
        char next = i + 1 < line.len ? line.ptr[i + 1] : ' ';
        bool is_marker = strchr("*+-.)", line.ptr[i]) && (next == ' ' || next == '\t');
        markers += is_marker || line.ptr[i] == '>';
        columns += line.ptr[i] == '\t' ? 4 : line.ptr[i] == ' ';
    }
    return markers + columns / 2;
}

// Counts what the formatter's time depends on, without formatting: brackets and marks may each look
// for a partner through the rest of their paragraph.
static void count_line(struct cost *cost, struct text line) {
    struct paragraph *paragraph = &cost->paragraph;
    size_t bars = 1;
    size_t word = 0;
    bool is_delimiter = true;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        char next = i + 1 < line.len ? line.ptr[i + 1] : ' ';
        paragraph->openings += c == '<' && (next == '?' || next == '!');
        paragraph->brackets += c == '[';
        paragraph->closing += c == ')';
        paragraph->addresses += c == '.' || c == ':' || c == '@';
        cost->marks += c == '@' ? 6 : c == '~' ? 3 : c == '*' || c == '_';
        cost->brackets += c == '[';
        bars += c == '|';
        word = c == ' ' || c == '\t' ? 0 : word + 1;
        paragraph->word = word > paragraph->word ? word : paragraph->word;
        is_delimiter = is_delimiter && c && strchr("|-: \t>", c);
    }
    paragraph->lines++;
    paragraph->bytes += line.len + 1;
    paragraph->delimiters += is_delimiter;
    paragraph->bars = bars > paragraph->bars ? bars : paragraph->bars;
}

// A definition, "[name]: address", goes on until the next one or an empty line.
static void measure_definition(struct cost *cost, struct text line) {
    bool begins = memmem(line.ptr, line.len, "]:", 2);
    if (begins) {
        cost->definition = line.len;
    } else if (cost->definition) {
        cost->definition += line.len + 1;
    }
    if (cost->definition > cost->definition_max) {
        cost->definition_max = cost->definition;
    }
}

// What cmark does with itself: brackets are matched with each other, addresses run to the end of their word,
// and a line of "|-" may turn all lines above it into a table.
static void end_paragraph(struct cost *cost) {
    const struct paragraph *ended = &cost->paragraph;
    cost->steps += ended->brackets * ended->brackets / 2 + 2 * ended->addresses * ended->word +
                   ended->closing * ended->word / 4 + ended->openings * ended->bytes / 4 +
                   ended->delimiters * (ended->bytes / 2 + STEPS_OF_TABLE);
    cost->cells += ended->delimiters ? ended->lines * ended->bars : 0;
    cost->paragraph = (struct paragraph){0};
    cost->definition = 0;
}

// The product of two counts each: either may be large alone, but together they take square time.
bool markdown_is_costly(struct text text) {
    struct cost cost = {0};
    while (text.len) {
        struct text line = next_line(&text);
        size_t nesting = count_nesting(line);
        cost.lines++;
        cost.nesting = nesting > cost.nesting ? nesting : cost.nesting;
        if (text_trim(line).len) {
            count_line(&cost, line);
            measure_definition(&cost, line);
        } else {
            end_paragraph(&cost);
        }
    }
    end_paragraph(&cost);
    return cost.steps + cost.marks * STEPS_OF_MARK > STEPS_MAX || cost.cells > CELLS_MAX ||
           cost.nesting > NESTING_MAX || cost.lines * cost.nesting > NESTED_LINES_MAX ||
           cost.brackets * cost.definition_max > LINKED_BYTES_MAX;
}
