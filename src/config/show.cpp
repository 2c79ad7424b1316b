// SPDX-License-Identifier: Apache-2.0
#include "config/show.hpp"

#include <array>
#include <cctype>

#include "base/text.hpp"

namespace caravan::config {
namespace {

constexpr std::string_view redacted = "<redacted>";

struct Rename {
  std::string_view key, shown;
};
/// Keys whose shown name is another word.
constexpr std::array renames = {
    Rename{"name", "NodeName"},
    Rename{"advertise", "AdvertiseAddrs"},
    Rename{"tls", "TLSConfig"},
    Rename{"plugin", "Plugins"},
    Rename{"template", "TemplateConfig"},
    Rename{"host_volume", "HostVolumes"},
    Rename{"host_network", "HostNetworks"},
    Rename{"device", "Devices"},
    Rename{"instance", "Instances"},
    Rename{"leave_on_interrupt", "LeaveOnInt"},
    Rename{"leave_on_terminate", "LeaveOnTerm"},
    Rename{"retry_max", "RetryMaxAttempts"},
    Rename{"cpu_total_compute", "CpuCompute"},
    Rename{"memory_total_mb", "MemoryMB"},
    Rename{"https_handshake_timeout", "HTTPSHandshakeTimeout"},
    Rename{"disable_file_sandbox", "DisableSandbox"},
};
/// Blocks in which a key has a name of its own.
constexpr std::array renames_in_blocks = {
    Rename{"tls.http", "EnableHTTP"},
    Rename{"tls.rpc", "EnableRPC"},
    Rename{"client.reserved.disk", "DiskMB"},
    Rename{"client.reserved.memory", "MemoryMB"},
    Rename{"consul.address", "Addr"},
    Rename{"consul.grpc_address", "GRPCAddr"},
    Rename{"consul.ssl", "EnableSSL"},
    Rename{"vault.address", "Addr"},
    Rename{"telemetry.statsd_address", "StatsdAddr"},
    Rename{"telemetry.statsite_address", "StatsiteAddr"},
    Rename{"telemetry.datadog_address", "DataDogAddr"},
};
constexpr std::array<std::string_view, 21> capitals = {
    "http", "https", "rpc", "gc",  "cni", "cpu",  "id",   "acl",  "ttl",  "tls", "ca",
    "url",  "api",   "ui",  "csi", "ssl", "oidc", "uuid", "grpc", "ipv6", "mb"};

/// "http_api_response_headers" → "HTTPAPIResponseHeaders".
std::string shown_name(std::string_view key) {
  for (const Rename& rename : renames)
    if (rename.key == key) return std::string(rename.shown);
  std::string name;
  for (std::string word : base::split(key, '_')) {
    const bool upper = std::ranges::find(capitals, word) != capitals.end();
    for (std::size_t i = 0; i < word.size(); ++i)
      name += i == 0 || upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(word[i])))
                              : word[i];
  }
  return name;
}

bool is_secret(std::string_view key) {
  for (const char* whole : {"encrypt", "auth", "password", "ssh_key"})
    if (key == whole) return true;
  return key.ends_with("token") || key.ends_with("_secret");
}

class Shower {
 public:
  Shower(json::Object& into, std::string prefix) : into_(into), prefix_(std::move(prefix)) {}

  template <class T>
  void operator()(std::string_view key, T& member) {
    if constexpr (requires(Shower& v) { keys(v, member); })
      into_[name_of(key)] = block(prefix_ + std::string(key) + ".", member);
    else
      into_[name_of(key)] = value_of(key, member);
  }

  void append(std::string_view key, std::vector<std::string>& list) { (*this)(key, list); }

  template <class T>
  void labelled(std::string_view key, std::map<std::string, T>& map) {
    json::Array list;
    for (auto& [label, member] : map) {
      json::Object shown;
      if constexpr (requires(Shower& v) { keys(v, member); })
        shown = block(prefix_ + std::string(key) + ".", member);
      else
        shown["Config"] = value_of(key, member);
      shown["Name"] = label;
      list.push_back(std::move(shown));
    }
    into_[name_of(key)] = list.empty() ? json::Value() : json::Value(std::move(list));
  }

  /// Clients know of one cluster each, the default one.
  template <class T>
  void maybe_labelled(std::string_view key, std::map<std::string, T>& map) {
    const auto found = map.find("default");
    T member = found == map.end() ? T() : found->second;
    into_[name_of(key)] = block(prefix_ + std::string(key) + ".", member);
  }

  void any(std::string_view) {}
  /// What stands in them may be a secret anywhere: only how many there are is shown.
  void pieces(std::string_view key, std::vector<json::Value>& values) {
    into_[name_of(key)] = static_cast<std::int64_t>(values.size());
  }

  template <class T>
  static json::Object block(std::string prefix, T& member) {
    json::Object object;
    Shower inner(object, std::move(prefix));
    keys(inner, member);
    return object;
  }

 private:
  std::string name_of(std::string_view key) const {
    for (const Rename& rename : renames_in_blocks)
      if (rename.key == prefix_ + std::string(key)) return std::string(rename.shown);
    return shown_name(key);
  }

  static json::Value value_of(std::string_view key, const std::string& text) {
    return !text.empty() && is_secret(key) ? json::Value(redacted) : json::Value(text);
  }
  static json::Value value_of(std::string_view, const base::Duration& duration) {
    return static_cast<std::int64_t>(duration.count());
  }
  static json::Value value_of(std::string_view, const Bytes& bytes) { return bytes.count; }
  static json::Value value_of(std::string_view, const std::vector<std::string>& list) {
    json::Array array;
    for (const std::string& text : list)
      array.emplace_back(text);
    return array;
  }
  static json::Value value_of(std::string_view, const std::map<std::string, std::string>& map) {
    json::Object object;
    for (const auto& [name, text] : map)
      object[name] = text;
    return object;
  }
  static json::Value value_of(std::string_view key, const json::Value& value) {
    if (value.is_null() || key == "config") return value;  // a plugin's names files, not secrets
    return redacted;
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  static json::Value value_of(std::string_view, T number) {
    return number;
  }

  json::Object& into_;
  std::string prefix_;
};

}  // namespace

json::Object show(const AgentConfig& config) {
  AgentConfig copy = config;  // the visitors are made for reading a file into it
  return Shower::block("", copy);
}

}  // namespace caravan::config
