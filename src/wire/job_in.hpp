// SPDX-License-Identifier: Apache-2.0
// A job as users send it, with everything they left out filled in. The defaults that are the same
// for every job are the members' initialisers in `model`; those that depend on the job's type, on
// its other parts or on "" meaning "unset" are filled in here, on the JSON, before it is decoded.
#pragma once

#include "base/result.hpp"
#include "json/value.hpp"
#include "model/job.hpp"

namespace caravan::wire {

/// Reads the object under "Job" of a register request (or what jobspec made of a file).
/// Errors: invalid, with the JSON path.
base::Result<model::Job> job_from_json(const json::Value& job);

}  // namespace caravan::wire
