// SPDX-License-Identifier: Apache-2.0
// The fleets that schedulers work on, kept from one evaluation to the next: to bring one up to date
// costs what changed, to build one what the cluster holds. A fleet holds on to the state that it
// saw last, so only a server that leads keeps any, and sees to it that idle ones follow.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "scheduler/fleet.hpp"

namespace caravan::server {

class Fleets {
 public:
  /// A fleet in use by one; it comes back when the lease ends.
  class Lease {
   public:
    explicit Lease(Fleets& fleets) : fleets_(fleets), fleet_(fleets.take()) {}
    ~Lease() { fleets_.give_back(std::move(fleet_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    scheduler::Fleet& fleet() { return *fleet_; }

   private:
    Fleets& fleets_;
    std::unique_ptr<scheduler::Fleet> fleet_;
  };

  /// So many idle ones stay from now on; 0 lets all go. Any thread, like leases.
  void keep(std::size_t count);
  /// Takes the one that was idle for longest, so that it may follow; null when none is.
  std::unique_ptr<scheduler::Fleet> take_oldest();
  void give_back(std::unique_ptr<scheduler::Fleet> fleet);
  std::size_t idle() const;

 private:
  std::unique_ptr<scheduler::Fleet> take();

  mutable std::mutex mutex_;                             // guards what follows
  std::vector<std::unique_ptr<scheduler::Fleet>> idle_;  // the one used last at the end
  std::size_t kept_ = 0;
};

}  // namespace caravan::server
