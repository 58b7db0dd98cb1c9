// SPDX-License-Identifier: MIT
// GET /v1/snapshot: the resolution of a question as a snapshot file, which hosts keep and read offline.
#pragma once

#include "registryd/request/api.h"

enum status snapshot_answer(struct api *api, const struct request *request, struct reply *reply,
                            struct findings *findings, struct error *err);
