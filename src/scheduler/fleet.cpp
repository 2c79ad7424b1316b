// SPDX-License-Identifier: Apache-2.0
#include "scheduler/fleet.hpp"

#include "base/assert.hpp"
#include "scheduler/constraint.hpp"
#include "scheduler/ports.hpp"
#include "scheduler/score.hpp"
#include "state/tree_diff.hpp"

namespace caravan::scheduler {
namespace {

/// More columns are forgotten all at once: targets come from users.
constexpr std::size_t columns_max = 256;
/// Kinds and sizes that no node has any more are swept out when this many for each node are known.
constexpr std::size_t kinds_per_node_max = 4;

template <class T>
void insert_sorted(std::vector<T>& list, const T& item) {
  list.insert(std::ranges::upper_bound(list, item), item);
}

template <class T>
void erase_one(std::vector<T>& list, const T& item) {
  const auto at = std::ranges::lower_bound(list, item);
  if (at != list.end() && *at == item) list.erase(at);
}

/// Both take the same of the same node; most reports of nodes change nothing else.
bool takes_the_same(const model::Allocation& a, const model::Allocation& b) {
  return a.node_id == b.node_id && a.job == b.job && a.group == b.group && a.ports == b.ports &&
         a.reserved_cores == b.reserved_cores && a.devices == b.devices &&
         a.client_terminal() == b.client_terminal() && a.server_terminal() == b.server_terminal();
}

void count_ports(std::vector<std::uint16_t>& list, const model::Allocation& alloc, int sign) {
  for (const model::PortMapping& port : alloc.ports) {
    if (port.value < 0 || port.value > port_max) continue;
    const auto value = static_cast<std::uint16_t>(port.value);
    if (sign > 0)
      insert_sorted(list, value);
    else
      erase_one(list, value);
  }
}

void count_devices(std::vector<std::string>& list, const model::Allocation& alloc, int sign) {
  for (const model::AllocatedDevice& given : alloc.devices) {
    const std::string group = model::device_group(given);
    for (const std::string& id : given.ids) {
      const std::string key = model::device_key(group, id);
      if (sign > 0)
        insert_sorted(list, key);
      else
        erase_one(list, key);
    }
  }
}

}  // namespace

Row Fleet::row_of(const base::NodeId& id) const {
  const auto found = row_of_.find(id);
  return found == row_of_.end() ? no_row : found->second;
}

void Fleet::follow(const state::Tables& tables) {
  ASSERT(!drafting_);
  if (columns_.size() > columns_max) columns_.clear();
  const std::size_t known_max = kinds_per_node_max * (seats_.size() + 1);
  if (kinds_.size() > known_max || sizes_.size() > known_max) *this = Fleet();
  const bool from_nothing = seats_.empty();
  std::vector<state::Ref<model::Node>> added;
  std::size_t removed = 0;
  bool any = false;
  const auto on_node = [&](const base::NodeId& id, const auto* before, const auto* after) {
    any = true;
    if (!before)
      added.push_back(*after);
    else if (after)
      set_node(row_of(id), *after);
    else {
      const Row row = row_of(id);
      if (seats_[row].ready) --kinds_[seats_[row].kind].ready;
      nodes_[row] = nullptr;
      row_of_.erase(id);
      ++removed;
    }
  };
  state::TreeDiff<base::NodeId, state::Ref<model::Node>>::each(known_nodes_, tables.nodes, on_node);
  if (any) std::erase_if(columns_, [](const auto& entry) { return entry.second.by_row; });
  std::vector<bool> counted;  // rows whose allocations are all counted already
  if (!added.empty() || removed > 0) {
    std::vector<base::NodeId> fresh;
    for (const state::Ref<model::Node>& node : added)
      fresh.push_back(node->id);
    insert_rows(std::move(added), removed);
    counted.resize(seats_.size());
    // A node that was unknown before may have had allocations all the while.
    for (const base::NodeId& id : fresh) {
      if (from_nothing) break;
      counted[row_of(id)] = true;
      for (const state::Ref<model::Allocation>& alloc : tables.allocs_of_node(id))
        count(row_of(id), *alloc, 1);
    }
  }
  const auto on_alloc = [&](const state::Ref<model::Allocation>* alloc, int sign) {
    if (!alloc) return;
    const Row row = row_of((*alloc)->node_id);
    if (row != no_row && (counted.empty() || !counted[row])) count(row, **alloc, sign);
  };
  state::TreeDiff<base::AllocId, state::Ref<model::Allocation>>::each(
      from_nothing ? decltype(known_allocs_)() : known_allocs_, tables.allocs,
      [&](const base::AllocId&, const auto* before, const auto* after) {
        if (before && after && takes_the_same(**before, **after)) return;
        on_alloc(before, -1);
        on_alloc(after, 1);
      });
  known_nodes_ = tables.nodes;
  known_allocs_ = tables.allocs;
  quotas_.follow(tables);
}

void Fleet::set_node(Row row, const state::Ref<model::Node>& node) {
  Seat& seat = seats_[row];
  if (seat.ready) --kinds_[seat.kind].ready;
  const model::Footprint capacity = model::capacity(*node);
  seat.free += capacity;
  seat.free -= capacities_[row];
  capacities_[row] = capacity;
  nodes_[row] = node;
  reserved_[row] = ports_of(node->reserved.networks.host_ports);
  seat.kind = kind_of(node);
  const std::pair size(capacity.cpu, capacity.memory_mb);
  const auto [known, is_new] =
      size_index_.try_emplace(size, static_cast<std::uint32_t>(sizes_.size()));
  if (is_new) sizes_.push_back(size);
  seat.size = known->second & 0x7fffffffu;
  std::memcpy(&seat.word, node->id.bytes.data(), sizeof seat.word);
  seat.ready = node->is_ready();
  if (seat.ready) ++kinds_[seat.kind].ready;
  set_powers(row);
}

/// Puts the rows in order again, without the nodes that are gone and with new ones.
void Fleet::insert_rows(std::vector<state::Ref<model::Node>> added, std::size_t removed) {
  const std::size_t before = seats_.size(), after = before - removed + added.size();
  std::vector<std::pair<base::NodeId, Row>> order;  // rows from `before` on are new
  order.reserve(after);
  for (Row row = 0; row < before; ++row)
    if (nodes_[row]) order.emplace_back(nodes_[row]->id, row);
  for (std::size_t i = 0; i < added.size(); ++i)
    order.emplace_back(added[i]->id, static_cast<Row>(before + i));
  std::ranges::sort(order);
  const auto arrange = [&](auto& list) {
    std::remove_reference_t<decltype(list)> arranged;
    arranged.reserve(after);
    for (const auto& [id, row] : order) {
      if (row < before)
        arranged.push_back(std::move(list[row]));
      else
        arranged.emplace_back();
    }
    list = std::move(arranged);
  };
  arrange(seats_);
  arrange(held_);
  arrange(nodes_);
  arrange(capacities_);
  arrange(reserved_);
  row_of_.reserve(after);
  for (Row row = 0; row < after; ++row) {
    row_of_[order[row].first] = row;
    if (order[row].second >= before) set_node(row, added[order[row].second - before]);
  }
}

std::uint32_t Fleet::kind_of(const state::Ref<model::Node>& node) {
  std::string key = node->datacenter + '\0' + node->node_pool + '\0' + node->node_class + '\0';
  // One whose class nobody computed is like no other.
  key += node->computed_class.empty() ? node->id.to_string() : node->computed_class;
  const auto [found, is_new] =
      kind_index_.try_emplace(std::move(key), static_cast<std::uint32_t>(kinds_.size()));
  if (is_new) kinds_.push_back({node, 0});
  return found->second;
}

std::shared_ptr<const std::vector<std::uint16_t>> Fleet::ports_of(const std::string& list) {
  auto& known = port_lists_[list];
  if (!known) {
    std::vector<std::uint16_t> ports;
    for (const int port : parse_port_list(list))
      ports.push_back(static_cast<std::uint16_t>(port));
    std::ranges::sort(ports);
    known = std::make_shared<const std::vector<std::uint16_t>>(std::move(ports));
  }
  return known;
}

void Fleet::set_powers(Row row) {
  Seat& seat = seats_[row];
  seat.cpu_power = power(seat.free.cpu, capacities_[row].cpu);
  seat.memory_power = power(seat.free.memory_mb, capacities_[row].memory_mb);
}

void Fleet::use(Row row, const model::Footprint& amount, int sign) {
  if (sign > 0)
    seats_[row].free -= amount;
  else
    seats_[row].free += amount;
  set_powers(row);
}

void Fleet::count(Row row, const model::Allocation& alloc, int sign) {
  if (alloc.client_terminal()) return;
  Held& held = held_[row];
  if (!alloc.devices.empty()) count_devices(held.devices, alloc, sign);
  if (alloc.server_terminal()) return count_ports(held.leaving, alloc, sign);
  use(row, model::footprint(alloc.task_group()), sign);
  count_ports(held.ports, alloc, sign);
  for (const int core : alloc.reserved_cores)
    if (sign > 0)
      insert_sorted(held.cores, core);
    else
      erase_one(held.cores, core);
}

void Fleet::begin_draft() {
  ASSERT(!drafting_);
  drafting_ = true;
  in_undo_.assign(seats_.size(), false);
}

void Fleet::end_draft() {
  for (Undo& undo : undo_) {
    seats_[undo.row] = undo.seat;
    held_[undo.row] = std::move(undo.held);
  }
  undo_.clear();
  drafting_ = false;
}

void Fleet::try_out(Row row, const model::Allocation& alloc, int sign) {
  ASSERT(drafting_);
  if (!in_undo_[row]) {
    in_undo_[row] = true;
    undo_.push_back({row, seats_[row], held_[row]});
  }
  count(row, alloc, sign);
  if (sign < 0) count_ports(held_[row].leaving, alloc, 1);
}

const Column& Fleet::column(const std::string& target) { return column(target, resolve); }

const Column& Fleet::column(const std::string& name, NodeValue value) {
  const auto [entry, is_new] = columns_.try_emplace(name);
  Column& column = entry->second;
  if (is_new) column.by_row = name.find("unique.") != std::string::npos;
  const std::size_t wanted = column.by_row ? seats_.size() : kinds_.size();
  for (std::size_t i = column.ids.size(); i < wanted; ++i)
    column.add(value(name, column.by_row ? *nodes_[i] : *kinds_[i].sample));
  return column;
}

}  // namespace caravan::scheduler
