// SPDX-License-Identifier: Apache-2.0
#include "checks/probe.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "checks/grpc_health.hpp"
#include "checks/http2.hpp"
#include "http/client.hpp"
#include "http/tls_network.hpp"
#include "io/task.hpp"

namespace caravan::checks {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

constexpr int failing_from = 400;
constexpr int plain_ok = 200, well_below = 300, too_many = 429;
/// What is sent to a service that answers packets; it need not understand it.
constexpr const char* packet = "caravan";

using model::Health;

Outcome failed(const base::Error& error) {
  Outcome outcome;
  outcome.output = error.message;
  return outcome;
}

Outcome passed(std::string output) {
  return {.passing = true, .health = Health::passing, .output = std::move(output), .location = {}};
}

io::Task<Outcome> ask_tcp(io::Network& network, const Probe& probe) {
  const base::Result<std::unique_ptr<io::Stream>> stream =
      co_await network.connect(probe.address, probe.timeout);
  if (!stream) co_return failed(stream.error());
  co_return passed("tcp ok");
}

/// The beginning of the body; its length and its end do not matter.
io::Task<std::string> read_beginning(http::Incoming& answer, std::size_t most) {
  std::string text;
  while (text.size() < most) {
    const base::Result<std::string> piece = co_await answer.read();
    if (!piece || piece->empty()) break;
    text += *piece;
  }
  text.resize(std::min(text.size(), most));
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
  const bool is_well = outcome.status_code >= plain_ok && outcome.status_code < well_below;
  outcome.health = is_well                             ? Health::passing
                   : outcome.status_code == too_many ? Health::warning
                                                       : Health::critical;
  outcome.location = (*answer)->headers.get("Location");
  outcome.is_quoted = true;
  outcome.output = co_await read_beginning(**answer, probe.output_max);
  co_return outcome;
}

/// A connection on which HTTP/2 is spoken.
io::Task<base::Result<std::unique_ptr<io::Stream>>> connect_http2(io::Network& network,
                                                                  const Probe& probe) {
  CO_TRY(std::unique_ptr<io::Stream> stream,
         co_await network.connect(probe.address, probe.timeout));
  if (!probe.tls) co_return stream;
  CO_TRY(const std::shared_ptr<const http::Tls> tls, tls_of(probe.checks_peer));
  std::string name = probe.server_name.empty() ? probe.address.host : probe.server_name;
  std::vector<std::string> protocols = {"h2"};
  CO_TRY(std::unique_ptr<io::Stream> secured,
         co_await tls->connect(std::move(stream), std::move(name), probe.checks_peer,
                               std::move(protocols)));
  co_return secured;
}

io::Task<Outcome> ask_h2ping(io::Network& network, const Probe& probe) {
  base::Result<std::unique_ptr<io::Stream>> stream = co_await connect_http2(network, probe);
  if (!stream) co_return failed(stream.error());
  const base::Status answered = co_await ping(*std::move(stream));
  if (!answered) co_return failed(answered.error());
  co_return passed("h2 ping ok");
}

io::Task<Outcome> ask_grpc(io::Network& network, const Probe& probe) {
  base::Result<std::unique_ptr<io::Stream>> stream = co_await connect_http2(network, probe);
  if (!stream) co_return failed(stream.error());
  Call asked{probe.tls ? "https" : "http", probe.address.to_string(), health_method,
             health_question(probe.grpc_service)};
  const base::Result<CallAnswer> answer = co_await call(*std::move(stream), std::move(asked));
  if (!answer) co_return failed(answer.error());
  const std::string complaint = health_complaint(*answer);
  if (!complaint.empty()) co_return failed({base::Code::io, complaint});
  co_return passed("grpc ok");
}

io::Task<Outcome> ask_this(io::Network& network, io::Clock& clock, const Probe& probe) {
  if (probe.kind == Probe::Kind::grpc) co_return co_await ask_grpc(network, probe);
  if (probe.kind == Probe::Kind::h2ping) co_return co_await ask_h2ping(network, probe);
  co_return co_await ask_http(network, clock, probe);
}

Outcome silent(const io::Address& address, base::Duration timeout) {
  return failed({base::Code::timeout, fmt::format("{} did not answer within {}", address.to_string(),
                                                  base::format_duration(timeout))});
}

io::Task<base::Result<io::Datagram>> first_packet(io::DatagramSocket& socket, io::Address from) {
  while (true) {
    CO_TRY(io::Datagram packet, co_await socket.receive());
    if (packet.from == from) co_return packet;
  }
}

}  // namespace

io::Task<Outcome> ask(io::Network& network, io::Clock& clock, Probe probe) {
  probe.timeout = std::min(probe.timeout, timeout_max);
  if (probe.kind == Probe::Kind::tcp) co_return co_await ask_tcp(network, probe);
  auto raced = co_await (ask_this(network, clock, probe) || clock.sleep(probe.timeout));
  if (raced.index() == 0) co_return std::get<0>(std::move(raced));
  co_return silent(probe.address, probe.timeout);
}

io::Task<Outcome> ask_udp(io::Datagrams& datagrams, io::Clock& clock, io::Address address,
                          base::Duration timeout) {
  timeout = std::min(timeout, timeout_max);
  if (address.host == "localhost") address.host = "127.0.0.1";
  const bool is_v6 = address.host.find(':') != std::string::npos;
  io::Address any{is_v6 ? "::" : "0.0.0.0", 0, false};
  const auto socket = co_await datagrams.bind(std::move(any));
  if (!socket) co_return failed(socket.error());
  const base::Status sent = (*socket)->send(packet, address);
  if (!sent) co_return failed(sent.error());
  const auto raced = co_await (first_packet(**socket, address) || clock.sleep(timeout));
  if (raced.index() == 1) co_return silent(address, timeout);
  if (!std::get<0>(raced)) co_return failed(std::get<0>(raced).error());
  co_return passed("udp ok");
}

}  // namespace caravan::checks
