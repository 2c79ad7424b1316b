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

}  // namespace

bool TlsTransport::is_server(const http::TlsStream& stream) const {
  return server_name_.empty() ||
         std::ranges::any_of(stream.peer_names(), [&](const std::string& name) {
           return name.starts_with(server_name_);
         });
}

io::Task<base::Result<Link>> TlsTransport::dial(io::World& world, io::Address address,
                                                Purpose purpose, base::Duration timeout) {
  const std::string host = address.host;
  CO_TRY(auto stream, co_await world.network.connect(std::move(address), timeout));
  const auto tls = tls_();
  auto secured = co_await (tls->connect(std::move(stream), host, false, {protocol_of(purpose)}) ||
                           world.clock.sleep(timeout));
  if (secured.index() == 1) co_return std::unexpected(too_slow());
  CO_TRY(std::unique_ptr<http::TlsStream> secure, std::move(std::get<0>(secured)));
  if (!is_server(*secure))
    co_return base::fail(base::Code::denied,
                         "the certificate at " + host + " is not that of a server of this region");
  co_return Link{std::move(secure), purpose, {true}};
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
  const bool server = is_server(*secure);
  co_return Link{std::move(secure), purpose, {server}};
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
