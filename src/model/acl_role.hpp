// SPDX-License-Identifier: Apache-2.0
// A named set of policies that tokens share.
#pragma once

#include <string>
#include <vector>

#include "base/id.hpp"
#include "model/field.hpp"

namespace caravan::model {

struct AclRole {
  base::Uuid id;
  std::string name, description;
  std::vector<std::string> policies;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const AclRole&, const AclRole&) = default;
};
template <class V>
void fields(V& v, AclRole& r) {
  v(1, "ID", r.id);
  v(2, "Name", r.name);
  v(3, "Description", r.description);
  v(4, "Policies", r.policies);
  v(5, "CreateIndex", r.create_index);
  v(6, "ModifyIndex", r.modify_index);
  v.unknown(r.unknown);
}

/// What is wrong with it, "" when nothing is.
std::string complaint(const AclRole& role);

}  // namespace caravan::model
