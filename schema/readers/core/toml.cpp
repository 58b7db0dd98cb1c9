// SPDX-License-Identifier: MIT
// The one C++ file: toml++ in, our tree out. Nothing thrown leaves it; an allocation that fails is a
// status. The bytes were checked (toml_nesting.c) before the parser sees them.
// Our headers are C: a function may bear the name of a struct there.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#include "schema/readers/core/toml.h"
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
}

namespace {

// Thrown to the boundary below, which turns it into MALFORMED at this line.
struct refusal {
    size_t line;
    const char *message;
};

size_t line_of(const toml::node &value, size_t otherwise) {
    size_t line = value.source().begin.line;
    return line ? line : otherwise;
}

class tree {
  public:
    explicit tree(struct arena *arena) : arena_(arena) {
    }

    const struct node *build(const toml::table &table) {
        struct node *root = add(nullptr, nullptr, 1);
        fill(root, table, 0);
        return root;
    }

  private:
    struct arena *arena_;

    struct node *add(struct node *parent, const char *key, size_t line) {
        struct node *made = node_add(arena_, parent, key, line);
        if (!made) {
            throw std::bad_alloc();
        }
        return made;
    }

    const char *copy(std::string_view text, size_t line) {
        if (text.find('\0') != text.npos) {
            throw refusal{line, "A NUL stands in a text"};
        }
        const char *copied = arena_copy(arena_, text.data(), text.size());
        if (!copied) {
            throw std::bad_alloc();
        }
        return copied;
    }

    void fill(struct node *node, const toml::table &table, size_t depth) {
        node->type = NODE_TABLE;
        for (const auto &[key, value] : table) {
            size_t line = key.source().begin.line;
            line = line_of(value, line ? line : node->line);
            fill(add(node, copy(key.str(), line), line), value, depth + 1);
        }
    }

    void fill(struct node *node, const toml::array &array, size_t depth) {
        node->type = NODE_LIST;
        for (const auto &value : array) {
            fill(add(node, nullptr, line_of(value, node->line)), value, depth + 1);
        }
    }

    void fill(struct node *node, const toml::node &value, size_t depth) {
        if (depth > LIMIT_JSON_DEPTH) {
            throw refusal{node->line, "Arrays and tables are nested too deep"};
        }
        if (const auto *table = value.as_table()) {
            fill(node, *table, depth);
        } else if (const auto *array = value.as_array()) {
            fill(node, *array, depth);
        } else if (const auto *text = value.as_string()) {
            node->type = NODE_STRING;
            node->string = copy(text->get(), node->line);
        } else {
            fill_scalar(node, value);
        }
    }

    void fill_scalar(struct node *node, const toml::node &value) {
        if (const auto *integer = value.as_integer()) {
            node->type = NODE_INTEGER;
            node->integer = integer->get();
        } else if (const auto *boolean = value.as_boolean()) {
            node->type = NODE_BOOLEAN;
            node->integer = boolean->get();
        } else if (const auto *real = value.as_floating_point()) {
            if (!__builtin_isfinite(real->get())) {
                throw refusal{node->line, "Infinity and NaN are no numbers that JSON can say"};
            }
            node->type = NODE_REAL;
            node->real = real->get();
        } else {
            node->type = NODE_STRING;
            node->string = copy(moment(value), node->line);
        }
    }

    // A date or time as it is written.
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

} // namespace

extern "C" enum status toml_parse(struct arena *arena, const struct source_file *file,
                                  const struct node **ret_root, struct error *err) {
    enum status status = reader_check_bytes(file, LIMIT_TOML_BYTES, err);
    if (!status) {
        status = toml_check_nesting(file, err);
    }
    if (status) {
        return status;
    }
    try {
        toml::table table =
            toml::parse(std::string_view(file->bytes ? file->bytes : "", file->len));
        *ret_root = tree(arena).build(table);
        return STATUS_OK;
    } catch (const toml::parse_error &error) {
        return reader_fail(file, error.source().begin.line, err, "Not TOML: %s",
                           std::string(error.description()).c_str());
    } catch (const refusal &reason) {
        return reader_fail(file, reason.line, err, "%s", reason.message);
    } catch (const std::bad_alloc &) {
        return fail_no_memory(err);
    } catch (...) {
        return fail(err, STATUS_INTERNAL, file->path, "The TOML parser failed");
    }
}
