// SPDX-License-Identifier: Apache-2.0
#include "driver/runtime.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/cgroup_cpu.hpp"
#include "io/task.hpp"

namespace caravan::driver {
namespace {

constexpr std::size_t output_max = 16 * 1024;
constexpr const char* cgroup_root = "/sys/fs/cgroup";
/// The shell's own `exec` keeps the runtime in the place of the task's first process.
constexpr const char* hide_unified = "umount -l /sys/fs/cgroup/unified && exec \"$@\"";

std::string find_in(io::Disk& disk, const std::vector<std::string>& path, const std::string& name) {
  for (const std::string& folder : path)
    if (folder.starts_with('/') && disk.exists(folder + "/" + name)) return folder + "/" + name;
  return "";
}

}  // namespace

Cgroups cgroups_of(io::Disk& disk) {
  const std::string root = cgroup_root;
  if (disk.exists(root + "/cgroup.controllers")) return Cgroups::v2;
  if (disk.exists(root + "/unified/cgroup.controllers")) return Cgroups::hybrid;
  return disk.exists(root + "/memory") ? Cgroups::v1 : Cgroups::none;
}

Runtime::Runtime(io::World& world, const std::vector<std::string>& path)
    : world_(world), cgroups_(cgroups_of(world.disk)) {
  program_ = find_in(world.disk, path, "crun");
  if (program_.empty()) program_ = find_in(world.disk, path, "runc");
  const std::string unshare = find_in(world.disk, path, "unshare");
  if (cgroups_ == Cgroups::hybrid && !unshare.empty())
    hide_ = {unshare, "-m", "/bin/sh", "-c", hide_unified, "caravan"};
}

std::string Runtime::cgroup(const std::string& id) const {
  return cgroups_ == Cgroups::v2 ? fmt::format("/nomad.slice/{}.scope", id)
                                 : fmt::format("/nomad/{}", id);
}

std::vector<std::string> Runtime::command(std::vector<std::string> arguments) const {
  std::vector<std::string> words = hide_;
  words.push_back(program_);
  if (program_.ends_with("crun")) words.push_back("--cgroup-manager=cgroupfs");
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

io::Task<base::Result<std::string>> Runtime::call(std::vector<std::string> arguments,
                                                  base::Duration timeout) const {
  io::Program program;
  program.argv = command(std::move(arguments));
  program.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  CO_TRY(const io::Finished finished,
         co_await world_.processes.run(program, "", timeout, output_max));
  if (finished.exit_code == 0) co_return finished.out;
  const std::string said(base::trim(finished.err.empty() ? finished.out : finished.err));
  co_return base::fail(base::Code::io, fmt::format("{} failed with {}: {}", program_,
                                                   finished.exit_code, base::printable(said, 300)));
}

base::Result<TaskUsage> Runtime::usage(const std::string& id) const {
  const std::string root = cgroup_root;
  const std::string file = cgroups_ == Cgroups::v2
                               ? root + cgroup(id) + "/memory.current"
                               : root + "/memory" + cgroup(id) + "/memory.usage_in_bytes";
  TRY(const std::string text, world_.disk.read_file(file));
  TRY(const long long bytes, base::parse_int(base::trim(text)));
  TaskUsage usage{.rss_bytes = static_cast<std::uint64_t>(bytes)};
  usage.cpu = cpu_of_cgroup(world_.disk, cgroup(id), cgroups_ == Cgroups::v2);
  return usage;
}

bool Runtime::can_limit_swap() const {
  if (cgroups_ != Cgroups::v2)
    return world_.disk.exists(std::string(cgroup_root) + "/memory/memory.memsw.limit_in_bytes");
  const base::Result<std::string> swaps = world_.disk.read_file("/proc/swaps");
  return swaps && base::split(base::trim(*swaps), '\n').size() > 1;
}

}  // namespace caravan::driver
