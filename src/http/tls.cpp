// SPDX-License-Identifier: Apache-2.0
#include "http/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fmt/core.h>

#include "io/task.hpp"

namespace caravan::http {
namespace {

constexpr std::size_t record_bytes = 16 * 1024;

struct FreeAny {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Bio = std::unique_ptr<BIO, FreeAny>;

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// The oldest complaint that OpenSSL has, and forgets all of them.
std::string complaint() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "the connection was closed";
}

base::Status believe(SSL_CTX& context, const std::string& authorities) {
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(&context);
    return {};
  }
  const Bio bio = reader(authorities);
  int count = 0;
  while (true) {
    const std::unique_ptr<X509, FreeAny> authority(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!authority) break;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), authority.get());
    SSL_CTX_add_client_CA(&context, authority.get());
    ++count;
  }
  ERR_clear_error();  // the end of the text is one, too
  if (count == 0) return base::invalid("the authority is not a certificate in PEM form");
  return {};
}

base::Status show(SSL_CTX& context, const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return {};
  const Bio bio = reader(certificate);
  const std::unique_ptr<X509, FreeAny> own(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(&context, own.get()) != 1)
    return base::invalid("the certificate is not one in PEM form");
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    SSL_CTX_add0_chain_cert(&context, next);  // takes it
  ERR_clear_error();
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<EVP_PKEY, FreeAny> own_key(
      PEM_read_bio_PrivateKey(reader(key).get(), nullptr, no_passphrase, nullptr));
  if (!own_key) return base::invalid("the key is not one in PEM form, or has a passphrase");
  if (X509_check_private_key(own.get(), own_key.get()) != 1 ||
      SSL_CTX_use_PrivateKey(&context, own_key.get()) != 1)
    return base::invalid("the key is not that of the certificate");
  return {};
}

std::string to_alpn(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols)
    wire += static_cast<char>(protocol.size()) + protocol;
  return wire;
}

/// One connection. OpenSSL reads and writes memory; what is there is brought to and from the
/// stream.
class TlsConnection : public TlsStream {
 public:
  TlsConnection(SSL* ssl, std::unique_ptr<io::Stream> stream, boost::asio::any_io_executor lane)
      : ssl_(ssl),
        in_(BIO_new(BIO_s_mem())),
        out_(BIO_new(BIO_s_mem())),
        stream_(std::move(stream)),
        flushed_(std::move(lane)) {
    SSL_set_bio(ssl_.get(), in_, out_);  // takes both
  }

  io::Task<base::Status> handshake() {
    while (true) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      const int why = SSL_get_error(ssl_.get(), done);
      std::string refusal = done == 1 || why == SSL_ERROR_WANT_READ ? "" : failure();
      if (refusal == "http request") {
        (void)co_await stream_->write(
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
        co_return base::fail(base::Code::denied, "plain HTTP where TLS is spoken");
      }
      const base::Status sent = co_await flush();  // an alert that says why, too
      if (done == 1) co_return sent;
      if (!refusal.empty()) co_return base::fail(base::Code::denied, std::move(refusal));
      CO_TRY_VOID(sent);
      CO_TRY(const bool more, co_await fill());
      if (!more) co_return base::fail(base::Code::io, "the peer hung up during the TLS handshake");
    }
  }

  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    while (true) {
      ERR_clear_error();
      const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (n > 0) co_return static_cast<std::size_t>(n);
      const int why = SSL_get_error(ssl_.get(), n);
      if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      if (why != SSL_ERROR_WANT_READ) co_return base::fail(base::Code::io, "TLS: " + complaint());
      CO_TRY_VOID(co_await flush());
      CO_TRY(const bool more, co_await fill());
      if (!more) co_return std::size_t{0};
    }
  }

  io::Task<base::Status> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      ERR_clear_error();
      const std::string_view record = bytes.substr(0, record_bytes);
      const int n = SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size()));
      if (n <= 0) co_return base::fail(base::Code::io, "TLS: " + complaint());
      bytes.remove_prefix(static_cast<std::size_t>(n));
      if (BIO_pending(out_) >= static_cast<int>(8 * record_bytes) || bytes.empty())
        CO_TRY_VOID(co_await flush());
    }
    co_return base::Status();
  }

  void close() override { stream_->close(); }
  io::Address peer() const override { return stream_->peer(); }
  io::Address local() const override { return stream_->local(); }

  std::string protocol() const override {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  std::vector<std::string> peer_names() const override {
    std::vector<std::string> found;
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (!certificate) return found;
    const std::unique_ptr<GENERAL_NAMES, FreeAny> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
      if (name->type == GEN_DNS)
        found.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                           static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    return found;
  }

 private:
  std::string failure() const {
    const long verdict = SSL_get_verify_result(ssl_.get());
    std::string text = complaint();
    if (verdict != X509_V_OK)
      text = fmt::format("{}: {}", text, X509_verify_cert_error_string(verdict));
    return text;
  }

  /// False: the peer has closed its side.
  io::Task<base::Result<bool>> fill() {
    char bytes[record_bytes];
    CO_TRY(const std::size_t n, co_await stream_->read_some(bytes));
    if (n > 0) BIO_write(in_, bytes, static_cast<int>(n));
    co_return n > 0;
  }

  /// The reader may have something to say as well as the writer: one at a time.
  io::Task<base::Status> flush() {
    while (flushing_)
      co_await flushed_.wait();
    struct Free {
      TlsConnection& self;
      ~Free() {
        self.flushing_ = false;
        self.flushed_.notify();
      }
    } const free{*this};
    flushing_ = true;
    while (const std::size_t size = static_cast<std::size_t>(BIO_pending(out_))) {
      std::string bytes(size, '\0');
      BIO_read(out_, bytes.data(), static_cast<int>(size));
      CO_TRY_VOID(co_await stream_->write(bytes));
    }
    co_return base::Status();
  }

  std::unique_ptr<SSL, FreeAny> ssl_;
  BIO *in_, *out_;  // the SSL's
  std::unique_ptr<io::Stream> stream_;
  io::Event flushed_;
  bool flushing_ = false;
};

/// What ALPN's callback chooses from; lives in the task that accepts.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void* spoken) {
  const auto& wire = *static_cast<const std::string*>(spoken);
  unsigned char* chosen = nullptr;
  const int verdict =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()), in, in_size);
  *out = chosen;
  return verdict == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int spoken_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void Tls::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

base::Result<std::shared_ptr<const Tls>> Tls::make(const TlsMaterial& material) {
  SSL_CTX* context = SSL_CTX_new(TLS_method());
  std::shared_ptr<const Tls> tls(new Tls(context));
  SSL_CTX_set_min_proto_version(context, material.min_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  int verify = SSL_VERIFY_NONE;
  if (material.checks_peer) verify |= SSL_VERIFY_PEER;
  if (material.demands_certificate) verify |= SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, verify, nullptr);
  TRY_VOID(believe(*context, material.authorities));
  TRY_VOID(show(*context, material.certificate, material.key));
  SSL_CTX_set_alpn_select_cb(
      context,
      [](SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
         unsigned in_size, void*) {
        return choose_protocol(ssl, out, out_size, in, in_size,
                               SSL_get_ex_data(ssl, spoken_index()));
      },
      nullptr);
  return tls;
}

io::Task<base::Result<std::unique_ptr<TlsStream>>> Tls::connect(
    std::unique_ptr<io::Stream> stream, std::string server_name, bool checks_name,
    std::vector<std::string> protocols) const {
  SSL* ssl = SSL_new(context_.get());
  auto connection = std::make_unique<TlsConnection>(ssl, std::move(stream),
                                                 co_await boost::asio::this_coro::executor);
  SSL_set_connect_state(ssl);
  const std::string wire = to_alpn(protocols);
  if (!wire.empty())
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  // An IP address is no name for SNI, and is checked in another way.
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str()) == 1;
  if (is_address && !checks_name) X509_VERIFY_PARAM_set1_ip(rules, nullptr, 0);
  if (!is_address) SSL_set_tlsext_host_name(ssl, server_name.c_str());
  if (!is_address && checks_name) SSL_set1_host(ssl, server_name.c_str());
  CO_TRY_VOID(co_await connection->handshake());
  if (!protocols.empty() && connection->protocol().empty())
    co_return base::fail(base::Code::denied, "the peer does not speak " + protocols.front());
  co_return connection;
}

io::Task<base::Result<std::unique_ptr<TlsStream>>> Tls::accept(std::unique_ptr<io::Stream> stream,
                                                               std::vector<std::string> protocols,
                                                               bool demands_protocol) const {
  SSL* ssl = SSL_new(context_.get());
  auto connection = std::make_unique<TlsConnection>(ssl, std::move(stream),
                                                 co_await boost::asio::this_coro::executor);
  SSL_set_accept_state(ssl);
  std::string wire = to_alpn(protocols);
  SSL_set_ex_data(ssl, spoken_index(), &wire);
  CO_TRY_VOID(co_await connection->handshake());
  SSL_set_ex_data(ssl, spoken_index(), nullptr);
  if (demands_protocol && connection->protocol().empty())
    co_return base::fail(base::Code::denied, "the peer named no protocol");
  co_return connection;
}

}  // namespace caravan::http
