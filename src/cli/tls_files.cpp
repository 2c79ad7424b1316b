// SPDX-License-Identifier: Apache-2.0
#include "cli/tls_files.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "io/linux/clock.hpp"

namespace caravan::cli {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t clock_skew_ns = 300'000'000'000;  // other machines may be a little behind
constexpr std::size_t serial_bytes = 16;

}  // namespace

crypto::CertificateForm certificate_form(std::string common_name, long long days) {
  crypto::CertificateForm form;
  form.common_name = std::move(common_name);
  const base::Instant now = io::linux_world::Clock().now();
  form.not_before = {now.unix_ns - clock_skew_ns};
  form.not_after = {now.unix_ns + days * day_ns};
  form.serial.resize(serial_bytes);
  io::linux_world::Random().fill(
      {reinterpret_cast<std::uint8_t*>(form.serial.data()), form.serial.size()});
  form.serial[0] = static_cast<char>(form.serial[0] & 0x7f);  // a serial number is not negative
  return form;
}

base::Status write_new(const std::string& path, const std::string& text, unsigned mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0 && errno == EEXIST)
    return base::fail(base::Code::conflict, fmt::format("{} already exists", path));
  if (file < 0)
    return base::fail(base::Code::io, fmt::format("{}: {}", path, std::strerror(errno)));
  const ssize_t written = ::write(file, text.data(), text.size());
  const bool whole = ::fsync(file) == 0 && written == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!whole) return base::fail(base::Code::io, fmt::format("{}: cannot be written", path));
  return {};
}

base::Result<std::string> read_pem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return base::fail(base::Code::not_found, fmt::format("{}: cannot be read", path));
  return text.str();
}

std::string certificate_table(const crypto::CertificateFacts& facts) {
  const auto or_none = [](const std::vector<std::string>& names) {
    return names.empty() ? std::string("<none>") : base::join(names, ", ");
  };
  return key_values({{"Serial Number", facts.serial},
                     {"Issuer", facts.issuer},
                     {"Common Name", facts.subject},
                     {"Expiry Date", base::format_rfc3339(facts.not_after)},
                     {"DNS Names", or_none(facts.dns_names)},
                     {"IP Addresses", or_none(facts.ip_addresses)},
                     {"Permitted DNS Domains", or_none(facts.permitted_domains)},
                     {"Fingerprint", facts.fingerprint}});
}

const char* const server_certificate_warning =
    "==> WARNING: Server Certificates grants authority to become a\n"
    "    server and access all state in the cluster including root keys\n"
    "    and all ACL tokens. Do not distribute them to production hosts\n"
    "    that are not server nodes. Store them as securely as CA keys.";

base::Result<crypto::Issuer> read_issuer(const std::string& path, const std::string& key_path) {
  TRY(const std::string key_text, read_pem(key_path));
  TRY(crypto::CertificateKey key, crypto::CertificateKey::from_pem(key_text));
  TRY(std::string certificate, read_pem(path));
  TRY_VOID(crypto::read_certificate(certificate));
  return crypto::Issuer{std::move(certificate), std::move(key)};
}

}  // namespace caravan::cli
