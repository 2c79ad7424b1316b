// SPDX-License-Identifier: Apache-2.0
#include "agent/scheduler_defaults.hpp"

#include <span>

#include <fmt/core.h>

#include "base/text.hpp"
#include "wire/json_in.hpp"

namespace caravan::agent {
namespace {

struct Key {
  std::string_view name, member;
};
constexpr Key keys[] = {{"scheduler_algorithm", "SchedulerAlgorithm"},
                        {"memory_oversubscription_enabled", "MemoryOversubscriptionEnabled"},
                        {"reject_job_registration", "RejectJobRegistration"},
                        {"pause_eval_broker", "PauseEvalBroker"},
                        {"preemption_config", "PreemptionConfig"}};
constexpr Key preemption_keys[] = {{"system_scheduler_enabled", "SystemSchedulerEnabled"},
                                   {"sysbatch_scheduler_enabled", "SysBatchSchedulerEnabled"},
                                   {"batch_scheduler_enabled", "BatchSchedulerEnabled"},
                                   {"service_scheduler_enabled", "ServiceSchedulerEnabled"}};
constexpr const char* path = "server.default_scheduler_config";

/// Blocks of files are lists of objects, of which the last one counts.
const json::Object* last_block(const json::Value& value) {
  if (const json::Array* list = value.as_array())
    return list->empty() ? nullptr : list->back().as_object();
  return value.as_object();
}

base::Result<json::Object> renamed(const json::Value& block, std::span<const Key> known,
                                   const std::string& at) {
  const json::Object* given = last_block(block);
  if (!given) return base::invalid(fmt::format("{}: not a block", at));
  json::Object object;
  for (const json::Member& member : *given) {
    const auto key = std::ranges::find(known, member.name, &Key::name);
    if (key == known.end())
      return base::invalid(
          fmt::format("{}: there is no key \"{}\"", at, base::printable(member.name, 64)));
    object[key->member] = member.value;
  }
  return object;
}

}  // namespace

base::Result<std::optional<model::SchedulerConfig>> scheduler_defaults(const json::Value& block) {
  if (block.is_null()) return std::optional<model::SchedulerConfig>();
  TRY(json::Object object, renamed(block, keys, path));
  if (json::Value* preemption = object.find("PreemptionConfig")) {
    TRY(*preemption,
        renamed(*preemption, preemption_keys, fmt::format("{}.preemption_config", path)));
  }
  TRY(model::SchedulerConfig config, wire::from_json<model::SchedulerConfig>(object, path));
  return std::optional(std::move(config));
}

}  // namespace caravan::agent
