// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "io/task.hpp"
#include "rpc/transport.hpp"

namespace caravan::rpc {
namespace {

constexpr std::array<std::string_view, 5> protocols{
    "caravan-up/1", "caravan-down/1", "caravan-raft/1", "caravan-snapshot/1", "caravan-http/1"};
constexpr std::size_t line_bytes_max = 64;
constexpr std::string_view server_role = " server", client_role = " client";

/// Byte by byte: what follows the line belongs to somebody else.
io::Task<base::Result<std::string>> read_line(io::Stream& stream) {
  std::string line;
  char byte = 0;
  while (line.size() < line_bytes_max) {
    CO_TRY(const std::size_t n, co_await stream.read_some({&byte, 1}));
    if (n == 0) co_return base::fail(base::Code::io, "the other side has hung up");
    if (byte == '\n') co_return line;
    line += byte;
  }
  co_return base::invalid("not an agent of this cluster");
}

base::Result<Link> link_of(const std::string& line, std::unique_ptr<io::Stream> stream) {
  const bool is_server = line.ends_with(server_role);
  TRY(const Purpose purpose, purpose_of(std::string_view(line).substr(0, line.find(' '))));
  return Link{std::move(stream), purpose, {is_server}};
}

}  // namespace

std::string protocol_of(Purpose purpose) {
  return std::string(protocols[static_cast<std::size_t>(purpose)]);
}

base::Result<Purpose> purpose_of(std::string_view protocol) {
  const auto found = std::ranges::find(protocols, protocol);
  if (found == protocols.end()) return base::invalid("a protocol that this version does not speak");
  return static_cast<Purpose>(found - protocols.begin());
}

io::Task<base::Result<Link>> PlainTransport::dial(io::World& world, Whom whom, Purpose purpose,
                                                  base::Duration timeout) {
  CO_TRY(auto stream, co_await world.network.connect(std::move(whom.address), timeout));
  const std::string line =
      protocol_of(purpose) + std::string(is_server_ ? server_role : client_role) + "\n";
  CO_TRY_VOID(co_await stream->write(line));
  co_return Link{std::move(stream), purpose, {true}};
}

io::Task<base::Result<Link>> PlainTransport::accept(io::World& world,
                                                    std::unique_ptr<io::Stream> stream,
                                                    base::Duration timeout) {
  using boost::asio::experimental::awaitable_operators::operator||;
  auto line = co_await (read_line(*stream) || world.clock.sleep(timeout));
  if (line.index() == 1) co_return base::fail(base::Code::timeout, "said nothing in time");
  if (!std::get<0>(line)) co_return std::unexpected(std::get<0>(line).error());
  co_return link_of(*std::get<0>(line), std::move(stream));
}

}  // namespace caravan::rpc
