// SPDX-License-Identifier: Apache-2.0
// One agent's own services and checks: registered here, kept on its disk, probed, and told to the
// servers, which forget nothing of it and are told again what they do not have. Main lane.
#pragma once

#include <map>
#include <optional>

#include "io/log.hpp"
#include "io/task.hpp"
#include "io/world.hpp"
#include "registry/own_check.hpp"
#include "rpc/rpc.hpp"
#include "wire/catalog_rpc.hpp"

namespace caravan::registry {

/// What the agent itself offers, with its checks.
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
};

/// Of one agent.
inline constexpr std::size_t services_max = 8192, checks_max = 16'384;

class Registry {
 public:
  /// References outlive it.
  Registry(io::World& world, RegistryConfig config, rpc::Channel& servers, io::Logger log);

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

  /// What somebody in this agent keeps here as long as it says so, under a name of its own. It is
  /// not written down, and its checks are its own.
  void set_guests(const std::string& owner, std::vector<model::CatalogService> services,
                  std::vector<model::CatalogCheck> checks);

  const std::string& node() const { return config_.node.name; }
  /// With those of guests, by id.
  std::map<std::string, model::CatalogService> services() const;
  /// As others see them, by id.
  std::map<std::string, model::CatalogCheck> checks() const { return all_checks(&OwnCheck::shown); }

 private:
  // registry.cpp
  io::Task<base::Status> keep();
  io::Task<base::Status> kept_and_told();
  base::Status load();
  void settle_residents();
  bool is_resident(const std::string& service) const;
  base::Status check_room(std::size_t services, std::size_t checks) const;
  using View = model::CatalogCheck (OwnCheck::*)(const std::string& node) const;
  std::map<std::string, model::CatalogCheck> all_checks(View view) const;
  void changed();

  // registry_checks.cpp
  io::Task<void> run_checks();
  io::Task<void> probe(std::string id);
  void look_at_aliases();
  io::Task<void> end_what_stays_critical();

  // registry_sync.cpp: the servers
  io::Task<void> tell_changes();
  io::Task<void> beat();
  io::Task<base::Status> tell();
  wire::ChangeCatalog difference(const wire::CatalogOf& wanted) const;
  wire::CatalogOf wanted() const;

  io::World& world_;
  const RegistryConfig config_;
  rpc::Channel& servers_;
  io::Logger log_;
  std::map<std::string, model::CatalogService> services_;
  std::map<std::string, OwnCheck> checks_;
  struct Guests {
    std::vector<model::CatalogService> services;
    std::vector<model::CatalogCheck> checks;
  };
  std::map<std::string, Guests> guests_;  // by owner
  /// What the servers have, as far as they said; nothing: they are to be asked.
  std::optional<wire::CatalogOf> told_;
  std::uint64_t version_ = 0, told_version_ = 0;  // of what stands above
  bool is_keeping_ = false;
  io::Event changed_, was_told_, was_kept_;
  io::TaskGroup tasks_;
};

}  // namespace caravan::registry
