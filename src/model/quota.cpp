// SPDX-License-Identifier: Apache-2.0
#include "model/quota.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::model {
namespace {

constexpr std::size_t name_max = 128, description_max = 256, limits_max = 64;
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

struct Amount {
  const char* name;
  std::int64_t QuotaAmounts::* member;
};
constexpr Amount amounts[] = {
    {"cpu", &QuotaAmounts::cpu},          {"cores", &QuotaAmounts::cores},
    {"memory", &QuotaAmounts::memory_mb}, {"memory_max", &QuotaAmounts::memory_mb_max},
    {"disk", &QuotaAmounts::disk_mb},     {"secrets", &QuotaAmounts::secrets_mb}};

/// The peers write these as null, [] or {} where nothing is meant, and networks with zeros.
bool says_something(const json::Value& value) {
  if (const json::Array* array = value.as_array())
    return std::ranges::any_of(*array, says_something);
  if (const json::Object* object = value.as_object())
    return std::ranges::any_of(*object,
                               [](const json::Member& m) { return says_something(m.value); });
  if (const std::string* text = value.as_string()) return !text->empty();
  if (const bool* flag = value.as_bool()) return *flag;
  return value.number() != 0;
}

}  // namespace

QuotaAmounts& QuotaAmounts::operator+=(const QuotaAmounts& other) {
  for (const Amount& amount : amounts)
    this->*amount.member += other.*amount.member;
  return *this;
}

QuotaAmounts& QuotaAmounts::operator-=(const QuotaAmounts& other) {
  for (const Amount& amount : amounts)
    this->*amount.member -= other.*amount.member;
  return *this;
}

QuotaAmounts quota_amounts(const TaskGroup& group) {
  QuotaAmounts sum;
  sum.disk_mb = group.ephemeral_disk.size_mb;
  for (const Task& task : group.tasks) {
    const Resources& r = task.resources;
    sum.cpu += r.cores > 0 ? 0 : r.cpu;
    sum.cores += r.cores;
    sum.memory_mb += r.memory_mb;
    sum.memory_mb_max += std::max(r.memory_mb, r.memory_mb_max);
    sum.secrets_mb += r.secrets_mb;
  }
  return sum;
}

const QuotaLimit* Quota::limit_of(std::string_view region) const {
  const auto found = std::ranges::find(limits, region, &QuotaLimit::region);
  return found == limits.end() ? nullptr : &*found;
}

std::string complaint(const Quota& quota) {
  if (quota.name.empty() || quota.name.size() > name_max ||
      quota.name.find_first_not_of(name_characters) != std::string::npos)
    return fmt::format("invalid name \"{}\". Must match regex ^[a-zA-Z0-9-]{{1,128}}$",
                       base::printable(quota.name, name_max));
  if (quota.description.size() > description_max)
    return fmt::format("Description: {} characters, at most {}", quota.description.size(),
                       description_max);
  if (quota.limits.empty()) return "Limits: must provide at least one quota limit";
  if (quota.limits.size() > limits_max)
    return fmt::format("Limits: {} limits, at most {}", quota.limits.size(), limits_max);
  std::set<std::string> regions;
  for (const QuotaLimit& limit : quota.limits) {
    const std::string region = base::printable(limit.region, name_max);
    if (limit.region.empty()) return "Limits: a limit must name its Region";
    if (!regions.insert(limit.region).second)
      return fmt::format("Limits: region \"{}\" has two limits", region);
    const std::string at = fmt::format("Limits of region \"{}\"", region);
    if (says_something(limit.amounts.devices)) return at + ": Devices: not built yet";
    if (says_something(limit.amounts.networks)) return at + ": Networks: not built yet";
    if (says_something(limit.amounts.storage)) return at + ": Storage: not built yet";
    if (says_something(limit.amounts.numa)) return at + ": NUMA: not built yet";
    if (limit.variables_limit != 0) return at + ": VariablesLimit: not built yet";
  }
  return "";
}

std::vector<std::string> exceeded(const QuotaAmounts& limit, const QuotaAmounts& used,
                                  const QuotaAmounts& more) {
  std::vector<std::string> lines;
  for (const Amount& amount : amounts) {
    const std::int64_t most = limit.*amount.member, wanted = more.*amount.member;
    if (most == 0 || wanted == 0) continue;
    const std::int64_t needed = used.*amount.member + wanted;
    if (needed > std::max<std::int64_t>(most, 0))
      lines.push_back(fmt::format("{} exhausted ({} needed > {} limit)", amount.name, needed,
                                  std::max<std::int64_t>(most, 0)));
  }
  return lines;
}

}  // namespace caravan::model
