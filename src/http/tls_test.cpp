// SPDX-License-Identifier: Apache-2.0
#include "http/tls.hpp"

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>

#include "crypto/certificate.hpp"
#include "io/linux/network.hpp"
#include "io/task.hpp"

namespace caravan::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

struct Authority {
  explicit Authority(char seed) : key(crypto::CertificateKey::from_seed(std::string(32, seed))) {
    crypto::CertificateForm form = make_form("Test CA");
    form.is_authority = true;
    certificate = *crypto::issue(form, key);
  }
  static crypto::CertificateForm make_form(const std::string& name) {
    crypto::CertificateForm form;
    form.common_name = name;
    form.not_before = {0};
    form.not_after = {std::int64_t{4'000'000'000} * 1'000'000'000};
    form.serial = "\x01";
    return form;
  }
  TlsMaterial issue(const std::string& name) const {
    crypto::CertificateForm form = make_form(name);
    form.dns_names = {name};
    form.ip_addresses = {"127.0.0.1"};
    const crypto::CertificateKey own = crypto::CertificateKey::draw();
    TlsMaterial material;
    material.authorities = certificate;
    material.certificate = *crypto::issue(form, own, crypto::Issuer{certificate, key});
    material.key = own.to_pem();
    material.demands_certificate = true;
    return material;
  }
  crypto::CertificateKey key;
  std::string certificate;
};

struct Outcome {
  std::string client, server;  // what each heard, or why it did not
  std::vector<std::string> names;
};

class TlsTest : public testing::Test {
 protected:
  io::Task<void> serve(io::Listener& listener, TlsMaterial material) {
    auto stream = co_await listener.accept();
    const auto tls = *Tls::make(material);
    auto secure = co_await tls->accept(*std::move(stream), {"b/1", "a/1"});
    if (!secure) {
      outcome.server = secure.error().message;
      co_return;
    }
    outcome.names = (*secure)->peer_names();
    outcome.server = (*secure)->protocol();
    std::string buffer(100'000, '\0');
    for (std::size_t seen = 0; seen < bytes;) {
      const auto n = co_await (*secure)->read_some(buffer);
      if (!n || *n == 0) break;
      seen += *n;
      (void)co_await (*secure)->write(std::string_view(buffer).substr(0, *n));
    }
  }
  io::Task<void> talk(TlsMaterial server, TlsMaterial client, std::string protocol) {
    auto listener = *co_await network.listen({"127.0.0.1", 0, false});
    io::TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(serve(*listener, std::move(server)));
    auto stream = co_await network.connect(listener->address(), 1s);
    const auto tls = *Tls::make(client);
    auto secure = co_await tls->connect(*std::move(stream), name, true, {protocol});
    if (!secure) {
      outcome.client = secure.error().message;
    } else {
      tasks.spawn(send(**secure));
      std::string buffer(100'000, '\0'), heard;
      while (heard.size() < bytes) {
        const auto n = co_await (*secure)->read_some(buffer);
        if (!n || *n == 0) break;
        heard.append(buffer, 0, *n);
      }
      outcome.client = std::to_string(heard.size());
    }
    co_await tasks.drain();
  }
  io::Task<void> send(io::Stream& stream) { (void)co_await stream.write(std::string(bytes, 'x')); }

  Outcome run(TlsMaterial server, TlsMaterial client, std::string protocol = "a/1") {
    asio::io_context here;
    auto done = asio::co_spawn(here, talk(std::move(server), std::move(client), protocol),
                               asio::use_future);
    here.run();
    done.get();
    return outcome;
  }
  io::linux_world::Network network;
  Outcome outcome;
  std::string name = "127.0.0.1";
  std::size_t bytes = 3'000'000;
  Authority ours{'a'}, theirs{'b'};
};

TEST_F(TlsTest, both_sides_prove_who_they_are_and_agree_on_a_protocol) {
  const Outcome seen = run(ours.issue("server.global.nomad"), ours.issue("client.global.nomad"));
  EXPECT_EQ(seen.client, "3000000");
  EXPECT_EQ(seen.server, "a/1");
  EXPECT_EQ(seen.names, std::vector<std::string>{"client.global.nomad"});
}

TEST_F(TlsTest, another_authority_is_not_believed) {
  const Outcome seen = run(ours.issue("server"), theirs.issue("client"));
  EXPECT_NE(seen.client.find("certificate verify failed"), std::string::npos) << seen.client;
}

TEST_F(TlsTest, a_client_without_a_certificate_is_refused) {
  TlsMaterial bare;
  bare.authorities = ours.certificate;
  const Outcome seen = run(ours.issue("server"), bare);
  EXPECT_NE(seen.server.find("peer did not return a certificate"), std::string::npos)
      << seen.server;
}

TEST_F(TlsTest, another_name_is_not_believed) {
  name = "server.other.nomad";
  const Outcome seen = run(ours.issue("server.global.nomad"), ours.issue("client"));
  EXPECT_NE(seen.client.find("hostname mismatch"), std::string::npos) << seen.client;
}

TEST_F(TlsTest, a_protocol_that_is_not_spoken_is_refused) {
  const Outcome seen = run(ours.issue("server"), ours.issue("client"), "z/9");
  EXPECT_NE(seen.client.find("no application protocol"), std::string::npos) << seen.client;
}

TEST(Tls, damaged_material_is_named) {
  Authority authority('a');
  TlsMaterial material = authority.issue("x");
  material.key = authority.key.to_pem();
  EXPECT_EQ(Tls::make(material).error().message, "the key is not that of the certificate");
  material.key = "x";
  EXPECT_FALSE(Tls::make(material));
  material.authorities = "x";
  EXPECT_EQ(Tls::make(material).error().message, "the authority is not a certificate in PEM form");
}

}  // namespace
}  // namespace caravan::http
