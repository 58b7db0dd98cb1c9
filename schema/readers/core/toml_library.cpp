// SPDX-License-Identifier: MIT
// The one C++ file: toml++ in, our tree out. Nothing thrown leaves it; an allocation that fails is a
// status. The bytes were checked (toml_text.c) before the parser sees them.
// Our headers are C: a function may bear the name of a struct there.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "schema/readers/core/toml_library.h"
}
#pragma GCC diagnostic pop

#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <toml++/toml.h>

extern "C" {
#include "schema/base/limits.h"
#include "schema/readers/core/reader_add.h"
#include "schema/readers/core/toml_text.h"
}

namespace {

// Thrown to the boundary below, which turns it into MALFORMED at this line.
struct refusal {
    size_t line;
    const char *message;
};

// Builds our nodes from toml++'s. The nodes live in the arena, so a thrown exception leaves nothing
// to free. The overloads of fill() choose by the type of the TOML value.
class tree {
  public:
    tree(struct arena *arena, const struct toml_rewritten &rewritten)
        : arena_(arena), rewritten_(rewritten) {
    }

    const struct node *build(const toml::table &table) {
        struct node *root = add(nullptr, nullptr, 1);
        fill(root, table, 0);
        root->odd = rewritten_.first_line != 0;
        root->integer = static_cast<int64_t>(rewritten_.first_line);
        return root;
    }

  private:
    struct arena *arena_;
    const struct toml_rewritten &rewritten_;

    // A value without a position has line 0 in toml++. It is reported at the line of its parent.
    size_t line_of(const toml::source_position &place, size_t otherwise) {
        return place.line ? toml_rewritten_line(&rewritten_, place.line, place.column) : otherwise;
    }

    struct node *add(struct node *parent, const char *key, size_t line) {
        struct node *made = node_add(arena_, parent, key, line);
        if (!made) {
            throw std::bad_alloc();
        }
        return made;
    }

    const char *copy(std::string_view text) {
        const char *copied = arena_copy(arena_, text.data(), text.size());
        if (!copied) {
            throw std::bad_alloc();
        }
        return copied;
    }

    static bool has_nul(std::string_view text) {
        return text.find('\0') != text.npos;
    }

    static void set_other(struct node *node, const char *what) {
        node->type = NODE_OTHER;
        node->string = what;
    }

    void fill(struct node *node, const toml::table &table, size_t depth) {
        node->type = NODE_TABLE;
        for (const auto &[key, value] : table) {
            size_t line = line_of(key.source().begin, node->line);
            line = line_of(value.source().begin, line);
            if (has_nul(key.str())) {
                set_other(add(node, "\xef\xbf\xbd", line), "a key with a NUL character");
                continue;
            }
            fill(add(node, copy(key.str()), line), value, depth + 1);
        }
    }

    // The items of a list have no key.
    void fill(struct node *node, const toml::array &array, size_t depth) {
        node->type = NODE_LIST;
        for (const auto &value : array) {
            fill(add(node, nullptr, line_of(value.source().begin, node->line)), value, depth + 1);
        }
    }

    void fill(struct node *node, const toml::node &value, size_t depth) {
        if (depth > LIMIT_JSON_DEPTH) {
            throw refusal{node->line, "Arrays and tables are nested too deeply"};
        }
        if (const auto *table = value.as_table()) {
            fill(node, *table, depth);
        } else if (const auto *array = value.as_array()) {
            fill(node, *array, depth);
        } else if (const auto *text = value.as_string()) {
            fill(node, text->get());
        } else {
            fill_scalar(node, value);
        }
    }

    void fill(struct node *node, const std::string &text) {
        if (has_nul(text)) {
            set_other(node, "a string with a NUL character");
            return;
        }
        node->type = NODE_STRING;
        node->string = copy(text);
    }

    void fill_scalar(struct node *node, const toml::node &value) {
        if (const auto *integer = value.as_integer()) {
            node->type = NODE_INTEGER;
            node->integer = integer->get();
        } else if (const auto *boolean = value.as_boolean()) {
            node->type = NODE_BOOLEAN;
            node->integer = boolean->get();
        } else if (const auto *real = value.as_floating_point()) {
            fill(node, real->get());
        } else {
            fill(node, moment(value));
        }
    }

    // JSON has no NaN and no infinity, so the value is kept by its name, for the message of a
    // finding.
    static void fill(struct node *node, double real) {
        if (!__builtin_isfinite(real)) {
            set_other(node, __builtin_isnan(real) ? "NaN" : "infinity");
            return;
        }
        node->type = NODE_REAL;
        node->real = real;
    }

    // A date or time as it is written, with seconds.
    // The classic locale: the host's own could group the digits of a year ("2.026").
    static std::string moment(const toml::node &value) {
        std::ostringstream out;
        out.imbue(std::locale::classic());
        if (const auto *date = value.as_date()) {
            out << date->get();
        } else if (const auto *time = value.as_time()) {
            out << time->get();
        } else if (const auto *both = value.as_date_time()) {
            out << both->get();
        }
        return out.str();
    }
};

// Throws when the text is no TOML 1.0.
const struct node *parse(struct arena *arena, std::string_view text,
                         const struct toml_rewritten &rewritten) {
    toml::table table = toml::parse(text);
    return tree(arena, rewritten).build(table);
}

enum status refuse(const struct source_file *file, const toml::parse_error &error,
                   const struct toml_rewritten &rewritten, struct error *err) {
    const auto &place = error.source().begin;
    return reader_fail(file, toml_rewritten_line(&rewritten, place.line, place.column), err,
                       "Not TOML: %s", std::string(error.description()).c_str());
}

// The text was refused: it may be TOML 1.1.
enum status parse_newer(struct arena *arena, const struct source_file *file,
                        const toml::parse_error &refused, const struct node **ret_root,
                        struct error *err) {
    struct toml_rewritten rewritten = {};
    enum status status = toml_rewrite(arena, file, &rewritten, err);
    if (status) {
        return status;
    }
    if (!rewritten.first_line) {
        return refuse(file, refused, rewritten, err);
    }
    try {
        *ret_root = parse(arena, std::string_view(rewritten.bytes, rewritten.len), rewritten);
        return STATUS_OK;
    } catch (const toml::parse_error &error) {
        return refuse(file, error, rewritten, err);
    }
}

} // namespace

extern "C" enum status toml_parse_library(struct arena *arena, const struct source_file *file,
                                          const struct node **ret_root, struct error *err) {
    enum status status = toml_check_nesting(file, err);
    if (status) {
        return status;
    }
    try {
        try {
            std::string_view text(file->bytes ? file->bytes : "", file->len);
            *ret_root = parse(arena, text, toml_rewritten{});
            return STATUS_OK;
        } catch (const toml::parse_error &error) {
            return parse_newer(arena, file, error, ret_root, err);
        }
    } catch (const refusal &reason) {
        return reader_fail(file, reason.line, err, "%s", reason.message);
    } catch (const std::bad_alloc &) {
        return fail_no_memory(err);
    } catch (...) {
        return fail(err, STATUS_INTERNAL, file->path, "The TOML parser failed");
    }
}
