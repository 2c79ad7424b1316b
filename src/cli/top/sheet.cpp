// SPDX-License-Identifier: Apache-2.0
#include "cli/top/sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"

namespace caravan::cli::top {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;
constexpr int bar_cells = 5;

double bytes_of(std::int64_t memory_mb) { return static_cast<double>(memory_mb) * mebibyte; }

std::string megahertz(const std::optional<double>& mhz) {
  return mhz ? fmt::format("{:.0f}", *mhz) : "-";
}
std::string bytes_or_dash(const std::optional<double>& bytes) {
  return bytes ? short_bytes(*bytes) : "-";
}

/// "[##   ]": never empty for a little, never full before it is.
std::string bar(double part, double whole) {
  int filled = whole > 0 ? static_cast<int>(part / whole * bar_cells) : 0;
  if (part > 0 && filled == 0) filled = 1;
  filled = std::clamp(filled, 0, bar_cells);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(bar_cells - filled), ' ') + "]";
}

std::string share(std::int64_t part, std::int64_t whole) {
  return bar(static_cast<double>(part), static_cast<double>(whole));
}

std::string used_cpu(const Use& use, std::int64_t asked_mhz) {
  if (asked_mhz == 0 && !use.cpu_mhz) return "-";
  return fmt::format("{}/{}", megahertz(use.cpu_mhz), asked_mhz);
}
std::string used_memory(const Use& use, std::int64_t asked_mb) {
  if (asked_mb == 0 && !use.memory_bytes) return "-";
  return fmt::format("{}/{}", bytes_or_dash(use.memory_bytes), short_bytes(bytes_of(asked_mb)));
}

/// What an order looks at: what is used, or what was asked for where nobody knows.
double cpu_rank(const Use& use, std::int64_t asked_mhz) {
  return use.cpu_mhz.value_or(static_cast<double>(asked_mhz));
}
double memory_rank(const Use& use, std::int64_t asked_mb) {
  return use.memory_bytes.value_or(bytes_of(asked_mb));
}

Sheet nodes_sheet(const Picture& picture) {
  Sheet sheet;
  sheet.noun = "nodes";
  sheet.columns = {{"NODE"},
                   {"STATUS"},
                   {"DC", false, 3},
                   {"CPU MHZ", true, 1},
                   {"", false, 4},
                   {"MEMORY", true, 1},
                   {"", false, 4},
                   {"CPU USE", true, 5},
                   {"MEM USE", true, 2},
                   {"ALLOCS", true, 1}};
  for (const NodeRow& node : picture.nodes)
    sheet.rows.push_back(
        {{node.name, node.status, node.datacenter,
          fmt::format("{}/{}", node.cpu_mhz_allocated, node.cpu_mhz),
          share(node.cpu_mhz_allocated, node.cpu_mhz),
          fmt::format("{}/{}", short_bytes(bytes_of(node.memory_mb_allocated)),
                      short_bytes(bytes_of(node.memory_mb))),
          share(node.memory_mb_allocated, node.memory_mb), megahertz(node.use.cpu_mhz),
          bytes_or_dash(node.use.memory_bytes), fmt::format("{}", node.running)},
         node.health,
         cpu_rank(node.use, node.cpu_mhz_allocated),
         memory_rank(node.use, node.memory_mb_allocated)});
  return sheet;
}

std::string groups_text(const JobRow& job) {
  std::vector<std::string> parts;
  for (const GroupCount& group : job.groups)
    parts.push_back(fmt::format("{} {}/{}", group.name, group.running, group.desired));
  return base::join(parts, ", ");
}

Sheet jobs_sheet(const Picture& picture) {
  Sheet sheet;
  sheet.noun = "jobs";
  sheet.columns = {{"JOB"},
                   {"NAMESPACE", false, 3},
                   {"TYPE", false, 4},
                   {"STATUS"},
                   {"RUN", true},
                   {"CPU MHZ", true, 5},
                   {"MEMORY", true, 2},
                   {"DEPLOYMENT", false, 1},
                   {"GROUPS", false, 6}};
  for (const JobRow& job : picture.jobs)
    sheet.rows.push_back({{job.id, job.ns, job.type, job.status,
                           fmt::format("{}/{}", job.running(), job.desired()),
                           used_cpu(job.use, job.cpu_mhz), used_memory(job.use, job.memory_mb),
                           job.deployment.empty() ? "-" : job.deployment, groups_text(job)},
                          job.health,
                          cpu_rank(job.use, job.cpu_mhz),
                          memory_rank(job.use, job.memory_mb)});
  return sheet;
}

std::string age(std::int64_t since_ns, std::int64_t now_ns) {
  const std::string ago = time_ago(since_ns, now_ns);
  return ago.substr(0, ago.find(' '));
}

Sheet allocs_sheet(const Picture& picture, std::int64_t now_ns) {
  Sheet sheet;
  sheet.noun = "allocations";
  sheet.columns = {{"ALLOCATION"},
                   {"ID", false, 3},
                   {"NAMESPACE", false, 6},
                   {"STATUS"},
                   {"CPU MHZ", true, 5},
                   {"MEMORY", true, 1},
                   {"CHANGED", true, 4},
                   {"NODE", false, 2}};
  for (const AllocRow& alloc : picture.allocs)
    sheet.rows.push_back(
        {{alloc.name, short_id(alloc.id, false), alloc.ns, alloc.status,
          used_cpu(alloc.use, alloc.cpu_mhz), used_memory(alloc.use, alloc.memory_mb),
          age(alloc.modified_ns, now_ns), alloc.node},
         alloc.health,
         cpu_rank(alloc.use, alloc.cpu_mhz),
         memory_rank(alloc.use, alloc.memory_mb)});
  return sheet;
}

void drop_column(Sheet& sheet, std::string_view title) {
  const auto found = std::ranges::find(sheet.columns, title, &Column::title);
  const auto place = found - sheet.columns.begin();
  sheet.columns.erase(found);
  for (SheetRow& row : sheet.rows)
    row.cells.erase(row.cells.begin() + place);
}

bool holds(const SheetRow& row, const std::string& lower_filter) {
  return std::ranges::any_of(row.cells, [&](const std::string& cell) {
    return base::to_lower(cell).find(lower_filter) != std::string::npos;
  });
}

}  // namespace

Sheet sheet_of(const Picture& picture, Table table, std::int64_t now_ns) {
  if (table == Table::nodes) return nodes_sheet(picture);
  Sheet sheet = table == Table::jobs ? jobs_sheet(picture) : allocs_sheet(picture, now_ns);
  if (picture.ns != "*") drop_column(sheet, "NAMESPACE");
  return sheet;
}

void arrange(Sheet& sheet, Order order, const std::string& filter) {
  if (const std::string wanted = base::to_lower(filter); !wanted.empty())
    std::erase_if(sheet.rows, [&](const SheetRow& row) { return !holds(row, wanted); });
  const auto key = [order](const SheetRow& row) {
    const int health = order == Order::trouble ? static_cast<int>(row.health) : 0;
    const double amount = order == Order::cpu      ? -row.cpu
                          : order == Order::memory ? -row.memory
                                                   : 0;
    return std::tuple(health, amount, row.cells);  // the first cell is the name
  };
  std::ranges::sort(sheet.rows, {}, key);
}

std::string short_bytes(double bytes) {
  constexpr std::array<char, 7> units = {'B', 'K', 'M', 'G', 'T', 'P', 'E'};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < units.size()) {  // 1000: four digits never show
    bytes /= 1024;
    ++unit;
  }
  const bool fraction = unit > 0 && bytes < 9.95;
  const double shown = fraction ? std::round(bytes * 10) / 10 : std::round(bytes);
  const bool whole = shown == std::floor(shown);
  return fmt::format(fmt::runtime(whole ? "{:.0f}{}" : "{:.1f}{}"), shown, units[unit]);
}

}  // namespace caravan::cli::top
