// SPDX-License-Identifier: Apache-2.0
// A name for one version of a job. A version that has one is not forgotten.
#pragma once

#include <string>

#include "model/field.hpp"

namespace caravan::model {

inline constexpr std::size_t tag_description_max = 1000;

struct JobVersionTag {
  std::string name, description;
  std::int64_t tagged_time_ns = 0;
  base::Unknown unknown;
  friend bool operator==(const JobVersionTag&, const JobVersionTag&) = default;
};
template <class V>
void fields(V& v, JobVersionTag& t) {
  v(1, "Name", t.name);
  v(2, "Description", t.description);
  v(3, "TaggedTime", t.tagged_time_ns);
  v.unknown(t.unknown);
}

}  // namespace caravan::model
