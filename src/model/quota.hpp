// SPDX-License-Identifier: Apache-2.0
// What the allocations of the namespaces that name a quota may take together. In each amount 0 is
// no limit, and a negative number allows nothing (the public documentation of quotas).
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "model/allocation.hpp"

namespace caravan::model {

/// What counts against a quota: what groups ask for, memory_max in place of memory where it is set.
struct QuotaAmounts {
  std::int64_t cpu = 0, cores = 0, memory_mb = 0, memory_mb_max = 0, disk_mb = 0, secrets_mb = 0;
  json::Value devices, networks, storage, numa;  // of a limit; not built yet
  base::Unknown unknown;
  QuotaAmounts& operator+=(const QuotaAmounts& other);
  QuotaAmounts& operator-=(const QuotaAmounts& other);
  friend bool operator==(const QuotaAmounts&, const QuotaAmounts&) = default;
};
template <class V>
void fields(V& v, QuotaAmounts& a) {
  v(1, "CPU", a.cpu);
  v(2, "Cores", a.cores);
  v(3, "MemoryMB", a.memory_mb);
  v(4, "MemoryMaxMB", a.memory_mb_max);
  v(5, "DiskMB", a.disk_mb);
  v(6, "SecretsMB", a.secrets_mb);
  v(7, "Devices", a.devices);
  v(8, "Networks", a.networks);
  v(9, "Storage", a.storage);
  v(10, "NUMA", a.numa);
  v.unknown(a.unknown);
}

/// What one copy of a group counts.
QuotaAmounts quota_amounts(const TaskGroup& group);

struct QuotaLimit {
  std::string region = "global";
  QuotaAmounts amounts;
  std::int64_t variables_limit = 0;  // not built yet
  base::Unknown unknown;
  friend bool operator==(const QuotaLimit&, const QuotaLimit&) = default;
};
template <class V>
void fields(V& v, QuotaLimit& l) {
  v(1, "Region", l.region);
  v(2, "RegionLimit", l.amounts);
  v(3, "VariablesLimit", l.variables_limit);
  v.unknown(l.unknown);
}

struct Quota {
  std::string name, description;
  std::vector<QuotaLimit> limits;  // by region, each once
  std::uint64_t create_index = 0, modify_index = 0;
  base::Unknown unknown;

  /// The limit of a region, null when it has none.
  const QuotaLimit* limit_of(std::string_view region) const;
  friend bool operator==(const Quota&, const Quota&) = default;
};
template <class V>
void fields(V& v, Quota& q) {
  v(1, "Name", q.name);
  v(2, "Description", q.description);
  v(3, "Limits", q.limits);
  v(4, "CreateIndex", q.create_index);
  v(5, "ModifyIndex", q.modify_index);
  v.unknown(q.unknown);
}

/// What is wrong with it, or not built yet; "" when nothing is.
std::string complaint(const Quota& quota);

/// Each amount of which `used` with `more` would be above the limit, as `QuotaExhausted` names it:
/// "memory exhausted (600 needed > 500 limit)".
std::vector<std::string> exceeded(const QuotaAmounts& limit, const QuotaAmounts& used,
                                  const QuotaAmounts& more);

}  // namespace caravan::model
