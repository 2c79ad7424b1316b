// SPDX-License-Identifier: Apache-2.0
#include "checks/probe.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "http/client.hpp"
#include "http/tls_network.hpp"
#include "io/task.hpp"

namespace caravan::checks {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

constexpr int failing_from = 400;
constexpr int plain_ok = 200;

Outcome failed(const base::Error& error) { return {false, 0, "nomad: " + error.message}; }

io::Task<Outcome> ask_tcp(io::Network& network, const Probe& probe) {
  const base::Result<std::unique_ptr<io::Stream>> stream =
      co_await network.connect(probe.address, probe.timeout);
  if (!stream) co_return failed(stream.error());
  co_return Outcome{true, 0, "nomad: tcp ok"};
}

/// The beginning of the body; its length and its end do not matter.
io::Task<std::string> read_beginning(http::Incoming& answer) {
  std::string text;
  while (text.size() < output_bytes_max) {
    const base::Result<std::string> piece = co_await answer.read();
    if (!piece || piece->empty()) break;
    text += *piece;
  }
  text.resize(std::min(text.size(), output_bytes_max));
  co_return text;
}

/// Whom the machine believes; read once, since every probe of every service would read it.
base::Result<std::shared_ptr<const http::Tls>> tls_of(bool checks_peer) {
  static const auto careful = http::Tls::make({});
  static const auto careless = http::Tls::make({.checks_peer = false});
  return checks_peer ? careful : careless;
}

io::Task<Outcome> ask_http(io::Network& network, io::Clock& clock, const Probe& probe) {
  http::Request request;
  request.method = probe.method;
  request.target = probe.path;
  request.headers = probe.headers;
  request.body = probe.body;
  std::optional<http::TlsNetwork> secure;
  if (probe.tls) {
    const auto tls = tls_of(probe.checks_peer);
    if (!tls) co_return failed(tls.error());
    secure.emplace(network, *tls, probe.checks_peer, probe.server_name);
  }
  io::Network& over = secure ? *secure : network;
  const base::Result<std::unique_ptr<http::Incoming>> answer =
      co_await http::open(over, clock, probe.address, std::move(request), probe.timeout);
  if (!answer) co_return failed(answer.error());
  Outcome outcome;
  outcome.status_code = (*answer)->status;
  outcome.passing = outcome.status_code < failing_from;
  if (outcome.status_code == plain_ok)
    outcome.output = "nomad: http ok";
  else
    outcome.output = co_await read_beginning(**answer);
  co_return outcome;
}

}  // namespace

io::Task<Outcome> ask(io::Network& network, io::Clock& clock, Probe probe) {
  probe.timeout = std::min(probe.timeout, timeout_max);
  if (probe.kind == Probe::Kind::tcp) co_return co_await ask_tcp(network, probe);
  auto raced = co_await (ask_http(network, clock, probe) || clock.sleep(probe.timeout));
  if (raced.index() == 0) co_return std::get<0>(std::move(raced));
  co_return failed(
      {base::Code::timeout, fmt::format("{} did not answer within {}", probe.address.to_string(),
                                        base::format_duration(probe.timeout))});
}

}  // namespace caravan::checks
