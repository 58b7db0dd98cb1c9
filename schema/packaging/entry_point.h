// SPDX-License-Identifier: MIT
// The entry-point grammar (PyPA "Entry points specification"): group, name, object reference
// `module[:attr] [extras]`. Pure functions, callable from any thread.
#pragma once

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/base/text.h"

struct entry_point {
    const char *group; // "crm.plugins"
    const char *name;  // "mail"
    const char *value; // the object reference
};

// The three parts of a value; views into it. `attr` and `extras` may be empty.
// "crm.mail:Plugin.create [smtp]" is the module "crm.mail", the attribute "Plugin.create" and the
// extras "smtp". A host imports the module and follows the attribute; nothing is imported here.
struct object_reference {
    struct text module; // "crm.mail"
    struct text attr;   // "Plugin.create"; empty: the module itself
    struct text extras; // between the brackets
};

// Each fails with INVALID, and the message says what is wanted and what was found. docs/FIELDS.md says what
// becomes of each text, and why these are the rules.

// A group that can be indexed: ^[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*$, at most LIMIT_GROUP_BYTES.
enum status entry_point_group_check(struct text group, struct error *err);

// Whether a registry may hold the group: what can be indexed, and what older versions took (letters
// beyond ASCII). For questions about what is stored, never for what is to be stored.
bool entry_point_group_may_be_stored(struct text group);

// The left side of a line of entry_points.txt, read back as the same name.
enum status entry_point_name_check(struct text name, struct error *err);

// Whether the entry points of a group are made into files: "console_scripts", "gui_scripts".
bool entry_point_group_is_scripts(struct text group);

// A name of a script: an entry-point name that is one file name on every system.
enum status script_name_check(struct text name, struct error *err);

// The right side: "module[:attribute] [extras]", of Python identifiers that are no keywords.
enum status object_reference_parse(struct text value, struct object_reference *ret_reference,
                                   struct error *err);

// A script calls a function, so its reference has an attribute.
enum status script_reference_check(const struct object_reference *reference, struct error *err);

// Whether a part of a module's name stands for a folder: it is called so, or with hyphens, which Python's import
// system takes and the grammar above does not. "my_crm" stands for "my_crm" and "my-crm".
bool module_part_is_folder(struct text part, struct text folder);
