// SPDX-License-Identifier: Apache-2.0
// HTTPS to the agent, as the flags and the environment want it.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "cli/flags.hpp"
#include "io/network.hpp"

namespace caravan::cli {

struct TlsSettings {
  std::string ca_cert, ca_path;         // a file, a folder of files
  std::string client_cert, client_key;  // files
  std::string server_name;
  bool skip_verify = false;
};
TlsSettings tls_settings_from(const Flags& flags);

/// Connections that are TLS. `host`: as the address names it. Errors: invalid, not_found (a file).
base::Result<std::shared_ptr<io::Network>> secure_network(const TlsSettings& settings,
                                                          const std::string& host);

/// What OpenSSL says of a certificate, in the words that scripts look for.
std::string in_familiar_words(const std::string& message, const std::string& host);

}  // namespace caravan::cli
