// SPDX-License-Identifier: Apache-2.0
// Identities. A UUID is 16 bytes, not 36 characters, because a cluster holds millions of them. Each
// noun has its own type, so that an allocation's id never lands where a node's belongs.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::base {

/// 16 bytes written as 8-4-4-4-12 lower-case hex digits. All zero means "none" and prints as "".
struct Uuid {
  static constexpr std::size_t characters = 36;
  std::array<std::uint8_t, 16> bytes{};

  /// Reads the 36-character form; "" gives the nil id. Errors: invalid, with the text quoted.
  static Result<Uuid> parse(std::string_view text);
  /// Turns 16 random bytes into a version 4 UUID.
  static Uuid from_random(std::array<std::uint8_t, 16> bytes);

  bool is_nil() const;
  std::string to_string() const;
  /// The first 8 hex digits, as the tables of the command line show it.
  std::string to_short() const { return to_string().substr(0, 8); }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

template <class Noun>
struct Id : Uuid {
  Id() = default;
  explicit Id(const Uuid& uuid) : Uuid(uuid) {}
  static Result<Id> parse(std::string_view text) {
    TRY(Uuid uuid, Uuid::parse(text));
    return Id(uuid);
  }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using AllocId = Id<struct AllocNoun>;
using EvalId = Id<struct EvalNoun>;
using NodeId = Id<struct NodeNoun>;
using DeploymentId = Id<struct DeploymentNoun>;

/// Jobs, services and variables are named by people, inside a namespace.
struct JobId {
  std::string ns = "default";
  std::string id;
  friend auto operator<=>(const JobId&, const JobId&) = default;
};

}  // namespace caravan::base

template <>
struct std::hash<caravan::base::Uuid> {
  std::size_t operator()(const caravan::base::Uuid& id) const noexcept {
    std::size_t word;
    std::memcpy(&word, id.bytes.data(), sizeof word);
    return word;
  }
};
template <class Noun>
struct std::hash<caravan::base::Id<Noun>> : std::hash<caravan::base::Uuid> {};
