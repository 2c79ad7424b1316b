// SPDX-License-Identifier: Apache-2.0
// Tokens that introduce new nodes.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// "15m", or nanoseconds as a number; 0 when there is none.
base::Result<base::Duration> ttl_in(const json::Value& body) {
  if (const std::int64_t* number = body.at("TTL").as_int()) return base::Duration(*number);
  const std::string text = body.text_at("TTL");
  if (text.empty()) return base::Duration(0);
  const base::Result<base::Duration> ttl = base::parse_duration(text);
  if (!ttl) return base::invalid("TTL: " + ttl.error().message);
  return *ttl;
}

class IntroductionPage {
 public:
  explicit IntroductionPage(const server::Introductions& introductions)
      : introductions_(introductions) {}

  Task<Result> make(Call& call) {
    json::Value body = json::Object();
    if (!base::trim(call.request.body).empty()) {
      CO_TRY(body, body_object(call));
    }
    CO_TRY(const base::Duration ttl, ttl_in(body));
    keyring::Introduction introduction{body.text_at("NodeName"), body.text_at("NodePool")};
    CO_TRY(const std::string token, co_await introductions_.make(std::move(introduction), ttl));
    co_return json_answer(json::Object{{"JWT", token}});
  }

 private:
  const server::Introductions& introductions_;
};

}  // namespace

std::vector<Route> introduction_routes(const server::Introductions& introductions) {
  const auto to = handlers_of(std::make_shared<IntroductionPage>(introductions));
  return {{"PUT POST", "/v1/acl/identity/client-introduction-token", Capability::node_write,
           to(&IntroductionPage::make)}};
}

}  // namespace caravan::api::nomad
