// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet.hpp"

#include <fmt/core.h>

#include "bench/report.hpp"

namespace caravan::bench {
namespace {

constexpr int datacenters = 3, racks = 50;

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

}  // namespace

std::uint64_t Dice::next() { return mixed(state_ += 0x9e3779b97f4a7c15ULL); }

base::Uuid Dice::uuid() {
  std::array<std::uint8_t, 16> bytes;
  const std::uint64_t words[2] = {next(), next()};
  std::memcpy(bytes.data(), words, sizeof words);
  return base::Uuid::from_random(bytes);
}

model::Node make_node(int number, Dice& dice) {
  const int size = 1 << dice.below(4);
  model::Node node;
  node.id = base::NodeId(dice.uuid());
  node.name = fmt::format("node-{}", number);
  node.datacenter = fmt::format("dc{}", 1 + number % datacenters);
  node.node_class = dice.below(4) == 0 ? "fast" : "plain";
  node.status = model::NodeStatus::ready;
  node.resources.cpu = {.shares = 16'000 * size, .cores = 8 * size};
  node.resources.memory.mb = 32'768 * size;
  node.resources.disk.mb = 1'000'000;
  node.attributes["kernel.name"] = "linux";
  node.attributes["kernel.version"] = dice.below(3) == 0 ? "5.10.0" : "6.1.0";
  node.attributes["cpu.arch"] = "amd64";
  node.attributes["driver.raw_exec"] = "1";
  node.attributes["unique.network.ip-address"] =
      fmt::format("10.0.{}.{}", number / 250, number % 250);
  node.meta["rack"] = fmt::format("r{}", number % racks);
  return node;
}

model::Job make_job(const std::string& id, int count) {
  model::Job job;
  job.id = job.name = id;
  model::TaskGroup& group = job.groups.emplace_back();
  group.name = "app";
  group.count = count;
  group.reschedule.emplace();
  group.update.emplace();
  model::Task& task = group.tasks.emplace_back();
  task.name = "server";
  task.driver = "raw_exec";
  task.resources.cpu = 500;
  task.resources.memory_mb = 256;
  return job;
}

void make_picky(model::Job& job) {
  job.constraints.push_back({"${attr.kernel.name}", "linux", "=", {}});
  job.constraints.push_back({"${attr.kernel.version}", ">= 6", "version", {}});
  job.groups[0].constraints.push_back({"${attr.cpu.arch}", "^(amd64|arm64)$", "regexp", {}});
}

void make_rich(model::Job& job) {
  model::TaskGroup& group = job.groups[0];
  model::Spread& by_datacenter = group.spreads.emplace_back();
  by_datacenter.attribute = "${node.datacenter}";
  by_datacenter.targets = {{"dc1", 50, {}}, {"dc2", 30, {}}};
  group.spreads.emplace_back().attribute = "${meta.rack}";
  group.affinities.push_back({"${node.class}", "fast", "=", 60, {}});
  const int per_rack = 2 * group.count / racks + 1;
  group.constraints.push_back(
      {"${meta.rack}", fmt::format("{}", per_rack), "distinct_property", {}});
  model::NetworkResource& network = group.networks.emplace_back();
  network.dynamic_ports.push_back({.label = "http"});
  network.dynamic_ports.push_back({.label = "admin"});
}

model::Job some_job(int number, Dice& dice) {
  model::Job job = make_job(fmt::format("job-{}", number), 1 + dice.below(20));
  model::TaskGroup& group = job.groups[0];
  model::Resources& need = group.tasks[0].resources;
  need.cpu = 100 * (1 + dice.below(10));
  need.memory_mb = 64 << dice.below(5);
  if (dice.below(3) == 0) job.type = model::JobType::batch;
  if (dice.below(3) == 0) make_picky(job);
  if (dice.below(10) == 0) make_rich(job);
  if (dice.below(5) == 0) group.constraints.push_back({"${node.class}", "fast", "=", {}});
  if (dice.below(10) == 0) group.constraints.push_back({"", "true", "distinct_hosts", {}});
  if (job.type == model::JobType::batch) group.update.reset();
  return job;
}

Cluster::Cluster(int nodes, std::uint64_t seed) : dice(seed) {
  for (int n = 0; n < nodes; ++n)
    apply(wire::RegisterNode{.node = make_node(n, dice)});
}

model::Evaluation Cluster::submit(const model::Job& job) {
  model::Evaluation eval;
  eval.id = base::EvalId(dice.uuid());
  eval.job_id = job.id;
  eval.type = model::name_of(job.type);
  eval.triggered_by = model::triggered_by::job_register;
  wire::RegisterJob command{.job = job};
  command.eval = eval;
  apply(std::move(command));
  return *store.snapshot()->eval(eval.id);
}

void check_cluster(const state::Tables& tables, long placed) {
  long live = 0;
  tables.nodes.each([&](const base::NodeId& id, const state::Ref<model::Node>& node) {
    model::Footprint used;
    std::set<int> ports;
    for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_node(id)) {
      if (alloc->terminal()) continue;
      ++live;
      used += model::footprint(alloc->task_group());
      for (const model::PortMapping& port : alloc->ports)
        if (!ports.insert(port.value).second)
          wrong(fmt::format("port {} is given out twice on {}", port.value, node->name));
    }
    const model::Footprint room = model::capacity(*node);
    if (used.cpu > room.cpu || used.memory_mb > room.memory_mb || used.disk_mb > room.disk_mb ||
        used.cores > room.cores)
      wrong(fmt::format("{} has more than it has room for", node->name));
  });
  if (live != placed) wrong(fmt::format("{} allocations live, not {}", live, placed));
}

}  // namespace caravan::bench
