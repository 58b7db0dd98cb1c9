// SPDX-License-Identifier: MIT
// GET /v1/requirements: a resolution as requirements that pip installs.
#pragma once

#include "registryd/request/api.h"

enum status requirements_show(struct api *api, const struct request *request, struct reply *reply,
                              struct findings *findings, struct error *err);
