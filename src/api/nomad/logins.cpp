// SPDX-License-Identifier: Apache-2.0
// Logging in by an identity provider. It takes no token: what the provider says is the proof.
#include <boost/asio/awaitable.hpp>

#include "api/acl_shapes.hpp"
#include "api/nomad/acl_page.hpp"
#include "api/nomad/pages.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

class LoginPage {
 public:
  LoginPage(const Readers& readers, server::Logins& logins) : readers_(readers), logins_(logins) {}

  Task<Result> log_in(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    std::string method = body.text_at("AuthMethodName"), token = body.text_at("LoginToken");
    CO_TRY(const state::Ref<model::AclToken> made,
           co_await logins_.log_in(std::move(method), std::move(token)));
    co_return told(*made);
  }

  Task<Result> begin(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    server::LoginStart start = start_in(body);
    CO_TRY(const std::string url, co_await logins_.begin(std::move(start)));
    co_return json_answer(json::Object{{"AuthURL", url}});
  }

  Task<Result> complete(Call& call) {
    CO_TRY(const json::Value body, body_object(call));
    server::LoginEnd end;
    static_cast<server::LoginStart&>(end) = start_in(body);
    end.state = body.text_at("State");
    end.code = body.text_at("Code");
    end.issuer = body.text_at("Iss");
    CO_TRY(const state::Ref<model::AclToken> made, co_await logins_.complete(std::move(end)));
    co_return told(*made);
  }

 private:
  static server::LoginStart start_in(const json::Value& body) {
    return {body.text_at("AuthMethodName"), body.text_at("RedirectURI"),
            body.text_at("ClientNonce")};
  }
  Answer told(const model::AclToken& token) const {
    Answer answer = json_answer(acl_token_json(token, *readers_.store.snapshot()));
    answer.index = token.modify_index;
    return answer;
  }

  Readers readers_;
  server::Logins& logins_;
};

}  // namespace

std::vector<Route> login_routes(const Readers& readers, const server::Access& access,
                                server::Logins& logins) {
  const auto page = std::make_shared<LoginPage>(readers, logins);
  const auto to = [&access, by = handlers_of(page)](auto method) {
    return while_on(access, by(method));
  };
  const Need proof{Capability::anyone, Scope::request, "what the provider of the method signed"};
  return {
      {"PUT POST", "/v1/acl/login", proof, to(&LoginPage::log_in)},
      {"PUT POST", "/v1/acl/oidc/auth-url", Capability::anyone, to(&LoginPage::begin)},
      {"PUT POST", "/v1/acl/oidc/complete-auth", proof, to(&LoginPage::complete)},
  };
}

}  // namespace caravan::api::nomad
