// SPDX-License-Identifier: Apache-2.0
// What those who come by an auth method may do, chosen by what their provider says of them.
#pragma once

#include <string>

#include "base/id.hpp"
#include "base/time.hpp"
#include "model/field.hpp"

namespace caravan::model {

inline constexpr const char* bind_role = "role";
inline constexpr const char* bind_policy = "policy";
inline constexpr const char* bind_management = "management";

struct BindingRule {
  base::Uuid id;
  std::string description, auth_method;
  std::string selector;  // a filter over value.… and list.…; "": everybody
  std::string bind_type;
  std::string bind_name;  // of the role or the policy; `${value.x}` is filled in
  base::Instant create_time, modify_time;
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;
  friend bool operator==(const BindingRule&, const BindingRule&) = default;
};
template <class V>
void fields(V& v, BindingRule& r) {
  v(1, "ID", r.id);
  v(2, "Description", r.description);
  v(3, "AuthMethod", r.auth_method);
  v(4, "Selector", r.selector);
  v(5, "BindType", r.bind_type);
  v(6, "BindName", r.bind_name);
  v(7, "CreateTime", r.create_time);
  v(8, "ModifyTime", r.modify_time);
  v(9, "CreateIndex", r.create_index);
  v(10, "ModifyIndex", r.modify_index);
  v.unknown(r.unknown);
}

/// What is wrong with it, "" when nothing is.
std::string complaint(const BindingRule& rule);

}  // namespace caravan::model
