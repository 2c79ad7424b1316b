// SPDX-License-Identifier: Apache-2.0
// What must hold after each event, and what must be true in the end.
#include <stdexcept>

#include <fmt/core.h>

#include "sim/machines.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

constexpr base::Duration dump_every = 10s;

void must(const std::string& complaint) {
  if (!complaint.empty()) throw std::logic_error(complaint);
}

}  // namespace

ServerMachine* Machines::leader() const {
  ServerMachine* found = nullptr;
  for (const ServerMachine& server : servers_) {
    if (!server.leads()) continue;
    if (found) return nullptr;
    found = const_cast<ServerMachine*>(&server);
  }
  return found;
}

void Machines::check() {
  for (const ClientMachine& client : clients_) {
    must(client.ledger.violation);
    if (!client.gave_up().empty()) must(client.host.name + " gave up: " + client.gave_up());
  }
  for (ServerMachine& server : servers_) {
    if (!server.gave_up().empty()) must(server.host.name + " gave up: " + server.gave_up());
    if (server.serves() && server.host.running()) check_server(server);
  }
  if (world_.now() >= next_dump_) next_dump_ = world_.now() + dump_every;
}

void Machines::check_server(ServerMachine& server) {
  Seen& seen = seen_[server.host.name];
  if (seen.boot != server.host.boots()) seen = {server.host.boots(), {}, false};
  check_terms(server);
  const state::Snapshot tables = server.server()->store().snapshot();
  if (world_.now() >= next_dump_) must(check_dump(*tables));
  if (tables->index == seen.indexes.index()) return;
  must(seen.indexes.take(*tables));
  // Equal states need to be looked at once only.
  const auto [known, is_new] = hashes_.try_emplace(tables->index, tables->hash());
  if (known->second != tables->hash())
    must(fmt::format("{} has another state at index {}", server.host.name, tables->index));
  if (!is_new) return;
  must(check_allocations(*tables));
  must(check_quotas(*tables));
  must(waits_.take(*tables));
  for (const auto& [id, write] : acknowledged_) {
    if (tables->index < write.index) continue;
    const state::Ref<model::Job> job = tables->job({wanted_.at(id).ns, id});
    const bool is_there =
        job && (job->job_modify_index >= write.index || (write.stopped && job->stop));
    if (!is_there) must(fmt::format("{} was acknowledged at {} and is lost", id, write.index));
  }
}

void Machines::check_terms(ServerMachine& server) {
  const consensus::Replica& replica = server.server()->replica();
  if (replica.is_leader()) {
    const auto [term, is_new] =
        terms_.try_emplace(replica.term(), Term{server.host.name, newest_acknowledged_});
    if (term->second.leader != server.host.name)
      must(fmt::format("{} and {} lead in term {}", term->second.leader, server.host.name,
                       replica.term()));
  }
  Seen& seen = seen_[server.host.name];
  const bool leads = server.leads();
  if (leads && !seen.led && replica.is_leader()) {
    const std::uint64_t index = server.server()->store().snapshot()->index;
    const std::uint64_t wanted = terms_.at(replica.term()).acknowledged;
    if (index < wanted)
      must(fmt::format("{} leads at index {} and lacks what was acknowledged at {}",
                       server.host.name, index, wanted));
  }
  seen.led = leads;
}

std::string Machines::missing_server() const {
  const ServerMachine* first = leader();
  if (!first) return "nobody leads";
  const state::Snapshot tables = first->server()->store().snapshot();
  const std::vector<consensus::ServerId>& voters = first->server()->replica().members().voters;
  std::size_t there = 0;
  for (const ServerMachine& server : servers_) {
    if (gone_.contains(server.host.name)) continue;
    ++there;
    if (!server.serves()) return server.host.name + " does not serve";
    const state::Snapshot its = server.server()->store().snapshot();
    if (its->index != tables->index || its->hash() != tables->hash())
      return fmt::format("{} is at index {} of {}", server.host.name, its->index, tables->index);
    if (std::ranges::find(voters, server.part()->cluster().identity().id) == voters.end())
      return server.host.name + " does not vote";
  }
  if (tables->log_version != wire::log_version)
    return fmt::format("the log is at version {}", tables->log_version);
  if (voters.size() != there) return fmt::format("{} of {} vote", voters.size(), there);
  return "";
}

std::string Machines::missing_process(const state::Tables& tables) const {
  for (const ClientMachine& client : clients_) {
    const state::Ref<model::Node> node = tables.node(client.node_id());
    if (!node || node->status != model::NodeStatus::ready || !node->eligible || node->drain)
      return client.host.name + " is not ready";
    std::size_t bridged = 0;
    for (const Ledger::Entry& entry : client.ledger.live) {
      const auto id = base::AllocId::parse(entry.alloc);
      const state::Ref<model::Allocation> alloc = id ? tables.alloc(*id) : nullptr;
      if (!alloc || alloc->terminal() || alloc->node_id != client.node_id())
        return fmt::format("{}: a process of {} that should not be there", client.host.name,
                           entry.job);
      if (wanted_.at(entry.job).bridged && entry.task == "work") ++bridged;
    }
    std::size_t expected = 0;
    for (const auto& alloc : tables.allocs_of_node(client.node_id()))
      if (!alloc->terminal()) expected += alloc->task_group().tasks.size();
    if (client.ledger.live.size() != expected)
      return fmt::format("{}: {} processes of {}", client.host.name, client.ledger.live.size(),
                         expected);
    const Plumbing& plumbing = client.plumbing;
    if (plumbing.namespaces.size() != bridged || plumbing.rules.size() != bridged)
      return fmt::format("{}: {} namespaces and rules of {} for {} allocations", client.host.name,
                         plumbing.namespaces.size(), plumbing.rules.size(), bridged);
  }
  if (tables.nodes.size() != clients_.size())
    return fmt::format("{} nodes for {} clients", tables.nodes.size(), clients_.size());
  return "";
}

std::string Machines::missing() const {
  if (std::string what = missing_server(); !what.empty()) return what;
  if (!settings_told_) return "the scheduler's settings are not told";
  const state::Snapshot tables = leader()->server()->store().snapshot();
  for (const auto& [id, wanted] : wanted_)
    if (std::string what = sim::missing(id, wanted, *tables); !what.empty()) return what;
  std::string what;
  tables->evals.each([&](const base::EvalId&, const state::Ref<model::Evaluation>& eval) {
    if (!eval->is_terminal())
      what = fmt::format("an evaluation of {} ({}) is {}", eval->job_id, eval->triggered_by,
                         model::name_of(eval->status));
  });
  if (!what.empty()) return what;
  return missing_process(*tables);
}

std::string Machines::situation() const {
  std::string text;
  for (const ServerMachine& server : servers_) {
    text += server.host.name + ": ";
    if (!server.serves()) {
      text += gone_.contains(server.host.name) ? "gone\n" : "not serving\n";
      continue;
    }
    const consensus::Replica& replica = server.server()->replica();
    text +=
        fmt::format("term {} leader {} applied {} commit {} voters {} learners {}, index {}{}\n",
                    replica.term(), replica.leader(), replica.applied(), replica.commit_index(),
                    replica.members().voters.size(), replica.members().learners.size(),
                    server.server()->store().snapshot()->index, server.leads() ? ", leads" : "");
  }
  for (const ClientMachine& client : clients_)
    text += fmt::format("{} is {}, {} processes\n", client.host.name, client.node_id().to_short(),
                        client.ledger.live.size());
  const ServerMachine* first = leader();
  if (!first) return text;
  return text + sim::situation(wanted_, *first->server()->store().snapshot());
}

}  // namespace caravan::sim
