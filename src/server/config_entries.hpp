// SPDX-License-Identifier: Apache-2.0
// Writes of configuration entries, and of the intentions within them.
#pragma once

#include <functional>
#include <vector>

#include "io/task_fwd.hpp"
#include "model/intention.hpp"
#include "server/proposals.hpp"
#include "state/store.hpp"

namespace caravan::server {

class ConfigEntries {
 public:
  ConfigEntries(io::World& world, const state::Store& store, Proposals& proposals)
      : world_(world), store_(store), proposals_(proposals) {}

  /// Whether it was done; if not, its index was not `expected` (0: there was to be none). Errors:
  /// invalid (there are too many), conflict (others write it all the time), and those of Proposals.
  io::Task<base::Result<bool>> put(model::ConfigEntry entry,
                                   std::optional<std::uint64_t> expected);
  /// The same; of what is not there, it was done. Errors: those of Proposals.
  io::Task<base::Result<bool>> remove(model::ConfigKey key, std::optional<std::uint64_t> expected);

  /// A new intention; gives its id. Errors: invalid (there is one from its source to its
  /// destination, or too many), and those of put().
  io::Task<base::Result<base::Uuid>> create(model::Intention intention);
  /// In place of the one of its id. Errors: not_found, invalid (another source or destination).
  io::Task<base::Status> update(model::Intention intention);
  /// In place of the one from its source to its destination, or a new one.
  io::Task<base::Status> put(model::Intention intention);
  /// Errors: not_found.
  io::Task<base::Status> remove(const base::Uuid& id);
  io::Task<base::Status> remove(std::string source, std::string destination);

 private:
  using Edit = std::function<base::Status(std::vector<model::Intention>&)>;
  io::Task<base::Status> change(std::string destination, Edit edit);
  std::string now() const { return base::format_rfc3339(world_.clock.now()); }

  io::World& world_;
  const state::Store& store_;
  Proposals& proposals_;
};

}  // namespace caravan::server
