// SPDX-License-Identifier: Apache-2.0
#include "client/host_use.hpp"

#include <algorithm>

#include <sys/statvfs.h>

#include "base/text.hpp"

namespace caravan::client {
namespace {

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words = base::split(line, ' ');
  std::erase(words, "");
  return words;
}

std::uint64_t positive(std::string_view text) {
  return static_cast<std::uint64_t>(std::max(0LL, base::parse_int(text).value_or(0)));
}

}  // namespace

std::vector<std::pair<std::string, driver::CpuTime>> parse_cpu_times(std::string_view proc_stat,
                                                                     std::uint64_t tick_ns) {
  std::vector<std::pair<std::string, driver::CpuTime>> times;
  for (const std::string& line : base::split(proc_stat, '\n')) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 8 || !words[0].starts_with("cpu") || words[0] == "cpu") continue;
    const auto ticks = [&](std::size_t field) { return positive(words[field]) * tick_ns; };
    // user, nice, system, idle, iowait, irq, softirq
    times.emplace_back(words[0],
                       driver::CpuTime{.user_ns = ticks(1) + ticks(2),
                                       .system_ns = ticks(3) + ticks(6) + ticks(7)});
  }
  return times;
}

json::Object host_memory(std::string_view meminfo) {
  std::map<std::string, std::uint64_t> bytes;
  for (const std::string& line : base::split(meminfo, '\n')) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() >= 2) bytes[words[0]] = positive(words[1]) * 1024;
  }
  const std::uint64_t total = bytes["MemTotal:"], free = bytes["MemFree:"];
  const std::uint64_t kept =
      free + bytes["Buffers:"] + bytes["Cached:"] + bytes["SReclaimable:"];
  return {{"Total", total},
          {"Available", bytes["MemAvailable:"]},
          {"Used", total - std::min(total, kept)},
          {"Free", free}};
}

json::Object host_cpu(const std::string& name, const CpuShare& share) {
  const auto percent = [](double part) { return std::clamp(part * 100, 0.0, 100.0); };
  return {{"CPU", name},
          {"User", percent(share.user)},
          {"System", percent(share.system)},
          {"Idle", 100 - percent(share.all())},
          {"Total", percent(share.all())}};
}

json::Object host_disk(const std::string& device, const std::string& folder) {
  struct statvfs info{};
  if (::statvfs(folder.c_str(), &info) != 0) return {};
  const auto unit = static_cast<double>(info.f_frsize);
  const double used = static_cast<double>(info.f_blocks - info.f_bfree) * unit;
  const double available = static_cast<double>(info.f_bavail) * unit;
  const auto inodes = static_cast<double>(info.f_files);
  const double whole = used + available;  // without what is kept for root, as df counts
  return {{"Device", device},
          {"Mountpoint", device.empty() ? std::string() : folder},
          {"Size", static_cast<std::uint64_t>(static_cast<double>(info.f_blocks) * unit)},
          {"Used", static_cast<std::uint64_t>(used)},
          {"Available", static_cast<std::uint64_t>(available)},
          {"UsedPercent", whole > 0 ? used / whole * 100 : 0},
          {"InodesUsedPercent",
           inodes > 0 ? (inodes - static_cast<double>(info.f_ffree)) / inodes * 100 : 0}};
}

std::map<std::string, std::string> mounted_devices(std::string_view mountinfo) {
  std::map<std::string, std::string> places;
  for (const std::string& line : base::split(mountinfo, '\n')) {
    const std::vector<std::string> words = words_of(line);
    const auto dash = std::ranges::find(words, "-");  // behind it: type, device, options
    if (words.size() < 5 || words.end() - dash < 3) continue;
    const std::string& device = *(dash + 2);
    if (device.starts_with("/dev/")) places.emplace(device, words[4]);
  }
  return places;
}

}  // namespace caravan::client
