// SPDX-License-Identifier: Apache-2.0
#include "api/nomad/job_page.hpp"

#include "json/writer.hpp"

namespace caravan::api::nomad {

Answer written(const server::JobReply& reply) {
  Answer answer;
  answer.index = reply.index;
  answer.body = json::to_string(
      json::Object{{"EvalID", reply.eval_id.is_nil() ? "" : reply.eval_id.to_string()},
                   {"EvalCreateIndex", reply.eval_create_index},
                   {"JobModifyIndex", reply.job_modify_index},
                   {"Warnings", reply.warnings},
                   {"Index", reply.index},
                   {"LastContact", 0},
                   {"KnownLeader", false},
                   {"NextToken", ""}});
  return answer;
}

base::Status check_job_id(const Call& call, const json::Value& body) {
  const std::string* named = body.at("JobID").as_string();
  if (named && !named->empty() && *named != call.param("id"))
    return base::invalid("Job ID does not match");
  return {};
}

}  // namespace caravan::api::nomad
