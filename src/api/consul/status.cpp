// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/awaitable.hpp>

#include "api/consul/pages.hpp"

namespace caravan::api::consul {
namespace {

class StatusPage {
 public:
  explicit StatusPage(Peers peers) : peers_(std::move(peers)) {}

  io::Task<base::Result<Answer>> leader(Call&) { co_return json_answer(peers_.leader()); }

  io::Task<base::Result<Answer>> all(Call&) {
    json::Array peers;
    for (std::string& peer : peers_.all())
      peers.emplace_back(std::move(peer));
    co_return json_answer(std::move(peers));
  }

 private:
  Peers peers_;
};

}  // namespace

std::vector<Route> status_routes(Peers peers) {
  const auto handle = handlers_of(std::make_shared<StatusPage>(std::move(peers)));
  using enum acl::Capability;
  return {{"GET", "/v1/status/leader", anyone, handle(&StatusPage::leader)},
          {"GET", "/v1/status/peers", anyone, handle(&StatusPage::all)}};
}

}  // namespace caravan::api::consul
