// SPDX-License-Identifier: Apache-2.0
#include "cli/secure.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "http/tls_network.hpp"
#include "io/linux/network.hpp"
#include "io/task.hpp"

namespace caravan::cli {
namespace {

namespace fs = std::filesystem;

base::Result<std::string> read(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file)
    return base::fail(base::Code::not_found, fmt::format("{} {}: cannot be read", what, path));
  return text.str();
}

base::Result<std::string> authorities_of(const TlsSettings& settings) {
  if (!settings.ca_cert.empty()) return read(settings.ca_cert, "CA certificate");
  std::string all;
  if (settings.ca_path.empty()) return all;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(settings.ca_path, error)) {
    if (!entry.is_regular_file()) continue;
    TRY(const std::string one, read(entry.path(), "CA certificate"));
    all += one + "\n";
  }
  if (error || all.empty())
    return base::fail(base::Code::not_found,
                      fmt::format("CA path {}: no certificates are there", settings.ca_path));
  return all;
}

/// Both networks in one value.
class Secure : public io::Network {
 public:
  Secure(std::shared_ptr<const http::Tls> tls, bool checks_name, std::string name)
      : tls_(plain_, std::move(tls), checks_name, std::move(name)) {}
  io::Task<base::Result<std::unique_ptr<io::Listener>>> listen(io::Address address) override {
    return tls_.listen(std::move(address));
  }
  io::Task<base::Result<std::unique_ptr<io::Stream>>> connect(io::Address address,
                                                              base::Duration timeout) override {
    return tls_.connect(std::move(address), timeout);
  }

 private:
  io::linux_world::Network plain_;
  http::TlsNetwork tls_;
};

bool is_on(const std::string& text) { return !text.empty() && text != "0" && text != "false"; }

std::string env_or(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

}  // namespace

TlsSettings tls_settings_from(const Flags& flags) {
  TlsSettings settings;
  settings.ca_cert = flags.text("ca-cert", env_or("NOMAD_CACERT", ""));
  settings.ca_path = flags.text("ca-path", env_or("NOMAD_CAPATH", ""));
  settings.client_cert = flags.text("client-cert", env_or("NOMAD_CLIENT_CERT", ""));
  settings.client_key = flags.text("client-key", env_or("NOMAD_CLIENT_KEY", ""));
  settings.server_name = flags.text("tls-server-name", env_or("NOMAD_TLS_SERVER_NAME", ""));
  settings.skip_verify =
      flags.on("tls-skip-verify") || flags.on("insecure") || is_on(env_or("NOMAD_SKIP_VERIFY", ""));
  return settings;
}

base::Result<std::shared_ptr<io::Network>> secure_network(const TlsSettings& settings,
                                                          const std::string& host) {
  http::TlsMaterial material;
  TRY(material.authorities, authorities_of(settings));
  if (!settings.client_cert.empty()) {
    TRY(material.certificate, read(settings.client_cert, "client certificate"));
    TRY(material.key, read(settings.client_key, "client key"));
  }
  material.checks_peer = !settings.skip_verify;
  TRY(std::shared_ptr<const http::Tls> tls, http::Tls::make(material));
  const std::string name = settings.server_name.empty() ? host : settings.server_name;
  return std::make_shared<Secure>(std::move(tls), !settings.skip_verify, name);
}

std::string in_familiar_words(const std::string& message, const std::string& host) {
  const auto says = [&](std::string_view text) { return message.find(text) != std::string::npos; };
  if (says("hostname mismatch") || says("IP address mismatch"))
    return fmt::format("tls: failed to verify certificate: x509: certificate is not valid for {}",
                       host);
  if (says("certificate has expired") || says("certificate is not yet valid"))
    return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
  if (says("certificate verify failed"))
    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  return message;
}

}  // namespace caravan::cli
