// SPDX-License-Identifier: Apache-2.0
// How the data plane comes to a configuration that HAProxy takes: without ports that others have,
// and without routes that it refuses.
#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "ingress/blame.hpp"
#include "ingress/data_plane.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration check_timeout = 30s;
constexpr std::size_t output_max = 64 * 1024;
constexpr int blame_rounds = 16;

}  // namespace

std::string DataPlane::shape(const RoutingTable& table, const Placement& placement) const {
  return shape_of(settings_, table, placement, paths_);
}

io::Task<std::set<std::string>> DataPlane::taken_ports() {
  std::set<std::string> wanted, taken;
  for (const EntryPoint& entry : settings_.entry_points)
    wanted.insert(endpoint_of(entry.host, entry.port));
  for (const Route& route : wanted_->routes)
    if (route.protocol == Protocol::tcp && route.port != 0)
      wanted.insert(endpoint_of(settings_.tcp_host, route.port));
  for (const std::string& at : wanted) {
    if (bound_.contains(at)) continue;
    const base::Result<io::Address> address = io::Address::parse(at);
    if (!address) continue;
    const base::Result<std::unique_ptr<io::Listener>> probe =
        co_await world_.network.listen(*address);
    if (probe)
      (*probe)->close();
    else
      taken.insert(at);
  }
  co_return taken;
}

/// A port that somebody else has would keep the whole data plane from starting.
RoutingTable DataPlane::without_ports(RoutingTable table,
                                      const std::set<std::string>& taken) const {
  std::erase_if(table.routes, [&](const Route& route) {
    const bool is_taken = route.protocol == Protocol::tcp && route.port != 0 &&
                          taken.contains(endpoint_of(settings_.tcp_host, route.port));
    if (is_taken)
      table.problems.push_back(
          {route.service, route.tag,
           fmt::format("port {} of this machine is in use by another program", route.port)});
    return is_taken;
  });
  return table;
}

io::Task<bool> DataPlane::prepare(const RoutingTable& asked, const std::set<std::string>& taken) {
  possible_ = without_ports(asked, taken);
  const std::size_t known = asked.problems.size();
  ++generation_;
  paths_.folder = fmt::format("{}/generation-{}", folder_, generation_);
  const base::Status made = world_.disk.make_dirs(paths_.folder, 0700);
  for (int round = 0; made && round < blame_rounds; ++round) {
    const Placement placement = placement_of(possible_, placement_);
    const Rendered rendered =
        render(settings_, possible_, placement, paths_, std::to_string(generation_));
    bool is_written = true;
    for (const auto& [name, text] : rendered.files)
      is_written = is_written && world_.disk.write_file(paths_.folder + "/" + name, text, 0644, -1, -1);
    const std::string draft = paths_.folder + "/haproxy.cfg";
    is_written = is_written && world_.disk.write_file(draft, rendered.config, 0600, -1, -1);
    if (!is_written) break;
    const io::Program program{{program_, "-c", "-q", "-f", draft}, program_environment()};
    const base::Result<io::Finished> checked =
        co_await world_.processes.run(program, "", check_timeout, output_max);
    if (checked && checked->exit_code == 0) {
      const base::Status placed =
          co_await world_.disk.replace_file(folder_ + "/haproxy.cfg", rendered.config, 0600);
      std::vector<Problem> found(possible_.problems.begin() + static_cast<std::ptrdiff_t>(known),
                                 possible_.problems.end());
      report(std::move(found));
      co_return placed.has_value();
    }
    ++counts_.refused;
    const std::string said = checked ? checked->err + checked->out : checked.error().message;
    const std::set<std::string> blamed = blamed_routes(said, rendered.config, possible_);
    log_.error("a configuration was refused; what runs stays",
               {{"error", base::printable(said, 500)}});
    if (blamed.empty()) {
      report({{"", "haproxy", base::printable(said, 500)}});
      co_return false;
    }
    std::erase_if(possible_.routes, [&](const Route& route) {
      if (!blamed.contains(route.id)) return false;
      possible_.problems.push_back(
          {route.service, route.tag, "the data plane refuses it: " + base::printable(said, 300)});
      return true;
    });
  }
  report({{"", "ingress", fmt::format("no configuration can be written to {}", paths_.folder)}});
  co_return false;
}

void DataPlane::report(std::vector<Problem> problems) {
  if (problems == problems_) return;
  problems_ = std::move(problems);
  for (const Problem& problem : problems_)
    log_.error("not routed",
               {{"service", problem.service}, {"tag", problem.where}, {"error", problem.what}});
  if (on_change) on_change();
}

}  // namespace caravan::ingress
