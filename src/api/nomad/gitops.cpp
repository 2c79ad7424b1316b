// SPDX-License-Identifier: Apache-2.0
// The repository that the cluster follows: ours.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"

namespace caravan::api::nomad {
namespace {

class GitopsPage {
 public:
  explicit GitopsPage(std::function<json::Value()> status) : status_(std::move(status)) {}
  io::Task<base::Result<Answer>> status(Call&) { co_return json_answer(status_()); }

 private:
  std::function<json::Value()> status_;
};

}  // namespace

std::vector<Route> gitops_routes(std::function<json::Value()> status) {
  const auto to = handlers_of(std::make_shared<GitopsPage>(std::move(status)));
  return {{"GET", "/v1/gitops/status", acl::Capability::operator_read, to(&GitopsPage::status)}};
}

}  // namespace caravan::api::nomad
