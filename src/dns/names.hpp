// SPDX-License-Identifier: Apache-2.0
// What a name below our domain asks for.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "dns/answers.hpp"

namespace caravan::dns {

struct OfService {
  std::string service, tag;
};
/// One of the cluster's own services, which are in a namespace.
struct OfNative {
  std::string service, tag, ns;
};
struct OfNode {
  std::string node;
};
/// A prepared query, by its name or its id.
struct OfQuery {
  std::string name;
};
struct OfAddress {
  std::string address;  // as text
};
struct OfDomain {};  // the domain itself
/// Something of another datacenter, which is known or not.
struct OfElsewhere {
  std::string datacenter;  // in small letters
};
/// Nothing: a form that is not built, or nonsense.
struct OfNothing {};
using Meaning = std::variant<OfNothing, OfElsewhere, OfDomain, OfService, OfNative, OfNode,
                             OfQuery, OfAddress>;

/// Whether it is below this domain, or the domain itself. The name is in small letters.
bool is_below(const std::string& name, const std::string& domain);
/// Capitals do not count. Precondition: the name is_ours() and no address's.
Meaning meaning_of(const Settings& settings, const std::string& name);
/// The datacenter that a name is of, in small letters, when that is another one than ours; else "".
std::string datacenter_asked(const Settings& settings, const std::string& name);
/// What of the state rises when the instances change that a question asks for; "" of a question
/// that is for no service, or not for all of them there are.
std::string watched_of(const Settings& settings, const Question& question);
/// The address that "4.3.2.1.in-addr.arpa." or its like for IPv6 stands for.
std::optional<std::string> reversed_address(const std::string& name);

/// "5fd9ba62", or 32 digits for IPv6; nothing for what is no address.
std::optional<std::string> digits_of(const std::string& address);
bool is_ipv4(const std::string& text);
bool is_ipv6(const std::string& text);

}  // namespace caravan::dns
