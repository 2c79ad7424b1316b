// SPDX-License-Identifier: Apache-2.0
// One agent's own services and checks: registered here, kept on its disk, probed, and told to the
// servers, which forget nothing of it and are told again what they do not have. Main lane.
#pragma once

#include <map>
#include <optional>

#include "io/log.hpp"
#include "io/world.hpp"
#include "registry/asking.hpp"
#include "registry/journal.hpp"
#include "registry/told.hpp"
#include "rpc/rpc.hpp"

namespace caravan::registry {

/// What the agent itself offers, or its files say: a service with its checks, or, without a name,
/// checks of the node.
struct Resident {
  model::CatalogService service;
  std::vector<CheckDefinition> checks;
};

struct RegistryConfig {
  model::CatalogNode node;  // this agent's
  std::string file;         // where its services are kept
  /// What the agent itself is, and its API does not list: the servers' own service.
  std::vector<model::CatalogService> built_in;
  /// Like registered ones, but as this start of the agent has them: they are not kept.
  std::vector<Resident> residents;
  RunInContainer run_in_container;
};

/// Of one agent.
inline constexpr std::size_t services_max = 8192, checks_max = 16'384;

class Registry {
 public:
  /// References outlive it.
  Registry(io::World& world, io::Datagrams& datagrams, RegistryConfig config,
           rpc::Channel& servers, io::Logger log);

  /// Errors: invalid (what is kept is damaged).
  io::Task<base::Status> start();
  io::Task<void> stop();
  /// Before stop(), when the agent goes for good: the servers forget its node.
  io::Task<void> leave();

  /// Takes the place of a service of this id, and of its checks when `replaces_checks`. Returns
  /// once it is on the disk, and the servers have it or are slow. Errors: too_large (the limits).
  io::Task<base::Status> add(model::CatalogService service, std::vector<CheckDefinition> checks,
                             bool replaces_checks);
  /// Errors: not_found.
  io::Task<base::Status> remove_service(std::string id);
  /// Errors: not_found (its service), too_large.
  io::Task<base::Status> add_check(CheckDefinition check);
  io::Task<base::Status> remove_check(std::string id);
  /// What its owner found. Errors: not_found, invalid (no TTL check).
  base::Status note(const std::string& check, model::Health health, std::string output);
  /// The residents are these from now on; checks that stay as they are go on where they stand.
  void set_residents(std::vector<Resident> residents);

  /// What somebody in this agent keeps here as long as it says so, under a name of its own. It is
  /// not written down, and its checks are its own.
  void set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                  std::vector<model::CatalogCheck> checks);

  /// Counts what changes here.
  std::uint64_t version() const { return version_; }
  /// Returns when it is another, or after `patience`.
  io::Task<void> wait_for_other(std::uint64_t version, base::Duration patience);

  const std::string& node() const { return config_.node.name; }
  /// Everything, as others see it.
  const Inventory& inventory() const { return inventory_; }

 private:
  // registry.cpp
  Kept to_keep() const;
  io::Task<base::Status> rewrite();
  KeptCheck kept(const OwnCheck& check) const;
  io::Task<base::Status> kept_and_told(KeptChange change);
  base::Status load();
  void settle(const Resident& resident, base::Duration patience);
  bool is_resident(const std::string& service, const std::string& check) const;
  base::Status check_room(std::size_t services, std::size_t checks) const;
  OwnCheck& put(CheckDefinition check);
  void changed();
  void changed_check(const OwnCheck& check);

  // registry_checks.cpp
  io::Task<void> run_checks();
  void see_to(const std::string& id, base::Duration now);
  void schedule(const OwnCheck& check);
  io::Task<void> probe(std::string id);
  io::Task<void> ask_alias_nodes();
  bool is_elsewhere(const std::string& named) const;
  void look_at_aliases();
  void look_at_alias(OwnCheck& alias);
  std::vector<model::CatalogCheck> meant_by(const CheckDefinition& alias) const;
  io::Task<void> end_what_stays_critical();

  // registry_sync.cpp: the servers
  io::Task<void> tell_changes();
  io::Task<void> beat();
  io::Task<base::Result<wire::CatalogOf>> known_of(std::string node);
  io::Task<base::Status> tell();

  io::World& world_;
  io::Datagrams& datagrams_;
  const RegistryConfig config_;
  const Self self_;
  rpc::Channel& servers_;
  io::Logger log_;
  Inventory inventory_;
  Journal journal_;
  std::set<std::string> resident_services_, resident_checks_;
  /// When each check is due; a check that is due at another time by now is looked at for nothing.
  std::set<std::pair<base::Duration, std::string>> due_;
  /// Of nodes that alias checks name: what the servers said last.
  std::map<std::string, wire::CatalogOf> alias_nodes_;
  /// What the servers have, as far as they said; nothing: they are to be asked.
  std::optional<Told> told_;
  std::uint64_t version_ = 0, told_version_ = 0;  // of what stands above
  io::Event changed_, was_told_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::registry
