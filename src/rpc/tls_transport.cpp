// SPDX-License-Identifier: Apache-2.0
#include "rpc/tls_transport.hpp"

#include "io/random_bytes.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/assert.hpp"
#include "crypto/certificate.hpp"
#include "io/task.hpp"

namespace caravan::rpc {
namespace {

using boost::asio::experimental::awaitable_operators::operator||;
using Secured = base::Result<std::unique_ptr<http::TlsStream>>;

// Of what is made of a secret: the same on every machine, whatever its clock says.
constexpr base::Instant forever_begins{946'684'800'000'000'000};  // 2000
constexpr base::Instant forever_ends{4'102'444'800'000'000'000};  // 2100

std::vector<std::string> all_protocols() {
  return {protocol_of(Purpose::up), protocol_of(Purpose::down), protocol_of(Purpose::raft),
          protocol_of(Purpose::snapshot), protocol_of(Purpose::http)};
}

base::Error too_slow() { return {base::Code::timeout, "the TLS handshake did not end in time"}; }

using Names = std::vector<std::string>;

bool any_begins(const Names& names, const std::string& beginning) {
  return std::ranges::any_of(names,
                             [&](const std::string& name) { return name.starts_with(beginning); });
}

/// "server.<any region>.<domain>".
bool any_has_role(const Names& names, const std::string& role) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    const std::size_t dot = name.find('.', role.size() + 1);
    return name.starts_with(role + ".") && dot != std::string::npos && dot + 1 < name.size();
  });
}

}  // namespace

bool is_server_of(const Names& names, const std::string& region, const std::string& wanted) {
  if (region.empty()) return true;
  if (wanted == any_region) return any_has_role(names, "server");
  return any_begins(names, "server." + (wanted.empty() ? region : wanted) + ".");
}

base::Result<Peer> peer_of(const Names& names, const std::string& region, Purpose purpose) {
  if (is_server_of(names, region, "")) return Peer{.is_server = true};
  if (any_begins(names, "client." + region + ".")) return Peer{};
  if (any_has_role(names, "client"))
    return base::fail(base::Code::denied, "this is a client of another region");
  if (!any_has_role(names, "server")) return Peer{};
  if (purpose != Purpose::up && purpose != Purpose::http)
    return base::fail(base::Code::denied, "this is a server of another region");
  return Peer{.is_foreign = true};
}

io::Task<base::Result<Link>> TlsTransport::dial(io::World& world, Whom whom, Purpose purpose,
                                                base::Duration timeout) {
  const std::string host = whom.address.host;
  CO_TRY(auto stream, co_await world.network.connect(std::move(whom.address), timeout));
  const auto tls = tls_();
  auto secured = co_await (tls->connect(std::move(stream), host, false, {protocol_of(purpose)}) ||
                           world.clock.sleep(timeout));
  if (secured.index() == 1) co_return std::unexpected(too_slow());
  CO_TRY(std::unique_ptr<http::TlsStream> secure, std::move(std::get<0>(secured)));
  if (!is_server_of(secure->peer_names(), region_, whom.region)) {
    const std::string wanted = whom.region.empty() ? "this region" : "region " + whom.region;
    co_return base::fail(base::Code::denied, "the certificate at " + host +
                                                 " is not that of a server of " +
                                                 (whom.region == any_region ? "a region" : wanted));
  }
  co_return Link{std::move(secure), purpose, {.is_server = true}};
}

io::Task<base::Result<Link>> TlsTransport::accept(io::World& world,
                                                  std::unique_ptr<io::Stream> stream,
                                                  base::Duration timeout) {
  const auto tls = tls_();
  auto secured =
      co_await (tls->accept(std::move(stream), all_protocols()) || world.clock.sleep(timeout));
  if (secured.index() == 1) co_return std::unexpected(too_slow());
  CO_TRY(std::unique_ptr<http::TlsStream> secure, std::move(std::get<0>(secured)));
  CO_TRY(const Purpose purpose, purpose_of(secure->protocol()));
  CO_TRY(const Peer peer, peer_of(secure->peer_names(), region_, purpose));
  co_return Link{std::move(secure), purpose, peer};
}

http::TlsMaterial material_of_secret(std::string_view secret, const std::string& region,
                                     bool is_server, io::Random& random) {
  crypto::CertificateForm authority;
  authority.common_name = "Caravan cluster";
  authority.is_authority = true;
  authority.not_before = forever_begins;
  authority.not_after = forever_ends;
  authority.serial = "\x01";
  const auto authority_key =
      crypto::CertificateKey::from_seed(crypto::derive_key(secret, "caravan agent authority"));
  http::TlsMaterial material;
  material.demands_certificate = true;
  material.min_tls13 = true;
  material.authorities = crypto::issue(authority, authority_key).value();
  crypto::CertificateForm own = authority;
  own.is_authority = false;
  own.common_name = (is_server ? "server." : "client.") + region + ".caravan";
  own.dns_names = {own.common_name};
  own.serial = io::random_bytes(random, 16);
  const auto own_key = crypto::CertificateKey::from_seed(io::random_bytes(random, 32));
  const auto issued =
      crypto::issue(own, own_key, crypto::Issuer{material.authorities, authority_key});
  ASSERT(issued.has_value());  // a region's name has been checked with the configuration
  material.certificate = *issued;
  material.key = own_key.to_pem();
  return material;
}

}  // namespace caravan::rpc
