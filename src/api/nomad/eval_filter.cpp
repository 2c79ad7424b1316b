// SPDX-License-Identifier: Apache-2.0
#include "api/nomad/eval_filter.hpp"

#include <algorithm>
#include <set>

#include "api/shapes.hpp"
#include "expr/filter.hpp"
#include "json/reader.hpp"

namespace caravan::api::nomad {

base::Result<std::vector<base::EvalId>> matching_evals(
    const state::Tables& tables, const std::function<bool(const std::string&)>& in,
    const std::string& expression) {
  std::optional<expr::Filter> filter;
  if (!expression.empty()) {
    TRY(filter, expr::Filter::parse(expression));
  }
  std::vector<base::EvalId> ids;
  std::optional<base::Error> failure;
  tables.evals.each([&](const base::EvalId& id, const state::Ref<model::Evaluation>& eval) {
    if (failure || !in(eval->ns)) return;
    if (filter) {
      const base::Result<json::Value> value = json::parse(eval_json(*eval));
      const base::Result<bool> matches = value ? filter->matches(*value) : false;
      if (!matches) failure = matches.error();
      if (!matches || !*matches) return;
    }
    ids.push_back(id);
  });
  if (failure) return std::unexpected(*failure);
  return ids;
}

std::vector<state::Ref<model::Evaluation>> related_evals(const state::Tables& tables,
                                                         const model::Evaluation& eval) {
  std::set<base::EvalId> seen = {eval.id};
  std::vector<state::Ref<model::Evaluation>> found;
  std::vector<const model::Evaluation*> open = {&eval};
  while (!open.empty()) {
    const model::Evaluation* at = open.back();
    open.pop_back();
    for (const base::EvalId& id : {at->previous_eval, at->next_eval, at->blocked_eval}) {
      const state::Ref<model::Evaluation> other = tables.eval(id);
      if (!other || !seen.insert(id).second) continue;
      found.push_back(other);
      open.push_back(other.get());
    }
  }
  std::ranges::sort(found, {}, [](const auto& e) { return std::pair(e->create_index, e->id); });
  return found;
}

}  // namespace caravan::api::nomad
