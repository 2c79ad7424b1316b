// SPDX-License-Identifier: Apache-2.0
// The content of a snapshot file (docs/formats/snapshot.md): a version, the indexes, then each
// table's entries with lengths. Secondary maps and hashes are not written but made again by
// reading, so a snapshot that reads back to the same hash proves both.
#include <array>
#include <unordered_map>

#include <fmt/core.h>

#include "state/store.hpp"

namespace caravan::state {
namespace {

constexpr std::uint64_t format_version = 10;
/// How many tables each version of the format has; later ones added theirs at the end.
constexpr std::array<std::size_t, format_version + 1> tables_in_format = {
    0, 9, 10, 15, 16, 20, 22, first_table_count, second_table_count,
    third_table_count, table_count};

/// What servers can read that know no more of the log: the leader's snapshot may have to go to one.
std::uint64_t format_of(wire::LogVersion version) {
  if (version < 2) return 7;
  if (version < 3) return 8;
  return version < 4 ? 9 : 10;
}

template <class Key, class T>
void put_table(std::string& out, const Tree<Key, Ref<T>>& map) {
  wire::put_varint(out, map.size());
  map.each([&](const Key&, const Ref<T>& value) { wire::put_bytes(out, wire::encode(*value)); });
}

/// Job versions that only allocations still point at, so that these can be read back.
std::vector<Ref<model::Job>> orphaned_versions(const Tables& tables) {
  std::map<wire::JobKey, Ref<model::Job>> orphans;
  tables.allocs.each([&](const base::AllocId&, const Ref<model::Allocation>& alloc) {
    const model::Job& job = *alloc->job;
    const Ref<model::Job> kept = tables.job_version(job.job_id(), job.version);
    if (!kept || kept->create_index != job.create_index)
      orphans.emplace(wire::key_of(job), alloc->job);
  });
  std::vector<Ref<model::Job>> list;
  for (auto& [key, job] : orphans)
    list.push_back(std::move(job));
  return list;
}

/// The jobs a snapshot being read knows so far.
class LoadedJobs : public wire::JobSource {
 public:
  explicit LoadedJobs(const Tables& tables) : tables_(tables) {}
  std::shared_ptr<const model::Job> find_job(const wire::JobKey& key) const override {
    const auto orphan = orphans.find(key);
    return orphan != orphans.end() ? orphan->second : tables_.find_job(key);
  }
  std::map<wire::JobKey, Ref<model::Job>> orphans;

 private:
  const Tables& tables_;
};

/// Copies of one plan share their metrics in memory; a snapshot file holds them for each.
class SharedMetrics {
 public:
  void share(model::Allocation& alloc) {
    if (!alloc.metrics) return;
    auto& known = of_eval_[alloc.eval_id];
    for (const Ref<model::AllocMetric>& metrics : known)
      if (*metrics == *alloc.metrics) return static_cast<void>(alloc.metrics = metrics);
    if (known.size() < per_eval_max) known.push_back(alloc.metrics);
  }

 private:
  static constexpr std::size_t per_eval_max = 8;  // a plan has one for each of its groups
  std::unordered_map<base::EvalId, std::vector<Ref<model::AllocMetric>>> of_eval_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool number(std::uint64_t& n) { return wire::take_varint(rest_, n); }
  bool bytes(std::string_view& b) { return wire::take_bytes(rest_, b); }
  bool at_end() const { return rest_.empty(); }

  template <class T, class Use>
  base::Status table(const wire::JobSource* jobs, Use use) {
    std::uint64_t count = 0;
    if (!number(count)) return damaged();
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string_view entry;
      if (!bytes(entry)) return damaged();
      TRY(T value, wire::decode<T>(entry, jobs));
      if constexpr (std::is_same_v<T, model::Allocation>) {
        if (!value.job || !value.job->find_group(value.group)) return damaged();
        metrics_.share(value);
      }
      use(std::make_shared<const T>(std::move(value)));
    }
    return {};
  }
  static std::unexpected<base::Error> damaged() {
    return base::invalid("the snapshot is damaged or cut off");
  }

 private:
  std::string_view rest_;
  SharedMetrics metrics_;
};

}  // namespace

std::string dump(const Tables& tables) {
  std::string out;
  const std::uint64_t format = format_of(tables.log_version);
  wire::put_varint(out, format);
  wire::put_varint(out, tables.index);
  wire::put_varint(out, tables.index_ahead);
  wire::put_varint(out, tables.restored_index);
  if (format >= 8) wire::put_varint(out, tables.log_version);
  for (std::size_t i = 0; i < tables_in_format[format]; ++i)
    wire::put_varint(out, tables.table_index[i]);
  put_table(out, tables.jobs);
  put_table(out, tables.job_versions);
  put_table(out, tables.summaries);
  put_table(out, tables.nodes);
  put_table(out, tables.evals);
  put_table(out, tables.deployments);
  const std::vector<Ref<model::Job>> orphans = orphaned_versions(tables);
  wire::put_varint(out, orphans.size());
  for (const Ref<model::Job>& job : orphans)
    wire::put_bytes(out, wire::encode(*job));
  put_table(out, tables.allocs);
  put_table(out, tables.services);
  put_table(out, tables.root_keys);
  put_table(out, tables.periodic_launches);
  put_table(out, tables.scaling_policies);
  put_table(out, tables.scaling_events);
  put_table(out, tables.scheduler_configs);
  put_table(out, tables.node_pools);
  put_table(out, tables.namespaces);
  put_table(out, tables.quotas);
  put_table(out, tables.acl_policies);
  put_table(out, tables.acl_tokens);
  put_table(out, tables.acl_roles);
  put_table(out, tables.acl_bootstraps);
  put_table(out, tables.variables);
  put_table(out, tables.job_restarts);
  put_table(out, tables.autopilot_configs);
  put_table(out, tables.restore_pieces);
  if (format >= 8) {
    put_table(out, tables.kv);
    put_table(out, tables.sessions);
    put_table(out, tables.lock_delays);
    put_table(out, tables.catalog_nodes);
    put_table(out, tables.catalog_services);
    put_table(out, tables.catalog_checks);
  }
  if (format >= 9) {
    put_table(out, tables.auth_methods);
    put_table(out, tables.binding_rules);
  }
  if (format >= 10) {
    wire::put_varint(out, tables.requests_before);
    put_table(out, tables.requests);
    put_table(out, tables.user_events);
    put_table(out, tables.prepared_queries);
    put_table(out, tables.coordinates);
    put_table(out, tables.config_entries);
    put_table(out, tables.connect_cas);
  }
  wire::put_varint(out, tables.job_sources.size());
  tables.job_sources.each([&](const JobVersionKey& key, const Ref<JobText>& source) {
    wire::put_bytes(out, key.first.ns);
    wire::put_bytes(out, key.first.id);
    wire::put_varint(out, key.second);
    wire::put_bytes(out, source->text);
    wire::put_bytes(out, source->format);
  });
  wire::put_varint(out, tables.prefix_index.size());
  tables.prefix_index.each([&](const std::string& prefix, std::uint64_t index) {
    wire::put_bytes(out, prefix);
    wire::put_varint(out, index);
  });
  if (format < 8) return out;
  wire::put_varint(out, tables.kv_graves_before);
  wire::put_varint(out, tables.kv_graves.size());
  tables.kv_graves.each([&](const std::string& key, std::uint64_t index) {
    wire::put_bytes(out, key);
    wire::put_varint(out, index);
  });
  return out;
}

base::Result<std::unique_ptr<Tables>> load(std::string_view bytes) {
  Reader in(bytes);
  std::uint64_t version = 0, index = 0;
  if (!in.number(version) || !in.number(index)) return Reader::damaged();
  if (version == 0) return Reader::damaged();
  if (version > format_version)
    return base::fail(base::Code::unsupported,
                      fmt::format("snapshot format {} is from a newer version", version));
  const auto has = [&](Table table) {
    return static_cast<std::size_t>(table) < tables_in_format[version];
  };
  std::uint64_t index_ahead = 0, restored_index = 0;
  if (has(Table::autopilot_config) && (!in.number(index_ahead) || !in.number(restored_index)))
    return Reader::damaged();
  if (index_ahead > index) return Reader::damaged();
  wire::LogVersion log_version = wire::first_log_version;
  if (version >= 8 && !in.number(log_version)) return Reader::damaged();
  if (log_version > wire::log_version)
    return base::fail(base::Code::unsupported, wire::newer_log(log_version, wire::log_version));
  std::array<std::uint64_t, table_count> indexes{};
  for (std::size_t i = 0; i < table_count; ++i) {
    if (has(static_cast<Table>(i)) && !in.number(indexes[i])) return Reader::damaged();
  }
  auto tables = std::make_unique<Tables>();
  Change change(*tables, index, 0);
  LoadedJobs jobs(*tables);
  const auto put = [&](auto value) { change.put(std::move(value)); };
  TRY_VOID(in.table<model::Job>(nullptr, put));
  TRY_VOID(in.table<model::Job>(nullptr,
                                [&](Ref<model::Job> job) { change.put_version(std::move(job)); }));
  TRY_VOID(in.table<model::JobSummary>(nullptr, put));
  TRY_VOID(in.table<model::Node>(nullptr, put));
  TRY_VOID(in.table<model::Evaluation>(nullptr, put));
  TRY_VOID(in.table<model::Deployment>(nullptr, put));
  TRY_VOID(in.table<model::Job>(
      nullptr, [&](Ref<model::Job> job) { jobs.orphans.emplace(wire::key_of(*job), job); }));
  TRY_VOID(in.table<model::Allocation>(&jobs, put));
  TRY_VOID(in.table<model::ServiceRegistration>(nullptr, put));
  TRY_VOID(in.table<wire::RootKey>(nullptr, put));
  if (has(Table::periodic_launches)) TRY_VOID(in.table<wire::PeriodicLaunch>(nullptr, put));
  if (has(Table::namespaces)) {
    TRY_VOID(in.table<model::ScalingPolicy>(nullptr, put));
    TRY_VOID(in.table<model::JobScaling>(nullptr, put));
    TRY_VOID(in.table<model::SchedulerConfig>(nullptr, put));
    TRY_VOID(in.table<model::NodePool>(nullptr, put));
    TRY_VOID(in.table<model::Namespace>(nullptr, put));
  }
  if (has(Table::quotas)) TRY_VOID(in.table<model::Quota>(nullptr, put));
  if (has(Table::acl_bootstrap)) {
    TRY_VOID(in.table<model::AclPolicy>(nullptr, put));
    TRY_VOID(in.table<model::AclToken>(nullptr, put));
    TRY_VOID(in.table<model::AclRole>(nullptr, put));
    TRY_VOID(in.table<model::AclBootstrap>(nullptr, put));
  }
  if (has(Table::variables)) TRY_VOID(in.table<model::Variable>(nullptr, put));
  if (has(Table::job_restarts)) TRY_VOID(in.table<model::JobRestart>(nullptr, put));
  if (has(Table::autopilot_config)) {
    TRY_VOID(in.table<model::AutopilotConfig>(nullptr, put));
    TRY_VOID(in.table<wire::RestorePiece>(nullptr, put));
  }
  if (has(Table::lock_delays)) {
    TRY_VOID(in.table<model::KvEntry>(nullptr, put));
    TRY_VOID(in.table<model::Session>(nullptr, put));
    TRY_VOID(in.table<model::LockDelay>(nullptr, put));
    TRY_VOID(in.table<model::CatalogNode>(nullptr, put));
    TRY_VOID(in.table<model::CatalogService>(nullptr, put));
    TRY_VOID(in.table<model::CatalogCheck>(nullptr, put));
  }
  if (has(Table::binding_rules)) {
    TRY_VOID(in.table<model::AuthMethod>(nullptr, put));
    TRY_VOID(in.table<model::BindingRule>(nullptr, put));
  }
  if (has(Table::requests)) {
    if (!in.number(tables->requests_before)) return Reader::damaged();
    TRY_VOID(in.table<model::DoneRequest>(nullptr, put));
    TRY_VOID(in.table<model::UserEvent>(nullptr, put));
    TRY_VOID(in.table<model::PreparedQuery>(nullptr, put));
    TRY_VOID(in.table<model::NodeCoordinate>(nullptr, put));
  }
  if (has(Table::config_entries)) TRY_VOID(in.table<model::ConfigEntry>(nullptr, put));
  if (has(Table::connect_ca)) TRY_VOID(in.table<model::ConnectCa>(nullptr, put));
  std::uint64_t count = 0;
  if (!in.number(count)) return Reader::damaged();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view ns, id, text, format;
    std::uint64_t of_version = 0;
    if (!in.bytes(ns) || !in.bytes(id) || !in.number(of_version) || !in.bytes(text) ||
        !in.bytes(format))
      return Reader::damaged();
    change.put_source({{std::string(ns), std::string(id)}, of_version},
                      {std::string(text), std::string(format)});
  }
  tables->prefix_index = {};
  if (!in.number(count)) return Reader::damaged();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view prefix;
    std::uint64_t at = 0;
    if (!in.bytes(prefix) || !in.number(at)) return Reader::damaged();
    tables->prefix_index.put(std::string(prefix), at);
  }
  if (has(Table::kv) && (!in.number(tables->kv_graves_before) || !in.number(count)))
    return Reader::damaged();
  for (std::uint64_t i = 0; has(Table::kv) && i < count; ++i) {
    std::string_view key;
    std::uint64_t at = 0;
    if (!in.bytes(key) || !in.number(at)) return Reader::damaged();
    tables->kv_graves.put(std::string(key), at);
    tables->kv_graves_by_index.put({at, std::string(key)}, {});
  }
  if (!in.at_end()) return Reader::damaged();
  tables->index = tables->collected_before = index;
  tables->index_ahead = index_ahead;
  tables->restored_index = restored_index;
  tables->log_version = log_version;
  tables->table_index = indexes;
  return tables;
}

}  // namespace caravan::state
