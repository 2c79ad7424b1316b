// SPDX-License-Identifier: Apache-2.0
// What the operations of a transaction on the key-value store found and could not do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/kv.hpp"

namespace caravan::state {

template <class T>
using Ref = std::shared_ptr<const T>;

struct KvOutcome {
  struct Shown {
    Ref<model::KvEntry> entry;
    bool with_value = false;
  };
  struct Failure {
    std::size_t operation = 0;
    std::string what;
  };
  std::vector<Shown> shown;
  std::vector<Failure> failures;  // nothing was done when there are any
};

}  // namespace caravan::state
