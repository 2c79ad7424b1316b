// SPDX-License-Identifier: Apache-2.0
#include "cli/top/asking.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "cli/format.hpp"
#include "http/client.hpp"
#include "io/linux/clock.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"

namespace caravan::cli::top {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

constexpr base::Duration list_timeout = 5s;
constexpr base::Duration use_timeout = 1s, uses_timeout = 5s;
constexpr std::size_t body_bytes_max = 256 * 1024 * 1024;

/// By the agent, and not by a certificate.
bool is_refusal(const base::Error& error) {
  return error.code == base::Code::denied && error.message.starts_with("Unexpected response");
}

}  // namespace

struct Asking::List {
  const char* path;
  Params params;
  const char* name;  // what the picture calls it when the token may not see it
  json::Value Answers::*place;
  base::Result<json::Value> answer = json::Value();
};

struct Asking::Round {
  UseBook& book;
  std::vector<std::pair<std::string, std::string>> allocs;  // id and namespace
  std::size_t next = 0;
};

io::Task<base::Result<json::Value>> Asking::ask(const std::string& path, Params params,
                                                base::Duration timeout) {
  io::linux_world::Clock clock;
  http::Request request = client_.request("GET", path, std::move(params));
  const base::Result<http::Response> response = co_await http::fetch(
      client_.network(), clock, client_.address(), std::move(request), timeout, body_bytes_max);
  if (!response) co_return std::unexpected(response.error());
  if (response->status != 200)
    co_return std::unexpected(response_error(response->status, response->body));
  co_return json::parse(response->body);
}

io::Task<bool> Asking::ask_lists(std::vector<List>& lists, std::size_t& next) {
  while (next < lists.size()) {
    List& list = lists[next++];
    list.answer = co_await ask(list.path, list.params, list_timeout);
    if (!list.answer && !is_refusal(list.answer.error()))
      next = lists.size();  // an agent that does not answer is not asked seven times
  }
  co_return true;
}

io::Task<base::Result<Answers>> Asking::lists() {
  std::vector<List> lists = {
      {"/v1/allocations",
       {{"resources", "true"}, {"task_states", "false"}, {"namespace", "*"}},
       "allocations",
       &Answers::allocs},
      {"/v1/nodes", {{"resources", "true"}}, "nodes", &Answers::nodes},
      {"/v1/jobs", {}, "jobs", &Answers::jobs},
      {"/v1/deployments", {}, "deployments", &Answers::deployments},
      {"/v1/evaluations", {{"status", "blocked"}}, "evaluations", &Answers::evals},
      {"/v1/agent/members", {}, "servers", &Answers::members},
      {"/v1/status/leader", {}, "leader", &Answers::leader}};
  std::size_t next = 0;
  (void)co_await (ask_lists(lists, next) && ask_lists(lists, next));
  Answers answers;
  base::Error refusal;
  for (List& list : lists) {
    if (list.answer) {
      answers.*list.place = std::move(*list.answer);
      continue;
    }
    if (!is_refusal(list.answer.error())) co_return std::unexpected(list.answer.error());
    answers.refused.push_back(list.name);
    refusal = list.answer.error();
  }
  const bool shows_nothing = answers.nodes.is_null() && answers.jobs.is_null();
  if (shows_nothing) co_return std::unexpected(refusal);
  co_return answers;
}

io::Task<bool> Asking::ask_uses(Round& round) {
  while (round.next < round.allocs.size()) {
    const auto& [id, ns] = round.allocs[round.next++];
    const std::string path = fmt::format("/v1/client/allocation/{}/stats", id);
    Params params = {{"namespace", ns}};
    const base::Result<json::Value> stats = co_await ask(path, std::move(params), use_timeout);
    round.book.note(id, stats ? std::optional(use_of(*stats)) : std::nullopt);
  }
  co_return true;
}

io::Task<void> Asking::uses(const json::Value& allocs, UseBook& book, std::size_t count) {
  std::map<std::string, std::string> namespaces;
  for (const json::Value& alloc : list(allocs))
    namespaces[text(alloc, "ID")] = text(alloc, "Namespace");
  Round round = {book, {}};
  for (const std::string& id : book.next(running_ids(allocs), count))
    round.allocs.emplace_back(id, namespaces[id]);
  io::linux_world::Clock clock;
  (void)co_await ((ask_uses(round) && ask_uses(round)) || clock.sleep(uses_timeout));
}

}  // namespace caravan::cli::top
