// SPDX-License-Identifier: Apache-2.0
#include "agent/watch_handlers.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "http/tls_network.hpp"
#include "http/url.hpp"
#include "io/task.hpp"

namespace caravan::agent {
namespace {

constexpr const char* finder = "/usr/bin/env";  // looks along the path
/// Of what a handler says; it is for the log.
constexpr std::size_t said_max = 4096;
constexpr std::size_t hook_answer_max = 64 << 10;

std::string beginning(std::string text) {
  text.resize(std::min(text.size(), said_max));
  return base::printable(text, said_max);
}

}  // namespace

io::Task<base::Result<std::string>> tell_script(io::World& world, config::WatchScript script,
                                                std::map<std::string, std::string> environment,
                                                std::string news, std::uint64_t index) {
  io::Program program;
  program.argv = {finder};
  program.argv.insert(program.argv.end(), script.args.begin(), script.args.end());
  environment["CONSUL_INDEX"] = fmt::format("{}", index);
  for (const auto& [name, value] : environment)
    program.env.push_back(name + "=" + value);
  news += '\n';
  CO_TRY(const io::Finished finished,
         co_await world.processes.run(program, std::move(news), watch_script_max, said_max));
  std::string said = beginning(finished.out + finished.err);
  if (finished.exit_code == 0) co_return said;
  co_return base::fail(base::Code::internal,
                       fmt::format("it ended with code {}: {}", finished.exit_code, said));
}

io::Task<base::Result<std::string>> tell_hook(io::World& world, config::WatchHook hook,
                                              std::string news, std::uint64_t index) {
  CO_TRY(http::Url url, http::Url::parse(hook.url));
  http::Request request;
  request.method = hook.method;
  request.target = url.target;
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Consul-Index", fmt::format("{}", index));
  for (auto& [name, value] : hook.headers)
    request.headers.add(std::move(name), std::move(value));
  request.body = std::move(news);
  std::optional<http::TlsNetwork> secure;
  if (url.is_secure) {
    const bool checks_peer = !hook.tls_skip_verify;
    CO_TRY(const std::shared_ptr<const http::Tls> tls, http::Tls::make({.checks_peer = checks_peer}));
    secure.emplace(world.network, tls, checks_peer, "");
  }
  io::Network& over = secure ? *secure : world.network;
  CO_TRY(http::Response answer, co_await http::fetch(over, world.clock, url.address,
                                                     std::move(request), hook.timeout,
                                                     hook_answer_max));
  std::string said = beginning(std::move(answer.body));
  if (answer.status >= 200 && answer.status < 300) co_return said;
  co_return base::fail(base::Code::internal, fmt::format("it answered {}: {}", answer.status, said));
}

}  // namespace caravan::agent
