// SPDX-License-Identifier: Apache-2.0
// What the operations of a transaction found and could not do.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/catalog.hpp"
#include "model/kv.hpp"

namespace caravan::state {

template <class T>
using Ref = std::shared_ptr<const T>;

struct TxnOutcome {
  /// One of them; the others are null.
  struct Shown {
    Ref<model::KvEntry> entry;
    bool with_value = false;
    Ref<model::CatalogNode> node;
    Ref<model::CatalogService> service;
    Ref<model::CatalogCheck> check;
  };
  struct Failure {
    std::size_t operation = 0;
    std::string what;
  };
  std::vector<Shown> shown;
  std::vector<Failure> failures;  // nothing was done when there are any
  std::string datacenter;         // of the nodes
};

}  // namespace caravan::state
