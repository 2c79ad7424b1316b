// SPDX-License-Identifier: Apache-2.0
#include "server/fleets.hpp"

namespace caravan::server {

void Fleets::keep(std::size_t count) {
  std::vector<std::unique_ptr<scheduler::Fleet>> gone;  // freed outside the lock
  const std::scoped_lock lock(mutex_);
  kept_ = count;
  for (; idle_.size() > kept_; idle_.erase(idle_.begin()))
    gone.push_back(std::move(idle_.front()));
}

std::unique_ptr<scheduler::Fleet> Fleets::take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<scheduler::Fleet>();
  std::unique_ptr<scheduler::Fleet> fleet = std::move(idle_.back());
  idle_.pop_back();
  return fleet;
}

std::unique_ptr<scheduler::Fleet> Fleets::take_oldest() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<scheduler::Fleet> fleet = std::move(idle_.front());
  idle_.erase(idle_.begin());
  return fleet;
}

void Fleets::give_back(std::unique_ptr<scheduler::Fleet> fleet) {
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kept_) idle_.push_back(std::move(fleet));
}

std::size_t Fleets::idle() const {
  const std::scoped_lock lock(mutex_);
  return idle_.size();
}

}  // namespace caravan::server
