// SPDX-License-Identifier: Apache-2.0
// What the pages about jobs have in common.
#pragma once

#include "api/route.hpp"
#include "server/jobs.hpp"

namespace caravan::api::nomad {

/// The job that the path and ?namespace= name.
inline base::JobId job_of(const Call& call) { return {call.ns(), call.param("id")}; }

inline std::unexpected<base::Error> job_not_found() {
  return base::fail(base::Code::not_found, "job not found");
}

/// A write to a job, as its answer tells of it.
Answer written(const server::JobReply& reply);
/// The body's JobID, when it has one, must be that of the path. Errors: invalid.
base::Status check_job_id(const Call& call, const json::Value& body);

}  // namespace caravan::api::nomad
