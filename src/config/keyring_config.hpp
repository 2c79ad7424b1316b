// SPDX-License-Identifier: Apache-2.0
// `keyring "<kind>" { … }`: who guards the key-encryption key on a server's disk.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::config {

struct KeyGuardConfig {
  std::string kind;  // aead, passphrase, transit
  bool active = false;
  std::string passphrase_file;  // of passphrase; without it CARAVAN_KEYRING_PASSPHRASE
  // Of transit.
  std::string address, token, ns, key_name, mount_path = "transit";
  std::string ca_cert, client_cert, client_key, server_name;  // files in PEM, and a name
  bool skip_verify = false;
};

/// The active one first. Errors: invalid, a line each: what is wrong in which block.
base::Result<std::vector<KeyGuardConfig>> key_guards(
    const std::map<std::string, json::Value>& blocks);

}  // namespace caravan::config
