// SPDX-License-Identifier: Apache-2.0
// How machines get into the cluster: ours.
#include <boost/asio/awaitable.hpp>

#include "api/nomad/pages.hpp"
#include "base/time.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

constexpr const char* ttl_default = "1h";

/// A member of the body that must be text when it is there.
base::Result<std::string> text_of(const json::Value& body, const char* name,
                                  const char* otherwise = "") {
  const json::Value& member = body.at(name);
  if (member.is_null()) return std::string(otherwise);
  if (const std::string* text = member.as_string()) return *text;
  return base::invalid(fmt::format("{}: must be a string", name));
}

class JoiningPage {
 public:
  explicit JoiningPage(server::Newcomers& newcomers) : newcomers_(newcomers) {}

  Task<Result> authority(Call&) {
    CO_TRY(const std::string certificate, newcomers_.authority());
    co_return json_answer(
        json::Object{{"Certificate", certificate}, {"Region", newcomers_.config().region}});
  }

  Task<Result> token(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const std::string role, text_of(body, "Role"));
    if (role != "server" && role != "client")
      co_return base::invalid("Role: must be \"server\" or \"client\"");
    CO_TRY(const std::string ttl_text, text_of(body, "TTL", ttl_default));
    const base::Result<base::Duration> ttl = base::parse_duration(ttl_text);
    if (!ttl) co_return base::invalid("TTL: " + ttl.error().message);
    CO_TRY(const std::string token, newcomers_.token(role == "server", *ttl));
    co_return json_answer(json::Object{{"Token", token}});
  }

  Task<Result> join(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    CO_TRY(const std::string token, text_of(body, "Token"));
    CO_TRY(const std::string key, text_of(body, "PublicKey"));
    CO_TRY(const std::string address, text_of(body, "Address"));
    CO_TRY(const server::Welcome welcome, newcomers_.welcome(token, key, address));
    const server::NewcomersConfig& config = newcomers_.config();
    co_return json_answer(
        json::Object{{"Role", welcome.is_server ? "server" : "client"},
                     {"Certificate", welcome.certificate},
                     {"Encrypt", welcome.encrypt},
                     {"Servers", json::Array(welcome.servers.begin(), welcome.servers.end())},
                     {"Region", config.region},
                     {"Datacenter", config.datacenter}});
  }

 private:
  server::Newcomers& newcomers_;
};

}  // namespace

std::vector<Route> joining_routes(server::Newcomers& newcomers) {
  const auto to = handlers_of(std::make_shared<JoiningPage>(newcomers));
  return {
      {"GET", "/v1/join/authority", Capability::anyone, to(&JoiningPage::authority)},
      {"PUT POST", "/v1/join", Capability::anyone, to(&JoiningPage::join)},
      {"PUT POST", "/v1/operator/join-token", Capability::operator_write, to(&JoiningPage::token)}};
}

}  // namespace caravan::api::nomad
