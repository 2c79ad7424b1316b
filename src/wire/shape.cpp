// SPDX-License-Identifier: Apache-2.0
#include "wire/shape.hpp"

#include "base/text.hpp"

namespace caravan::wire {

json::Value* named_member(json::Object& object, std::string_view name) {
  if (json::Value* exact = object.find(name)) return exact;
  const std::string wanted = base::to_lower(name);
  for (json::Member& member : object)
    if (member.name.size() == wanted.size() && base::to_lower(member.name) == wanted) {
      member.name = name;
      return &member.value;
    }
  return nullptr;
}

}  // namespace caravan::wire
