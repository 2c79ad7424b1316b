// SPDX-License-Identifier: Apache-2.0
// DELETE /v1/evaluations: by id, or all that an expression matches.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/eval_filter.hpp"
#include "api/nomad/pages.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;
using Ids = std::vector<base::EvalId>;

base::Result<Ids> named_ids(const json::Array& names) {
  if (names.size() > server::eval_ids_max)
    return base::invalid(
        fmt::format("EvalIDs: {} of them, at most {}", names.size(), server::eval_ids_max));
  Ids ids;
  for (const json::Value& name : names) {
    const std::string* text = name.as_string();
    const auto id = base::EvalId::parse(text ? *text : "");
    if (!id || id->is_nil()) return base::invalid("EvalIDs: not a list of whole ids");
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace

std::vector<Route> eval_deletion_routes(const Readers& readers, server::Operator& operators) {
  const Handler remove = [readers, &operators](Call& call) -> Task<Result> {
    CO_TRY(const json::Value body, body_object(call));
    const json::Array* names = body.at("EvalIDs").as_array();
    const std::string* expression = body.at("Filter").as_string();
    const bool by_id = names && !names->empty(), by_filter = expression && !expression->empty();
    if (by_id == by_filter)
      co_return base::invalid("either EvalIDs or Filter must be given, and not both");
    const auto everywhere = [](const std::string&) { return true; };
    CO_TRY(Ids ids, by_id ? named_ids(*names)
                          : matching_evals(*readers.store.snapshot(), everywhere, *expression));
    std::size_t count = 0;
    Answer answer;
    CO_TRY(answer.index, co_await operators.delete_evals(std::move(ids), by_id, count));
    answer.body = fmt::format("{{\"Count\":{},\"Index\":{}}}", count, answer.index);
    co_return answer;
  };
  return {{"DELETE", "/v1/evaluations", Capability::management, remove}};
}

}  // namespace caravan::api::nomad
