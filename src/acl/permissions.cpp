// SPDX-License-Identifier: Apache-2.0
#include "acl/permissions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace caravan::acl {
namespace {

bool denies(const Capabilities& set, Realm realm) { return set.test(bit(deny_of(realm))); }

bool reads_variable(Capability capability) {
  return capability == Capability::variable_read || capability == Capability::variable_list;
}

/// Globs in a namespace must not reach into the path, so both are matched on their own.
bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t in_pattern = pattern.find('\0'), in_name = name.find('\0');
  if (in_pattern == std::string_view::npos || in_name == std::string_view::npos)
    return base::glob_match(pattern, name);
  return base::glob_match(pattern.substr(0, in_pattern), name.substr(0, in_name)) &&
         base::glob_match(pattern.substr(in_pattern + 1), name.substr(in_name + 1));
}

std::string variable_key(std::string_view ns, std::string_view path) {
  std::string key(ns);
  key += '\0';
  key += path;
  return key;
}

}  // namespace

std::size_t distance(std::string_view pattern, std::string_view name) {
  const auto stars = static_cast<std::size_t>(std::ranges::count(pattern, '*'));
  return name.size() + stars - pattern.size();  // a glob that matches is at most so much longer
}

void Grants::add(const std::string& pattern, const Capabilities& capabilities) {
  by_pattern_[pattern] |= capabilities;
}

const Capabilities* Grants::exactly(std::string_view name) const {
  const auto found = by_pattern_.find(name);
  return found == by_pattern_.end() ? nullptr : &found->second;
}

Capabilities Grants::on(std::string_view name) const {
  if (const auto exact = by_pattern_.find(name); exact != by_pattern_.end()) return exact->second;
  const Capabilities* nearest = nullptr;
  std::size_t least = 0;
  for (const auto& [pattern, capabilities] : by_pattern_) {
    if (!matches(pattern, name)) continue;
    const std::size_t far = distance(pattern, name);
    if (nearest && far >= least) continue;
    nearest = &capabilities;
    least = far;
  }
  return nearest ? *nearest : Capabilities();
}

bool Grants::somewhere(Capability capability) const {
  const Realm realm = realm_of(capability);
  return std::ranges::any_of(by_pattern_, [&](const auto& entry) {
    return entry.second.test(bit(capability)) && !denies(entry.second, realm);
  });
}

void NameGrants::add(const NameGrant& grant) {
  (grant.is_prefix ? prefixes_ : exact_)[grant.name] |= grant.capabilities;
}

Capabilities NameGrants::on(std::string_view name) const {
  const auto exact = exact_.find(name);
  return exact != exact_.end() ? exact->second : on_beginning(name);
}

/// Of the beginnings of a name the longest comes last in order, though not alone.
Capabilities NameGrants::on_beginning(std::string_view name) const {
  for (auto at = prefixes_.upper_bound(name); at != prefixes_.begin();)
    if (--at; name.starts_with(at->first)) return at->second;
  return {};
}

bool NameGrants::on_all_under(Capability capability, std::string_view prefix) const {
  const auto grants = [&](const Capabilities& set) {
    return set.test(bit(capability)) && !denies(set, realm_of(capability));
  };
  if (!grants(on_beginning(prefix))) return false;
  for (const ByName* map : {&exact_, &prefixes_})
    for (auto at = map->lower_bound(prefix); at != map->end() && at->first.starts_with(prefix);
         ++at)
      if (!grants(at->second)) return false;
  return true;
}

bool NameGrants::somewhere(Capability capability) const {
  const auto grants = [&](const auto& entry) {
    return entry.second.test(bit(capability)) && !denies(entry.second, realm_of(capability));
  };
  return std::ranges::any_of(exact_, grants) || std::ranges::any_of(prefixes_, grants);
}

std::optional<Permissions> Permissions::of(
    std::span<const model::AclPolicy* const> policies) {
  std::vector<Rules> all;
  for (const model::AclPolicy* policy : policies) {
    base::Result<Rules> read = parse_rules(policy->name, policy->rules);
    if (!read) return {};
    all.push_back(*std::move(read));
  }
  return Permissions(all);
}

Permissions::Permissions(std::span<const Rules> policies) {
  for (const Rules& rules : policies) {
    for (const NamespaceGrant& grant : rules.namespaces) {
      namespaces_.add(grant.pattern, grant.capabilities);
      for (const Grant& path : grant.variables)
        variables_.add(variable_key(grant.pattern, path.pattern), path.capabilities);
    }
    for (const Grant& grant : rules.node_pools)
      node_pools_.add(grant.pattern, grant.capabilities);
    for (const Grant& grant : rules.host_volumes)
      host_volumes_.add(grant.pattern, grant.capabilities);
    for (const NameGrant& grant : rules.names)
      names_[grant.realm].add(grant);
    cluster_ |= rules.cluster;
  }
}

Permissions Permissions::management() {
  Permissions all;
  all.is_management_ = true;
  return all;
}

void Permissions::own(std::string ns, std::set<std::string> paths) {
  own_ns_ = std::move(ns);
  own_paths_ = {paths.begin(), paths.end()};
}

const Grants* Permissions::grants_of(Realm realm) const {
  switch (realm) {
    case Realm::space:
      return &namespaces_;
    case Realm::node_pool:
      return &node_pools_;
    case Realm::host_volume:
      return &host_volumes_;
    default:
      return nullptr;
  }
}

const NameGrants* Permissions::names_of(Realm realm) const {
  static const NameGrants nothing;
  const bool is_named = realm >= Realm::key && realm < Realm::none;
  if (!is_named) return nullptr;
  const auto found = names_.find(realm);
  return found == names_.end() ? &nothing : &found->second;
}

bool Permissions::in_grants(const Grants& grants, Capability capability,
                            std::string_view subject) const {
  const Capabilities set = grants.on(subject);
  if (denies(set, realm_of(capability))) return false;
  return set.test(bit(capability)) || set.test(bit(broader(capability)));
}

bool Permissions::allows(Capability capability, std::string_view subject) const {
  if (is_management_ || capability == Capability::anyone) return true;
  if (capability == Capability::management) return false;
  if (capability == Capability::see_namespace) {
    const Capabilities set = namespaces_.on(subject);
    return set.any() && !denies(set, Realm::space);
  }
  if (capability == Capability::find_service) {
    const Capabilities set = namespaces_.on(subject);
    return !denies(set, Realm::space) &&
           (set.test(bit(Capability::read_job)) || (!own_ns_.empty() && subject == own_ns_));
  }
  const Realm realm = realm_of(capability);
  if (const Grants* grants = grants_of(realm)) return in_grants(*grants, capability, subject);
  if (const NameGrants* names = names_of(realm)) {
    const Capabilities set = names->on(subject);
    return set.test(bit(capability)) && !denies(set, realm);
  }
  if (realm == Realm::variable) return false;  // those have a path: allows_variable()
  return !denies(cluster_, realm) && cluster_.test(bit(capability));
}

bool Permissions::allows_somewhere(Capability capability) const {
  if (is_management_ || capability == Capability::anyone) return true;
  if (capability == Capability::find_service)
    return !own_ns_.empty() || allows_somewhere(Capability::read_job);
  if (reads_variable(capability) && !own_paths_.empty()) return true;
  const Realm realm = realm_of(capability);
  if (const NameGrants* names = names_of(realm)) return names->somewhere(capability);
  const Grants* grants = realm == Realm::variable ? &variables_ : grants_of(realm);
  if (!grants) return allows(capability, "");
  return grants->somewhere(capability) || grants->somewhere(broader(capability));
}

bool Permissions::allows_all_under(Capability capability, std::string_view prefix) const {
  if (is_management_) return true;
  const NameGrants* names = names_of(realm_of(capability));
  return names && names->on_all_under(capability, prefix);
}

bool Permissions::allows_variable(Capability capability, std::string_view ns,
                                  std::string_view path) const {
  if (is_management_) return true;
  const std::string key = variable_key(ns, path);
  if (reads_variable(capability) && !variables_.exactly(key) && ns == own_ns_ &&
      own_paths_.contains(path))
    return true;
  const Capabilities set = variables_.on(key);
  return !denies(set, Realm::variable) && set.test(bit(capability));
}

}  // namespace caravan::acl
