// SPDX-License-Identifier: Apache-2.0
#include "config/keyring_config.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {
namespace {

/// Of one block: what has a place for it is taken, and the rest is complained about.
base::Status read(const json::Object& block, KeyGuardConfig& guard) {
  const std::map<std::string, std::string*> texts =
      guard.kind == "passphrase"
          ? std::map<std::string, std::string*>{{"passphrase_file", &guard.passphrase_file}}
      : guard.kind == "transit"
          ? std::map<std::string, std::string*>{{"address", &guard.address},
                                                {"token", &guard.token},
                                                {"namespace", &guard.ns},
                                                {"key_name", &guard.key_name},
                                                {"mount_path", &guard.mount_path},
                                                {"tls_ca_cert", &guard.ca_cert},
                                                {"tls_client_cert", &guard.client_cert},
                                                {"tls_client_key", &guard.client_key},
                                                {"tls_server_name", &guard.server_name}}
          : std::map<std::string, std::string*>();
  for (const json::Member& member : block) {
    const std::string* text = member.value.as_string();
    const bool* said = member.value.as_bool();
    const bool is_on = (said && *said) || (text && *text == "true");
    if (const auto known = texts.find(member.name); known != texts.end() && text)
      *known->second = *text;
    else if (member.name == "active")
      guard.active = is_on;
    else if (member.name == "tls_skip_verify" && guard.kind == "transit")
      guard.skip_verify = is_on;
    else if (member.name != "name" && member.name != "disable_renewal")
      return base::invalid(fmt::format("keyring \"{}\": {} is not known here, or no text",
                                       guard.kind, base::printable(member.name, 64)));
  }
  if (guard.kind == "transit" && (guard.address.empty() || guard.key_name.empty()))
    return base::invalid("keyring \"transit\": address and key_name are needed");
  return {};
}

}  // namespace

base::Result<std::vector<KeyGuardConfig>> key_guards(
    const std::map<std::string, json::Value>& blocks) {
  std::vector<KeyGuardConfig> guards;
  for (const auto& [kind, block] : blocks) {
    if (kind != "aead" && kind != "passphrase" && kind != "transit")
      return base::fail(base::Code::unsupported,
                        fmt::format("keyring \"{}\": not built; aead, passphrase and transit are",
                                    base::printable(kind, 64)));
    KeyGuardConfig guard;
    guard.kind = kind;
    if (const json::Object* object = block.as_object()) {
      TRY_VOID(read(*object, guard));
    }
    guards.push_back(std::move(guard));
  }
  const auto active = std::ranges::count_if(guards, &KeyGuardConfig::active);
  if (active > 1) return base::invalid("keyring: only one may be active");
  if (active == 0 && guards.size() > 1)
    return base::invalid("keyring: one of several has to be active");
  std::ranges::sort(guards,
                           [](const auto& a, const auto& b) { return a.active > b.active; });
  return guards;
}

}  // namespace caravan::config
