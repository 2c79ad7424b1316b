// SPDX-License-Identifier: Apache-2.0
#include "server/other_datacenters.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"
#include "cluster/datacenters.hpp"
#include "wire/datacenter_rpc.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

/// Whoever asked by DNS waits about as long before it asks somebody else.
constexpr base::Duration name_patience = 2s;
/// Of one datacenter, until the next one is asked.
constexpr base::Duration find_patience = 1500ms;
/// Of one server, until another one of its datacenter is asked: it may be gone, and not be missed
/// yet.
constexpr base::Duration server_patience = 1s;

/// Its length travels as one byte; whoever has a longer one asks as anybody.
constexpr std::size_t secret_bytes_max = 255;

std::vector<catalog::Instance> instances_of(wire::CatalogFound found) {
  std::vector<catalog::Instance> all;
  for (wire::FoundInstance& each : found.instances) {
    catalog::Instance instance;
    instance.node = std::make_shared<const model::CatalogNode>(std::move(each.node));
    instance.service = std::make_shared<const model::CatalogService>(std::move(each.service));
    for (model::CatalogCheck& check : each.checks)
      instance.checks.push_back(std::make_shared<const model::CatalogCheck>(std::move(check)));
    all.push_back(std::move(instance));
  }
  return all;
}

}  // namespace

std::string name_question(const std::string& packet, bool by_udp, const std::string& secret) {
  if (secret.empty() || secret.size() > secret_bytes_max) return (by_udp ? "u" : "t") + packet;
  return (by_udp ? "U" : "T") + std::string(1, static_cast<char>(secret.size())) + secret + packet;
}

std::vector<std::string> OtherDatacenters::known() const {
  return cluster::other_datacenters(*cluster_.view());
}

std::string OtherDatacenters::called(std::string_view name) const {
  for (std::string& each : known())
    if (base::to_lower(each) == base::to_lower(name)) return std::move(each);
  return "";
}

io::Task<base::Result<std::string>> OtherDatacenters::ask(std::string datacenter,
                                                          std::string method, std::string request,
                                                          base::Duration patience) {
  const base::Duration deadline = world_.clock.uptime() + patience;
  base::Error last{base::Code::unavailable, "No path to datacenter"};
  for (const rpc::Whom& server : cluster::servers_in(*cluster_.view(), datacenter)) {
    const base::Duration left = deadline - world_.clock.uptime();
    if (left <= 0s) break;
    const base::Duration timeout = std::min(left, server_patience);
    base::Result<std::string> answer = co_await ask_one(server, method, request, timeout);
    if (answer) co_return answer;
    last = answer.error();
    if (last.code == base::Code::denied) break;  // by all of them
  }
  co_return std::unexpected(last);
}

/// Dialing counts, too.
io::Task<base::Result<std::string>> OtherDatacenters::ask_one(rpc::Whom server,
                                                              std::string method,
                                                              std::string request,
                                                              base::Duration timeout) {
  auto call = cluster_.connections().call(std::move(server), std::move(method),
                                          std::move(request), timeout);
  auto raced = co_await (std::move(call) || world_.clock.sleep(timeout));
  if (raced.index() == 0) co_return std::get<0>(std::move(raced));
  co_return base::fail(base::Code::timeout, "a server of another datacenter does not answer");
}

io::Task<std::string> OtherDatacenters::name(std::string datacenter, std::string question) {
  auto asked = ask(std::move(datacenter), wire::name_method, std::move(question), name_patience);
  base::Result<std::string> answer = co_await std::move(asked);
  co_return answer ? *std::move(answer) : "";
}

io::Task<catalog::Fallback> OtherDatacenters::find(model::QueryService query, std::string secret,
                                                   base::Duration patience) {
  const base::Duration deadline = world_.clock.uptime() + patience;
  const std::vector<std::string> order = catalog::failover_order(query.failover, known());
  const std::string request =
      wire::encode(wire::CatalogFind{std::move(query), std::move(secret), {}});
  catalog::Fallback fallback;
  for (const std::string& datacenter : order) {
    const base::Duration left = deadline - world_.clock.uptime();
    if (left <= 0s) break;
    ++fallback.tries;
    const base::Duration its_patience = std::min(left, find_patience);
    auto answer = co_await ask(datacenter, wire::find_method, request, its_patience);
    if (!answer) continue;
    auto found = wire::decode<wire::CatalogFound>(*answer);
    if (!found || found->instances.empty()) continue;
    fallback.datacenter = datacenter;
    fallback.instances = instances_of(*std::move(found));
    break;
  }
  co_return fallback;
}

}  // namespace caravan::server
