// SPDX-License-Identifier: MIT
// The handlers of packages, releases and their files: what is published, publishing it, and its life.
#pragma once

#include "registryd/request/api.h"

api_handler packages_list; // GET /v1/packages
api_handler packages_show; // GET /v1/packages/{name}
api_handler releases_show; // GET /v1/packages/{name}/releases/{version}
// PUT to the same. A release is immutable: the same again changes nothing, other content is a conflict.
api_handler releases_publish;
api_handler check_release;     // POST /v1/check: what publishing the body would say
api_handler check_admit;       // before its body is read: a file needs a token that may publish it
api_handler artifacts_publish; // POST /v1/artifacts: a wheel or an sdist, and with it its release
api_handler artifacts_admit;   // before its body is read: the file's name, pace and rights
// GET /files/{sha256}/{filename}: the address names the digest, so its answer never changes.
api_handler files_show;
api_handler attestations_show;                // GET /files/{sha256}/{filename}/attestations
api_handler lifecycle_yank, lifecycle_unyank; // …/releases/{version}/yank
api_handler lifecycle_release_status, lifecycle_package_status; // PUT …/status
api_handler statements_index;   // GET /v1/statement: every package with its last change, signed
api_handler statements_package; // GET /v1/packages/{name}/statement: what is said of it, signed
