// SPDX-License-Identifier: Apache-2.0
#include "api/forward.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "cluster/cluster.hpp"
#include "http/client.hpp"
#include "io/task.hpp"

namespace caravan::api {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// An election takes up to two seconds; a request that comes meanwhile waits for its end.
constexpr base::Duration leader_patience = 5s;
constexpr base::Duration look_interval = 20ms;
constexpr base::Duration dial_timeout = 3s;
constexpr base::Duration answer_patience = 10s;
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t said_bytes_max = 64 << 20;  // the rules of all policies of a token

/// Of one hop only.
bool is_hop_header(std::string_view name) {
  for (const char* own : {"Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive"})
    if (base::to_lower(name) == base::to_lower(own)) return true;
  return false;
}

/// Said by each hop anew.
bool is_ours(std::string_view name) {
  const std::string lower = base::to_lower(name);
  return lower == base::to_lower(hops_header) || lower == base::to_lower(face_header);
}

/// To the end of what `from` says. Who takes no more may still have words of its own on the way,
/// and they are waited for: what is for it is dropped.
io::Task<void> copy(io::Stream& from, io::Stream& to) {
  std::string buffer(piece_bytes, '\0');
  bool is_taken = true;
  while (true) {
    const base::Result<std::size_t> n = co_await from.read_some(buffer);
    if (!n || *n == 0) co_return;
    if (is_taken)
      is_taken = (co_await to.write(std::string_view(buffer).substr(0, *n))).has_value();
  }
}

/// The answer to an upgrade: from here on bytes go both ways.
io::Task<void> join(http::Incoming& answer, http::Responder& responder, http::Headers headers) {
  std::string early, already = answer.take_already_read();
  const base::Result<io::Stream*> near = co_await responder.upgrade(std::move(headers), early);
  if (!near) co_return;
  io::Stream& far = answer.stream();
  if (!co_await far.write(early) || !co_await (*near)->write(already)) co_return;
  co_await (copy(far, **near) || copy(**near, far));
}

io::Task<void> relay(http::Incoming& answer, http::Responder& responder) {
  http::Response head;
  head.status = answer.status;
  for (const auto& [name, value] : answer.headers)
    if (!is_hop_header(name)) head.headers.add(name, value);
  if (answer.status == 101) {
    head.headers.add("Connection", "Upgrade");
    co_return co_await join(answer, responder, std::move(head.headers));
  }
  const bool has_length = answer.headers.contains("Content-Length");
  if (!has_length && !co_await responder.begin(head)) co_return;
  while (true) {
    const base::Result<std::string> piece = co_await answer.read();
    if (!piece) co_return;  // the connection ends in the middle, as it did there
    if (piece->empty()) break;
    if (has_length)
      head.body += *piece;
    else if (!co_await responder.write(*piece))
      co_return;
  }
  if (has_length)
    (void)co_await responder.send(std::move(head));
  else
    (void)co_await responder.end();
}

}  // namespace

int hops_of(const http::Request& request) {
  const auto hops = base::parse_int(request.headers.get(hops_header));
  return hops ? static_cast<int>(std::min<long long>(std::max<long long>(*hops, 0), hops_max)) : 0;
}

http::Request Forward::onward(const http::Request& request, const std::string& region) const {
  http::Request sent;
  sent.method = request.method;
  sent.target = request.target;
  sent.body = request.body;
  const bool upgrades = request.headers.contains("Upgrade");
  for (const auto& [name, value] : request.headers)
    if (!is_hop_header(name) && !is_ours(name)) sent.headers.add(name, value);
  sent.headers.add(hops_header, std::to_string(hops_of(request) + 1));
  if (!face_.empty()) sent.headers.add(face_header, face_);
  if (!region.empty()) sent.headers.set(region_header_of(face_), region);
  if (hops_of(request) == 0) sent.headers.set(asked_header, agent_);
  sent.headers.add("Connection", upgrades ? "Upgrade" : "close");
  if (!request.headers.contains("X-Forwarded-For"))
    sent.headers.add("X-Forwarded-For", request.peer.host);
  return sent;
}

io::Task<base::Result<std::optional<io::Address>>> Forward::who(bool stale) const {
  const base::Duration deadline = world_.clock.uptime() + leader_patience;
  while (true) {
    const std::shared_ptr<const Whereabouts> at = now_();
    if (at->leads || (at->has_state && stale)) co_return std::nullopt;
    if (at->has_state && at->leader) co_return at->leader;
    if (!at->has_state && !at->servers.empty()) co_return at->servers.front();
    if (world_.clock.uptime() >= deadline)
      co_return base::fail(base::Code::unavailable,
                           at->has_state ? "No cluster leader" : "No servers are reachable");
    co_await world_.clock.sleep(look_interval);
  }
}

io::Task<base::Result<std::unique_ptr<http::Incoming>>> Forward::send_on(
    const http::Request& request, rpc::Whom to, bool& is_sent, const Marks& marks) const {
  CO_TRY(rpc::Link link, co_await transport_.dial(world_, to, rpc::Purpose::http, dial_timeout));
  is_sent = true;
  http::Request sent = onward(request, marks.region);
  if (!marks.key.empty()) sent.headers.set(key_header, marks.key);
  co_return co_await http::open_on(std::move(link.stream), to.address, std::move(sent));
}

std::string Forward::draw_key() const { return world_.random.uuid().to_string(); }

void Forward::note_index(const http::Incoming& answer) const {
  for (const char* header : {"X-Nomad-Index", "X-Consul-Index"}) {
    const auto told = base::parse_int(answer.headers.get(header));
    const std::uint64_t index = told && *told > 0 ? static_cast<std::uint64_t>(*told) : 0;
    std::uint64_t seen = seen_index_.load(std::memory_order_relaxed);
    while (seen < index && !seen_index_.compare_exchange_weak(seen, index)) {
    }
  }
}

io::Task<base::Status> Forward::forward(const http::Request& request, http::Responder& responder,
                                        io::Address to, std::string key,
                                        std::string region) const {
  bool is_sent = false;
  const Marks marks{std::move(region), std::move(key)};
  auto raced = co_await (send_on(request, to, is_sent, marks) || while_asked(to));
  const bool answered = raced.index() == 0 && std::get<0>(raced);
  if (!answered && !is_sent) co_return base::fail(base::Code::unavailable, "No cluster leader");
  if (!answered)
    co_return base::fail(base::Code::timeout,
                         "leadership was lost; it is not known whether this was done");
  note_index(*std::get<0>(raced).value());
  co_await relay(**std::get<0>(raced), responder);
  co_return base::Status();
}

io::Task<base::Status> Forward::hand_to(const http::Request& request, http::Responder& responder,
                                        rpc::Whom to) const {
  bool is_sent = false;
  const Marks marks{to.region, ""};
  auto raced =
      co_await (send_on(request, to, is_sent, marks) || world_.clock.sleep(answer_patience));
  if (raced.index() == 1 || !std::get<0>(raced))
    co_return base::fail(base::Code::unavailable,
                         "that agent does not answer: " + to.address.to_string());
  co_await relay(**std::get<0>(raced), responder);
  co_return base::Status();
}

io::Task<base::Status> Forward::abroad(const http::Request& request, http::Responder& responder,
                                       const Place& place) const {
  const std::shared_ptr<const Whereabouts> at = now_();
  if (!at->has_state) {
    CO_TRY(const std::optional<io::Address> server, co_await who(true));
    if (server) co_return co_await forward(request, responder, *server);
  }
  const auto named = at->region_of.find(place.datacenter);
  const std::string region = named == at->region_of.end() ? place.region : named->second;
  const auto found = at->abroad.find(region);
  const bool may_go = found != at->abroad.end() && hops_of(request) < hops_max;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  for (const io::Address& server : may_go ? found->second : std::vector<io::Address>()) {
    bool is_sent = false;
    const rpc::Whom whom(server, region);
    const Marks marks{region, ""};
    auto raced = co_await (send_on(request, whom, is_sent, marks) || while_heard(whom));
    if (raced.index() == 0 && std::get<0>(raced)) {
      co_await relay(**std::get<0>(raced), responder);
      co_return base::Status();
    }
    if (is_sent && !reads)
      co_return base::fail(base::Code::timeout,
                           "the connection to region " + region +
                               " was lost; it is not known whether this was done");
  }
  co_return base::fail(base::Code::unavailable, cluster::no_path_to_region);
}

/// Returns when that server is not heard any more.
io::Task<void> Forward::while_heard(rpc::Whom whom) const {
  while (true) {
    co_await world_.clock.sleep(look_interval);
    const std::shared_ptr<const Whereabouts> at = now_();
    const auto found = at->abroad.find(whom.region);
    if (found == at->abroad.end() ||
        std::ranges::find(found->second, whom.address) == found->second.end())
      co_return;
  }
}

/// Returns when requests would go elsewhere now. A leader that is cut off says nothing, not even
/// that it is gone.
io::Task<void> Forward::while_asked(io::Address to) const {
  while (true) {
    co_await world_.clock.sleep(look_interval);
    const std::shared_ptr<const Whereabouts> at = now_();
    const bool is_asked =
        at->has_state ? at->leader == to : !at->servers.empty() && at->servers.front() == to;
    if (!is_asked) co_return;
  }
}

io::Task<void> Forward::moves_on(io::Address to) const {
  (void)co_await (while_asked(to) || world_.clock.sleep(leader_patience));
}

io::Task<base::Result<Forward::Said>> Forward::ask(std::string target, std::string token) const {
  CO_TRY(const std::optional<io::Address> server, co_await who(true));
  if (!server) co_return base::fail(base::Code::internal, "this agent has the state itself");
  http::Request request;
  request.method = "GET";
  request.target = std::move(target);
  if (!token.empty()) request.headers.add("X-Nomad-Token", token);
  request.headers.add("Connection", "close");
  CO_TRY(rpc::Link link,
         co_await transport_.dial(world_, *server, rpc::Purpose::http, dial_timeout));
  CO_TRY(const std::unique_ptr<http::Incoming> answer,
         co_await http::open_on(std::move(link.stream), *server, std::move(request)));
  Said said{answer->status, ""};
  while (said.body.size() < said_bytes_max) {
    CO_TRY(const std::string piece, co_await answer->read());
    if (piece.empty()) co_return said;
    said.body += piece;
  }
  co_return base::fail(base::Code::internal, "a server says more than is wanted to know");
}

io::Task<bool> Forward::try_others(const http::Request& request, http::Responder& responder) const {
  for (const io::Address& server : now_()->servers) {
    base::Result<rpc::Link> link =
        co_await transport_.dial(world_, server, rpc::Purpose::http, dial_timeout);
    if (!link) continue;
    http::Request sent = onward(request);
    sent.headers.set(hops_header, std::to_string(hops_max));  // it asks nobody else
    const auto answer = co_await http::open_on(std::move(link->stream), server, std::move(sent));
    if (!answer || (*answer)->headers.contains(no_path_header)) continue;
    co_await relay(**answer, responder);
    co_return true;
  }
  co_return false;
}

}  // namespace caravan::api
