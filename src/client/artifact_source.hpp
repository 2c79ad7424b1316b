// SPDX-License-Identifier: Apache-2.0
// What an artifact block asks for, in the words of the program that brings it. Pure.
#pragma once

#include "base/result.hpp"
#include "fetch/request.hpp"
#include "model/task.hpp"

namespace caravan::client {

/// `artifact` is interpolated. Fills what follows from the block: where from, checksum, archive,
/// mode, destination (relative to the task's folder). Parameters of the URL named `checksum`,
/// `archive` and `filename` are ours and do not reach the server; further options become
/// parameters. Errors: invalid (what is wrong), unsupported (git, hg, s3, gcs).
base::Result<fetch::Request> fetch_request(const model::Artifact& artifact);

}  // namespace caravan::client
