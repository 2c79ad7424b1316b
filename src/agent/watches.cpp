// SPDX-License-Identifier: Apache-2.0
#include "agent/watches.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/post.hpp>
#include <fmt/core.h>

#include "agent/watch_handlers.hpp"
#include "base/text.hpp"
#include "json/reader.hpp"

namespace caravan::agent {
namespace {

using namespace std::chrono_literals;

/// After an answer that was handed on: a storm of changes is heard in gulps.
constexpr base::Duration gulp = 100ms;
constexpr base::Duration watch_retry = 1s, watch_retry_max = 30s;
/// Not for ever, so that a server that was cut off is not waited for.
constexpr const char* watch_wait = "1m";

std::string target_of(const config::WatchDefinition& definition, const config::Watching& watching) {
  std::string target = watching.question().path;
  char before = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    target += std::exchange(before, '&');
    target += fmt::format("{}={}", name, base::percent_encode(value));
  };
  for (const auto& [name, value] : watching.question().params)
    add(name, value);
  if (!definition.datacenter.empty()) add("dc", definition.datacenter);
  if (watching.index() == 0) return target;
  add("index", fmt::format("{}", watching.index()));
  add("wait", watch_wait);
  return target;
}

std::string named(const config::WatchDefinition& watch) {
  const config::WatchSubject& s = watch.subject;
  const std::string what = s.key + s.prefix + s.service + s.state + s.name;
  return what.empty() ? s.type : s.type + " " + what;
}

}  // namespace

Watches::Watches(io::World& world, Ask ask, std::map<std::string, std::string> environment,
                 io::Logger log)
    : world_(world),
      ask_(std::move(ask)),
      environment_(std::move(environment)),
      log_(std::move(log)) {}

void Watches::want(std::vector<config::WatchDefinition> wanted) {
  boost::asio::post(world_.executor.lane(io::Lane::client),
                    [this, wanted = std::move(wanted)]() mutable { begin(std::move(wanted)); });
}

void Watches::begin(std::vector<config::WatchDefinition> wanted) {
  if (is_over_) return;
  ended_.remove_if([](const Running& one) { return one.tasks->running() == 0; });
  std::list<Running> before = std::exchange(running_, {});
  for (config::WatchDefinition& definition : wanted) {
    const auto same = std::ranges::find(before, definition, &Running::definition);
    if (same != before.end()) {
      running_.splice(running_.end(), before, same);
      continue;
    }
    const auto lane = world_.executor.lane(io::Lane::client);
    running_.push_back({definition, std::make_unique<io::TaskGroup>(lane)});
    running_.back().tasks->spawn(run(std::move(definition)));
  }
  for (Running& one : before)
    one.tasks->cancel();
  ended_.splice(ended_.end(), before);
}

io::Task<void> Watches::stop() {
  co_await io::on(world_.executor.lane(io::Lane::client), end_all());
}

io::Task<void> Watches::end_all() {
  is_over_ = true;
  for (std::list<Running>* all : {&running_, &ended_})
    for (Running& one : *all)
      co_await one.tasks->stop();
}

io::Task<void> Watches::run(config::WatchDefinition definition) {
  const base::Result<config::WatchQuestion> question =
      config::watch_question(definition.subject, "");
  if (!question) co_return;  // such a definition is not made
  config::Watching watching(*question);
  // Events outlive agents here: those that were fired before it began are none of its business.
  bool tells = question->shows != config::WatchQuestion::Shows::new_events;
  base::Duration again = watch_retry;
  while (true) {
    const base::Status looked = co_await look(definition, watching, tells);
    if (looked) {
      again = watch_retry;
      // What is not there yet cannot be waited for.
      const base::Duration rest = watching.index() == 0 ? watch_retry : gulp;
      co_await world_.clock.sleep(rest);
      continue;
    }
    if (again == watch_retry)
      log_.warn("a watch cannot be asked for",
                {{"watch", named(definition)}, {"error", looked.error().message}});
    co_await world_.clock.sleep(again);
    again = std::min(2 * again, watch_retry_max);
    watching.lose_track();
  }
}

io::Task<base::Status> Watches::look(const config::WatchDefinition& definition,
                                     config::Watching& watching, bool& tells) {
  std::string target = target_of(definition, watching);
  CO_TRY(http::Response answer, co_await ask_(std::move(target), definition.token));
  const bool is_nothing = answer.status == 404;  // of a key that is not there
  const std::string& body = answer.shared ? answer.shared->plain() : answer.body;
  if (answer.status != 200 && !is_nothing)
    co_return base::fail(base::Code::internal,
                         fmt::format("{}: {}", answer.status, base::printable(body, 200)));
  const base::Result<json::Value> read =
      is_nothing ? base::Result<json::Value>() : json::parse(body);
  if (!read) co_return std::unexpected(read.error());
  const std::string header(answer.headers.get("X-Consul-Index"));
  std::uint64_t index = 0;
  std::from_chars(header.data(), header.data() + header.size(), index);
  std::optional<std::string> news = watching.see(*read, index);
  if (std::exchange(tells, true) && news)
    co_await tell(definition, *std::move(news), watching.index());
  co_return base::Status();
}

io::Task<void> Watches::tell(const config::WatchDefinition& definition, std::string news,
                             std::uint64_t index) {
  base::Result<std::string> told;
  if (const auto* script = std::get_if<config::WatchScript>(&definition.handler))
    told = co_await tell_script(world_, *script, environment_, std::move(news), index);
  else if (const auto* hook = std::get_if<config::WatchHook>(&definition.handler))
    told = co_await tell_hook(world_, *hook, std::move(news), index);
  if (told)
    log_.debug("a watch told its handler", {{"watch", named(definition)}, {"said", *told}});
  else
    log_.warn("a watch's handler failed",
              {{"watch", named(definition)}, {"error", told.error().message}});
}

}  // namespace caravan::agent
