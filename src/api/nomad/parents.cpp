// SPDX-License-Identifier: Apache-2.0
// Jobs that others come from: forced launches of periodic ones, dispatches of parameterized ones.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "json/writer.hpp"
#include "wire/json_in.hpp"

namespace caravan::api::nomad {
namespace {

using io::Task;
using Result = base::Result<Answer>;

base::JobId job_of(const Call& call) { return {call.ns(), call.param("id")}; }

class ParentPage {
 public:
  ParentPage(server::Periodic& periodic, server::Dispatches& dispatches)
      : periodic_(periodic), dispatches_(dispatches) {}

  Task<Result> force(Call& call) {
    CO_TRY(const server::Launched launched, co_await periodic_.force(job_of(call)));
    Answer answer;
    answer.index = launched.index;
    answer.body = json::to_string(json::Object{{"EvalID", launched.eval_id.to_string()},
                                               {"EvalCreateIndex", launched.index},
                                               {"Index", launched.index}});
    co_return answer;
  }

  Task<Result> dispatch(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    server::DispatchRequest request;
    if (const std::string* job = body.at("JobID").as_string();
        job && !job->empty() && *job != call.param("id"))
      co_return base::invalid("Job ID does not match");
    if (!body.at("Payload").is_null()) {
      const std::string* text = body.at("Payload").as_string();
      if (!text) co_return base::invalid("Payload: not a string");
      const base::Result<std::string> payload = base::base64_decode(*text);
      if (!payload) co_return base::invalid("Payload: not base64");
      request.payload = *payload;
    }
    if (!body.at("Meta").is_null()) {
      const json::Object* meta = body.at("Meta").as_object();
      if (!meta) co_return base::invalid("Meta: not an object");
      for (const json::Member& member : *meta) {
        const std::string* value = member.value.as_string();
        if (!value)
          co_return base::invalid("Meta." + base::printable(member.name, 64) + ": not a string");
        request.meta[member.name] = *value;
      }
    }
    if (const std::string* prefix = body.at("IdPrefixTemplate").as_string())
      request.id_prefix = *prefix;
    if (!body.at("Priority").is_null()) {
      const auto priority = body.at("Priority").as_int();
      if (!priority || *priority < 0 || *priority > 100)
        co_return base::invalid("Priority: not a number of 1..100");
      request.priority = static_cast<int>(*priority);
    }
    co_return co_await send(call, std::move(request));
  }

  /// The body is the payload as it is.
  Task<Result> dispatch_payload(Call& call) {
    server::DispatchRequest request;
    request.payload = call.request.body;
    co_return co_await send(call, std::move(request));
  }

 private:
  Task<Result> send(Call& call, server::DispatchRequest request) {
    request.idempotency_token = call.request.query.get("idempotency_token");
    if (request.idempotency_token.size() > token_max)
      co_return base::invalid("idempotency_token: longer than 256 characters");
    CO_TRY(const server::DispatchReply reply,
           co_await dispatches_.dispatch(job_of(call), std::move(request)));
    Answer answer;
    answer.index = reply.index;
    const std::string eval = reply.eval_id.is_nil() ? "" : reply.eval_id.to_string();
    answer.body = json::to_string(json::Object{{"DispatchedJobID", reply.job_id},
                                               {"EvalID", eval},
                                               {"EvalCreateIndex", reply.eval_create_index},
                                               {"JobCreateIndex", reply.job_create_index},
                                               {"Index", reply.index}});
    co_return answer;
  }

  static constexpr std::size_t token_max = 256;

  server::Periodic& periodic_;
  server::Dispatches& dispatches_;
};

}  // namespace

std::vector<Route> parent_routes(server::Periodic& periodic, server::Dispatches& dispatches) {
  const auto page = std::make_shared<ParentPage>(periodic, dispatches);
  const auto to = handlers_of(page);
  using acl::Capability;
  return {
      {"PUT POST", "/v1/job/:id/periodic/force", Capability::force_periodic_job,
       to(&ParentPage::force)},
      {"PUT POST", "/v1/job/:id/dispatch", Capability::dispatch_job, to(&ParentPage::dispatch)},
      {"PUT POST", "/v1/job/:id/dispatch/payload", Capability::dispatch_job,
       to(&ParentPage::dispatch_payload)},
  };
}

}  // namespace caravan::api::nomad
