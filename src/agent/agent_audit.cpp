// SPDX-License-Identifier: Apache-2.0
// Where this agent writes down who asked it for what.
#include "agent/agent.hpp"
#include "io/random_bytes.hpp"
#include "io/task.hpp"

namespace caravan::agent {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr int octal = 8;

api::AuditSink to_sink(const config::AuditSink& c, const std::string& data_dir) {
  api::AuditSink sink;
  sink.path = c.path.empty() ? data_dir + "/audit/audit.log" : c.path;
  sink.mode = static_cast<unsigned>(std::stoul(c.mode, nullptr, octal));  // it was checked
  sink.enforced = c.delivery_guarantee == "enforced";
  sink.rotate_bytes = static_cast<std::uint64_t>(c.rotate_bytes);
  sink.rotate_after = c.rotate_duration;
  sink.files_max = static_cast<std::size_t>(c.rotate_max_files);
  return sink;
}

}  // namespace

io::Task<base::Status> Agent::open_audit() {
  const config::AuditConfig& c = options_.config.audit;
  if (!c.enabled) co_return base::Status();
  // The same for as long as the data folder lives, so that entries of all that time can be
  // compared.
  const std::string path = data_dir_ + "/audit.key";
  if (!world_.disk.exists(path)) {
    const std::string drawn = io::random_bytes(world_.random, key_bytes);
    CO_TRY_VOID(co_await world_.disk.replace_file(path, drawn, 0600));
  }
  CO_TRY(std::string key, world_.disk.read_file(path));
  if (key.size() != key_bytes)
    co_return base::invalid(path + ": it has to be 32 bytes; without it a new one is made");
  std::vector<api::AuditSink> sinks;
  for (const auto& [name, sink] : c.sinks)
    sinks.push_back(to_sink(sink, data_dir_));
  if (sinks.empty()) sinks.push_back(to_sink({}, data_dir_));
  std::vector<api::AuditFilter> filters;
  for (const auto& [name, filter] : c.filters)
    filters.push_back({filter.endpoints, filter.stages, filter.operations});
  CO_TRY(audit_, api::AuditLog::open(world_, std::move(sinks), std::move(filters), std::move(key),
                                     name_, log_.named("audit")));
  router_->audit_in(*audit_);
  catalog_router_->audit_in(*audit_);
  co_return base::Status();
}

}  // namespace caravan::agent
