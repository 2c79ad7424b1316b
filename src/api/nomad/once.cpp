// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "api/acl_shapes.hpp"
#include "api/nomad/job_page.hpp"
#include "api/nomad/pages.hpp"

namespace caravan::api::nomad {
namespace {

bool is_token(std::uint64_t kind) {
  return kind == wire::kind_of<wire::UpsertAclTokens>() ||
         kind == wire::kind_of<wire::BootstrapAcl>();
}

Answer of_evaluation(const state::Tables& tables, const model::DoneRequest& done) {
  server::JobReply reply;
  reply.index = done.index;
  reply.eval_id = base::EvalId(done.made);
  if (const state::Ref<model::Evaluation> eval = tables.eval(reply.eval_id)) {
    reply.eval_create_index = eval->create_index;
    if (const state::Ref<model::Job> job = tables.job(eval->job()))
      reply.job_modify_index = job->job_modify_index;
  }
  return written(reply);
}

}  // namespace

base::Result<Answer> again(const state::Tables& tables, const model::DoneRequest& done,
                           std::string_view, const acl::Authorized&) {
  if (done.refused)
    return base::fail(base::Code::conflict,
                      fmt::format("refused at index {}: it was not as expected", done.index));
  Answer answer;
  if (is_token(done.kind)) {
    const state::Ref<model::AclToken> token = tables.acl_token(done.made);
    if (!token)
      return base::fail(base::Code::timeout,
                        "the token was made, and is gone again: what it was is not known");
    answer = json_answer(acl_token_json(*token, tables));
  } else if (!done.made.is_nil()) {
    return of_evaluation(tables, done);
  } else {
    answer = json_answer(json::Object{{"Index", done.index}});
  }
  answer.index = done.index;
  return answer;
}

}  // namespace caravan::api::nomad
