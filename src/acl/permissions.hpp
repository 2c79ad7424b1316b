// SPDX-License-Identifier: Apache-2.0
// What all the policies of one caller allow together. Pure, immutable, shared between threads.
//
// Merging: capabilities under one name add up, and `deny` overrides all beside it. Deciding: the
// name itself first; else, of the globs that match, the one with the fewest characters left to its
// stars (length of the name - length of the glob + number of stars), and of two such the first in
// the order of text; only that one counts. Nothing matches: denied.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "acl/rules.hpp"
#include "model/acl_policy.hpp"

namespace caravan::acl {

/// Patterns and what they grant.
class Grants {
 public:
  void add(const std::string& pattern, const Capabilities& capabilities);
  /// Of the pattern that is the name itself, when there is one.
  const Capabilities* exactly(std::string_view name) const;
  /// Of the pattern that decides about the name; nothing when none matches.
  Capabilities on(std::string_view name) const;
  /// Whether some name may be allowed this.
  bool somewhere(Capability capability) const;

 private:
  std::map<std::string, Capabilities, std::less<>> by_pattern_;
};

/// Names, and beginnings of names, and what they grant: the name itself decides, else the longest
/// beginning of it.
class NameGrants {
 public:
  void add(const NameGrant& grant);
  Capabilities on(std::string_view name) const;
  /// Whether all names that begin so are granted it, whatever longer ones say.
  bool on_all_under(Capability capability, std::string_view prefix) const;
  bool somewhere(Capability capability) const;

 private:
  using ByName = std::map<std::string, Capabilities, std::less<>>;
  Capabilities on_beginning(std::string_view name) const;
  ByName exact_, prefixes_;
};

/// How far a glob that matches is from the name; less is nearer.
std::size_t distance(std::string_view pattern, std::string_view name);

class Permissions {
 public:
  Permissions() = default;  // nothing is allowed
  explicit Permissions(std::span<const Rules> policies);
  /// Nothing when one of them cannot be read: another version took what this one does not
  /// understand, and it may have denied something.
  static std::optional<Permissions> of(std::span<const model::AclPolicy* const> policies);
  static Permissions management();

  /// Of a task: variables at these very paths may be read and listed, unless a policy names one of
  /// them, and services of the namespace may be found, unless a policy denies all of it.
  void own(std::string ns, std::set<std::string> paths);

  bool is_management() const { return is_management_; }
  /// `subject`: the namespace, the pool or the volume; of what is about the whole cluster, "".
  bool allows(Capability capability, std::string_view subject) const;
  /// Whether there may be a namespace, pool or volume in which it is allowed.
  bool allows_somewhere(Capability capability) const;
  /// On every key, or on the sessions of every node, whose name begins so.
  bool allows_all_under(Capability capability, std::string_view prefix) const;
  bool allows_variable(Capability capability, std::string_view ns, std::string_view path) const;

 private:
  bool in_grants(const Grants& grants, Capability capability, std::string_view subject) const;
  const Grants* grants_of(Realm realm) const;
  const NameGrants* names_of(Realm realm) const;

  bool is_management_ = false;
  Grants namespaces_, node_pools_, host_volumes_;
  std::map<Realm, NameGrants> names_;  // of the registry
  Grants variables_;                   // by namespace, a NUL, and path
  Capabilities cluster_;
  std::string own_ns_;
  std::set<std::string, std::less<>> own_paths_;
};

}  // namespace caravan::acl
