// SPDX-License-Identifier: Apache-2.0
// The cluster's public keys for those who verify its identities, and the operator's view of them.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "api/nomad/pages.hpp"
#include "base/text.hpp"
#include "crypto/jwt.hpp"
#include "keyring/jwks.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using acl::Capability;
using io::Task;
using Result = base::Result<Answer>;

/// Verifiers may keep the keys for this time: short enough to learn of a new one soon after it is
/// made.
constexpr base::Duration keys_max_age{900'000'000'000};

json::Object shown(const wire::RootKey& key) {
  return {{"KeyID", key.id.to_string()},       {"Algorithm", key.algorithm},
          {"CreateTime", key.create_time_ns},  {"CreateIndex", key.create_index},
          {"ModifyIndex", key.modify_index},   {"State", key.state()},
          {"PublishTime", key.publish_time_ns}};
}

class KeyringPage {
 public:
  KeyringPage(const Readers& readers, server::Keys& keys, std::string issuer)
      : readers_(readers), keys_(keys), issuer_(std::move(issuer)) {}

  Task<Result> jwks(Call&) {
    Answer answer;
    answer.body = json::to_string(keyring::jwks(*readers_.store.snapshot()));
    answer.max_age = keys_max_age;
    co_return answer;
  }

  Task<Result> openid_configuration(Call&) {
    if (issuer_.empty())
      co_return base::fail(base::Code::not_found,
                           "OIDC Discovery endpoint not enabled: set server.oidc_issuer");
    Answer answer;
    answer.body = json::to_string(
        json::Object{{"issuer", issuer_},
                     {"jwks_uri", issuer_ + "/.well-known/jwks.json"},
                     {"id_token_signing_alg_values_supported", json::Array{"RS256", "EdDSA"}},
                     {"response_types_supported", json::Array{"code"}},
                     {"subject_types_supported", json::Array{"public"}}});
    co_return answer;
  }

  Task<Result> list_keys(Call& call) {
    co_return co_await read(
        readers_, call, {state::key::table(state::Table::root_keys)},
        [&](const state::Tables& tables) -> base::Result<View> {
          json::Array list;
          tables.root_keys.each([&](const auto&, const auto& key) { list.push_back(shown(*key)); });
          return View{json::to_string(list), tables.index_of(state::Table::root_keys), ""};
        });
  }

  Task<Result> rotate(Call& call) {
    const std::string algorithm = call.request.query.get("algo");
    if (!algorithm.empty() && algorithm != "aes256-gcm")
      co_return base::invalid(
          fmt::format("algo: \"{}\" is not known; it can be aes256-gcm", algorithm.substr(0, 32)));
    CO_TRY(const server::Rotation how, rotation_of(call));
    CO_TRY(const base::Uuid id, co_await keys_.rotate(how));
    const state::Snapshot tables = readers_.store.snapshot();
    const state::Ref<wire::RootKey>* made = tables->root_keys.find(id);
    Answer answer;
    answer.body =
        json::to_string(json::Object{{"Key", made ? json::Value(shown(**made)) : json::Value()}});
    answer.index = tables->index;
    co_return answer;
  }

  Task<Result> remove(Call& call) {
    CO_TRY(const base::Uuid id, id_param<base::Uuid>(call, "key"));
    CO_TRY(const bool force, flag(call, "force", false));
    Answer answer;
    CO_TRY(answer.index, co_await keys_.remove(id, force));
    co_return answer;
  }

 private:
  static base::Result<server::Rotation> rotation_of(const Call& call) {
    server::Rotation how;
    TRY(how.full, flag(call, "full", false));
    if (const std::string time = call.request.query.get("publish_time"); !time.empty()) {
      const base::Result<long long> ns = base::parse_int(time);
      if (!ns) return base::invalid("publish_time: not a number of nanoseconds since 1970");
      how.publish = {*ns};
    }
    const std::string signing = call.request.query.get("signing");
    for (const auto algorithm : {crypto::SigningAlgorithm::rs256, crypto::SigningAlgorithm::eddsa})
      if (signing == crypto::algorithm_name(algorithm)) how.signing = algorithm;
    if (!signing.empty() && !how.signing)
      return base::invalid(fmt::format("signing: \"{}\" is not known; it can be RS256 or EdDSA",
                                       base::printable(signing, 32)));
    return how;
  }

  Readers readers_;
  server::Keys& keys_;
  std::string issuer_;
};

}  // namespace

std::vector<Route> keyring_routes(const Readers& readers, server::Keys& keys, std::string issuer) {
  const auto page = std::make_shared<KeyringPage>(readers, keys, std::move(issuer));
  const auto to = handlers_of(page);
  return {
      {"GET", "/.well-known/jwks.json", Capability::anyone, to(&KeyringPage::jwks)},
      {"GET", "/.well-known/openid-configuration", Capability::anyone,
       to(&KeyringPage::openid_configuration)},
      {"GET", "/v1/operator/keyring/keys", Capability::keyring_read, to(&KeyringPage::list_keys)},
      {"PUT POST", "/v1/operator/keyring/rotate", Capability::keyring_rotate,
       to(&KeyringPage::rotate)},
      {"DELETE", "/v1/operator/keyring/key/:id", Capability::keyring_delete,
       to(&KeyringPage::remove)},
  };
}

}  // namespace caravan::api::nomad
