// SPDX-License-Identifier: Apache-2.0
// What one agent knows of: its own services and checks, and those of guests, with what the servers
// have not heard of yet. What a change costs does not depend on how many there are. Pure.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "registry/own_check.hpp"

namespace caravan::registry {

/// Ids that changed.
struct Touched {
  std::set<std::string> services, checks;
};

class Inventory {
 public:
  explicit Inventory(std::string node) : node_(std::move(node)) {}

  /// Each takes the place of what has that id.
  void put(model::CatalogService service);
  OwnCheck& put(CheckDefinition definition, base::Duration now);
  /// With its checks. False when it is not there.
  bool erase_service(const std::string& id);
  bool erase_check(const std::string& id);
  /// A check is not what it was.
  void touch_check(const std::string& id) { touched_.checks.insert(id); }
  /// All that `owner` has here, from now on. A guest hides behind an own one of the same id.
  void set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                  std::vector<model::CatalogCheck> checks);

  const std::map<std::string, model::CatalogService>& own_services() const { return services_; }
  const std::map<std::string, OwnCheck>& own_checks() const { return checks_; }
  OwnCheck* own_check(const std::string& id);
  /// Of one service, or with "" of the node.
  const std::set<std::string>& own_checks_of(const std::string& service) const;
  const std::set<std::string>& aliases() const { return aliases_; }
  /// Checks that end their service when they stay critical.
  const std::set<std::string>& ending() const { return ending_; }

  // With guests.
  const model::CatalogService* service(const std::string& id) const;
  enum class Words { newest, told };
  std::optional<model::CatalogCheck> check(const std::string& id, Words words) const;
  std::vector<model::CatalogCheck> checks_of(const std::string& service) const;
  std::map<std::string, model::CatalogService> services() const;
  std::map<std::string, model::CatalogCheck> checks(Words words) const;

  /// What changed since this was called last.
  Touched take_touched() { return std::exchange(touched_, {}); }
  const std::string& node() const { return node_; }

 private:
  void touch_service(const std::string& id);
  void forget_check(const OwnCheck& check);

  const std::string node_;
  std::map<std::string, model::CatalogService> services_;
  std::map<std::string, OwnCheck> checks_;
  std::map<std::string, std::set<std::string>> checks_of_;
  std::set<std::string> aliases_, ending_;
  std::map<std::string, model::CatalogService> guest_services_;
  std::map<std::string, model::CatalogCheck> guest_checks_;
  std::map<std::string, Touched> guests_;  // by owner
  Touched touched_;
};

}  // namespace caravan::registry
