// SPDX-License-Identifier: MIT
// What pages show of texts and archives from strangers, made in the confined process and kept: a description as markup,
// the list of an archive's files, one of its files as markup. Answers are kept in memory by the digest of what they were
// made of, within VIEWER_KEPT_BYTES, so each is made once.
#pragma once

#include "registryd/extract/extractor.h"
#include "schema/base/arena.h"
#include "schema/base/text.h"

enum { VIEWER_KEPT_BYTES = 16 * 1024 * 1024, VIEWER_ANSWER_BYTES = 2 * 1024 * 1024 };

struct viewer;

// Puts the bytes that the task needs into a file of their own, at their offsets. Fails as it likes.
typedef enum status viewer_filler(void *context, int fd, struct error *err);

struct viewer_task {
    const char *word;      // what to do, as registryd-extract knows it; static
    const char *line;      // what it needs to know; one line
    const uint8_t *sha256; // of what is looked at; borrowed
    size_t size;           // of the file
    viewer_filler *fill;
    void *context; // of fill; borrowed
};

// The processes are others than those of uploads, so readers of pages do not keep publishers waiting.
// Owned. Fails with: IO, NO_MEMORY.
enum status viewer_open(const struct extractor_settings *settings, struct viewer **ret_viewer,
                        struct error *err);
void viewer_close(struct viewer *viewer); // NULL is nothing

// The answer to a task, in the arena: whatever the process says, so nothing in it is to be believed. Any thread.
// Fails with: INVALID (it crashed or took too long), TOO_MANY, INTERNAL, NO_MEMORY; as `fill`.
enum status viewer_ask(struct viewer *viewer, struct arena *arena, const struct viewer_task *task,
                       struct text *ret_answer, struct error *err);

// A description. Fails as viewer_ask does.
enum status viewer_ask_readme(struct viewer *viewer, struct arena *arena, const char *description,
                              const char *content_type, struct text *ret_markup, struct error *err);
