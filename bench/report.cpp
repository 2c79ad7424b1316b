// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <numeric>

#include <fmt/core.h>

namespace caravan::bench {
namespace {

std::string revision() {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      popen("git -C " CARAVAN_SOURCE_DIR " describe --always --dirty 2>/dev/null", "r"), pclose);
  char line[80] = "";
  if (!pipe || !fgets(line, sizeof line, pipe.get())) return "unknown";
  return std::string(line).substr(0, std::string(line).find('\n'));
}

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

double Samples::sum() const { return std::accumulate(seconds_.begin(), seconds_.end(), 0.0); }

double Samples::quantile(double share) const {
  if (seconds_.empty()) return 0;
  std::vector<double> sorted = seconds_;
  std::ranges::sort(sorted);
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

void print(const Report& r, const Options& options) {
  const double rate = r.seconds > 0 ? static_cast<double>(r.placed) / r.seconds : 0;
  const double p50 = r.steps.quantile(0.5) * 1e3, p99 = r.steps.quantile(0.99) * 1e3;
  std::string more;
  if (!options.json) {
    for (const auto& [name, value] : r.more)
      more += fmt::format("  {} {:.6g}", name, value);
    fmt::print(
        "{:<24} nodes {} jobs {} count {}  placed {} in {:.4f} s  {:.0f}/s  p50 {:.3f} ms  "
        "p99 {:.3f} ms  rss {:.0f} MB{}\n",
        r.name, r.nodes, r.jobs, r.count, r.placed, r.seconds, rate, p50, p99, peak_rss_mb(), more);
    std::fflush(stdout);
    return;
  }
  for (const auto& [name, value] : r.more)
    more += fmt::format(",\"{}\":{:.6g}", name, value);
  fmt::print(
      "{{\"case\":\"{}\",\"nodes\":{},\"jobs\":{},\"count\":{},\"placed\":{},"
      "\"seconds\":{:.6f},\"rate\":{:.1f},\"p50_ms\":{:.4f},\"p99_ms\":{:.4f},"
      "\"peak_rss_mb\":{:.1f},\"revision\":\"{}\"{}}}\n",
      r.name, r.nodes, r.jobs, r.count, r.placed, r.seconds, rate, p50, p99, peak_rss_mb(),
      revision(), more);
  std::fflush(stdout);
}

void wrong(const std::string& what) {
  fmt::print(stderr, "caravan-bench: wrong result: {}\n", what);
  std::exit(1);
}

double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

double cpu_now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace caravan::bench
