// SPDX-License-Identifier: Apache-2.0
#include "server/newcomers.hpp"

#include <fmt/core.h>

#include "io/durable_dirs.hpp"
#include "io/random_bytes.hpp"
#include "io/task.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration ttl_min = 60s, ttl_max = 7 * 24h;
constexpr base::Duration clock_skew = 5min;  // other machines may be a little behind
constexpr base::Duration certificate_life = 365 * 24h;
constexpr std::size_t nonce_bytes = 4, serial_bytes = 16;

}  // namespace

std::string Newcomers::path(const std::string& data_dir) {
  return data_dir + "/keystore/authority.pem";
}

io::Task<base::Status> Newcomers::keep(io::World& world, const std::string& data_dir,
                                       std::string pem) {
  CO_TRY_VOID(co_await io::make_durable_dirs(world.disk, data_dir + "/keystore"));
  co_return co_await world.disk.replace_file(path(data_dir), pem, 0600);
}

base::Result<std::string> Newcomers::pem() const {
  const std::string file = path(config_.data_dir);
  if (!world_.disk.exists(file)) return std::string();
  return world_.disk.read_file(file);
}

base::Result<crypto::Issuer> Newcomers::issuer() const {
  TRY(const std::string pem, this->pem());
  if (pem.empty())
    return base::fail(base::Code::not_found,
                      "this cluster has no authority of its own: 'caravan operator init' makes one "
                      "when it begins a cluster; certificates come from elsewhere here");
  constexpr std::string_view end = "-----END CERTIFICATE-----\n";
  const std::size_t at = pem.find(end);
  auto key = crypto::CertificateKey::from_pem(at == pem.npos ? "" : pem.substr(at + end.size()));
  if (!key)
    return base::invalid(fmt::format("{}: {}", path(config_.data_dir), key.error().message));
  return crypto::Issuer{pem.substr(0, at + end.size()), std::move(*key)};
}

base::Result<std::string> Newcomers::authority() const {
  TRY(crypto::Issuer found, issuer());
  return std::move(found.certificate);
}

base::Result<std::string> Newcomers::token(bool is_server, base::Duration ttl) const {
  if (ttl < ttl_min || ttl > ttl_max) return base::invalid("TTL: must be between 1m and 168h");
  TRY(const crypto::Issuer found, issuer());
  keyring::JoinToken token;
  token.is_server = is_server;
  token.expires = world_.clock.now() + ttl;
  token.authority = keyring::fingerprint(found.certificate);
  token.nonce = io::random_bytes(world_.random, nonce_bytes);
  return keyring::mint(token, found.key.to_pem());
}

base::Result<Welcome> Newcomers::welcome(const std::string& text, const std::string& public_key,
                                         const std::string& address) const {
  TRY(const keyring::JoinToken token, keyring::read_join_token(text));
  TRY(const crypto::Issuer found, issuer());
  if (!keyring::is_genuine(text, found.key.to_pem()))
    return base::fail(base::Code::denied, "this join token is not of this cluster");
  const base::Instant now = world_.clock.now();
  if (token.expires <= now)
    return base::fail(base::Code::denied,
                      "this join token has expired; 'caravan operator "
                      "join-token' makes another one");
  TRY(const crypto::CertificateKey key, crypto::CertificateKey::from_public_pem(public_key));
  crypto::CertificateForm form;
  form.common_name =
      fmt::format("{}.{}.nomad", token.is_server ? "server" : "client", config_.region);
  form.dns_names = {form.common_name, "localhost"};
  form.ip_addresses = {"127.0.0.1"};
  if (token.is_server && !address.empty()) form.ip_addresses.push_back(address);
  form.not_before = {now.unix_ns - clock_skew.count()};
  form.not_after = now + certificate_life;
  form.serial = io::random_bytes(world_.random, serial_bytes);
  form.serial[0] = static_cast<char>(form.serial[0] & 0x7f);  // a serial number is not negative
  Welcome welcome;
  welcome.is_server = token.is_server;
  TRY(welcome.certificate, crypto::issue(form, key, found));
  if (token.is_server) welcome.encrypt = config_.gossip_key();
  welcome.servers = servers_();
  return welcome;
}

}  // namespace caravan::server
