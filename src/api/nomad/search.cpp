// SPDX-License-Identifier: Apache-2.0
// Finding objects by the beginning of their id, or by a part of their name.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "api/nomad/search_matches.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr std::size_t fuzzy_text_min = 2;

struct Asked {
  std::string text, context;
};

base::Result<Asked> asked(const Call& call, const char* key) {
  TRY(const json::Value body, body_object(call));
  Asked given;
  if (const std::string* text = body.at(key).as_string()) given.text = *text;
  if (const std::string* context = body.at("Context").as_string()) given.context = *context;
  if (given.context.empty()) given.context = "all";
  if (given.context == "all" || is_search_context(given.context)) return given;
  return base::invalid(
      fmt::format("context must be one of {} or 'all' for all contexts; got \"{}\"",
                  search_contexts(), base::printable(given.context, 64)));
}

std::string with_meta(const std::string& matches, std::uint64_t index) {
  return fmt::format("{{{},\"Index\":{},\"LastContact\":0,\"KnownLeader\":true}}", matches, index);
}

}  // namespace

std::vector<Route> search_routes(const Readers& readers) {
  const auto answer_with = [readers](Call& call, const char* key, auto find) -> Task<Result> {
    CO_TRY(const Asked given, asked(call, key));
    if (std::string_view(key) == "Text" && given.text.size() < fuzzy_text_min)
      co_return base::invalid(
          fmt::format("fuzzy search query must be at least {} characters, got {}", fuzzy_text_min,
                      given.text.size()));
    const state::Snapshot snapshot = readers.store.snapshot();
    Answer answer;
    answer.index = std::max<std::uint64_t>(snapshot->index, 1);
    answer.is_read = true;
    answer.body = with_meta(
        find(*snapshot, SearchQuestion{given.text, given.context, call.ns(), &call.caller}),
        answer.index);
    co_return answer;
  };
  const Need asks{
      Capability::anyone, Scope::handler,
      "shows what list-jobs, read-job, node:read and node_pool:read let the caller see"};
  return {
      {"PUT POST", "/v1/search", asks,
       [answer_with](Call& call) { return answer_with(call, "Prefix", prefix_matches); }},
      {"PUT POST", "/v1/search/fuzzy", asks,
       [answer_with](Call& call) { return answer_with(call, "Text", fuzzy_matches); }},
  };
}

}  // namespace caravan::api::nomad
