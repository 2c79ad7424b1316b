// SPDX-License-Identifier: Apache-2.0
#include "dns/names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::dns {
namespace {

constexpr std::string_view ipv4_suffix = ".in-addr.arpa.", ipv6_suffix = ".ip6.arpa.";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::string> address_of(const std::string& digits) {
  std::array<unsigned char, 16> bytes{};
  if (digits.size() != 8 && digits.size() != 32) return {};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = digit(digits[i]);
    if (value < 0) return {};
    bytes[i / 2] = static_cast<unsigned char>(bytes[i / 2] * 16 + value);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = digits.size() == 8 ? AF_INET : AF_INET6;
  if (!inet_ntop(family, bytes.data(), text.data(), text.size())) return {};
  return std::string(text.data());
}

/// "_web" is "web".
std::optional<std::string> underscored(const std::string& label) {
  if (label.size() < 2 || label[0] != '_') return {};
  return label.substr(1);
}

/// What stands before "service": "web", "tag.web" (tags may have dots), or "_web._tag".
Meaning service_of(std::vector<std::string> labels) {
  if (labels.empty()) return OfNothing();
  if (labels.size() == 2)
    if (const auto name = underscored(labels[0]), tag = underscored(labels[1]); name && tag)
      return OfService{*name, *tag == "tcp" || *tag == "udp" ? "" : *tag};
  OfService service{labels.back(), ""};
  labels.pop_back();
  service.tag = base::join(labels, ".");
  return service;
}

/// What stands before "query": a name, which may have dots, or "_name._tcp".
Meaning query_of(const std::vector<std::string>& labels) {
  if (labels.size() == 2 && labels[1] == "_tcp")
    if (const auto name = underscored(labels[0])) return OfQuery{*name};
  return OfQuery{base::join(labels, ".")};
}

/// "web.service", "tag.web.service", "_web._tcp", each with ".prod.ns" behind it when it is not of
/// the namespace `default`; and addresses.
Meaning native_meaning(std::vector<std::string> labels) {
  OfNative native{"", "", "default"};
  if (labels.size() > 2 && labels.back() == "ns") {
    native.ns = labels[labels.size() - 2];
    labels.resize(labels.size() - 2);
  }
  if (labels.size() == 2 && labels[1] == "addr") {
    const auto address = address_of(labels[0]);
    return address ? Meaning(OfAddress{*address}) : Meaning(OfNothing());
  }
  const bool is_short = labels.size() == 2 && underscored(labels[0]) && underscored(labels[1]);
  if (!is_short) {
    if (labels.size() < 2 || labels.back() != "service") return OfNothing();
    labels.pop_back();
  }
  const Meaning meaning = service_of(std::move(labels));
  const auto* service = std::get_if<OfService>(&meaning);
  if (!service) return OfNothing();
  native.service = service->service;
  native.tag = service->tag;
  return native;
}

}  // namespace

bool is_below(const std::string& name, const std::string& domain) {
  return !domain.empty() && (name == domain || name.ends_with("." + domain));
}

Meaning meaning_of(const Settings& settings, const std::string& name) {
  std::string lower = base::to_lower(name);
  if (is_below(lower, settings.native_domain) && !is_below(lower, settings.domain)) {
    if (lower == settings.native_domain) return OfNothing();
    lower.resize(lower.size() - settings.native_domain.size() - 1);
    return native_meaning(base::split(lower, '.'));
  }
  if (lower == settings.domain) return OfDomain();
  lower.resize(lower.size() - settings.domain.size() - 1);
  std::vector<std::string> labels = base::split(lower, '.');
  const auto is_kind = [](const std::string& label) {
    return label == "service" || label == "node" || label == "query" || label == "addr";
  };
  // "_web._tcp.consul" needs no "service".
  if (labels.size() == 2 && underscored(labels[0]) && underscored(labels[1]))
    return service_of(std::move(labels));
  std::string datacenter = base::to_lower(settings.datacenter);
  const bool is_here = is_kind(labels.back());
  // "web.service.dc1.consul", or "web.service.dc1.dc.consul".
  const std::size_t count = labels.size();
  if (count > 2 && labels.back() == "dc" && is_kind(labels[count - 3])) labels.pop_back();
  if (!is_here) {
    datacenter = labels.back();
    labels.pop_back();
  }
  if (labels.size() < 2 || !is_kind(labels.back())) return OfNothing();
  if (datacenter != base::to_lower(settings.datacenter)) return OfElsewhere{datacenter};
  const std::string kind = labels.back();
  labels.pop_back();
  if (kind == "service") return service_of(std::move(labels));
  if (kind == "query") return query_of(labels);
  if (kind == "node") return OfNode{base::join(labels, ".")};
  const auto address = labels.size() == 1 ? address_of(labels[0]) : std::nullopt;
  return address ? Meaning(OfAddress{*address}) : Meaning(OfNothing());
}

std::string datacenter_asked(const Settings& settings, const std::string& name) {
  if (reversed_address(name)) return "";
  const Meaning meaning = meaning_of(settings, name);
  const auto* elsewhere = std::get_if<OfElsewhere>(&meaning);
  return elsewhere ? elsewhere->datacenter : "";
}

std::string watched_of(const Settings& settings, const Question& question) {
  if (settings.a_record_limit > 0 || reversed_address(question.name)) return "";
  const Meaning meaning = meaning_of(settings, question.name);
  if (const auto* service = std::get_if<OfService>(&meaning))
    return state::prefix::health(service->service);
  if (const auto* native = std::get_if<OfNative>(&meaning))
    return state::prefix::service(native->ns, native->service);
  return "";
}

std::optional<std::string> reversed_address(const std::string& name) {
  std::string lower = base::to_lower(name);
  const bool is_v4 = lower.ends_with(ipv4_suffix);
  if (!is_v4 && !lower.ends_with(ipv6_suffix)) return {};
  lower.resize(lower.size() - (is_v4 ? ipv4_suffix : ipv6_suffix).size());
  std::vector<std::string> labels = base::split(lower, '.');
  std::ranges::reverse(labels);
  if (!is_v4) return address_of(base::join(labels, ""));
  const std::string address = base::join(labels, ".");
  return is_ipv4(address) ? std::optional(address) : std::nullopt;
}

std::optional<std::string> digits_of(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  const bool is_v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return {};
  std::string digits;
  for (std::size_t i = 0; i < (is_v4 ? 4u : 16u); ++i)
    digits += fmt::format("{:02x}", bytes[i]);
  return digits;
}

bool is_ipv4(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1;
}
bool is_ipv6(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

}  // namespace caravan::dns
