// SPDX-License-Identifier: Apache-2.0
#include "sim/twins.hpp"

#include <cstdio>

namespace caravan::sim {

namespace {
// Any moment will do, as long as it is the same in every run: 2026-01-01T00:00:00Z.
constexpr base::Instant epoch = base::Instant::from_seconds(1'767'225'600);
// A machine has been up for a while when its agent starts.
constexpr base::Duration uptime_at_start = std::chrono::hours(1);
}  // namespace

base::Instant SimClock::now() const { return epoch + life_->timeline.now() + skew_; }

base::Duration SimClock::uptime() const { return uptime_at_start + life_->timeline.now(); }

io::Task<void> SimClock::sleep(base::Duration duration) { co_await life_->sleep(duration); }

void SimLog::add(const std::string& host, const io::LogLine& line) {
  lines_.push_back(host + " " + io::format_line(line));
  if (echo) std::fprintf(stderr, "%s\n", lines_.back().c_str());
  if (lines_.size() > lines_max) lines_.pop_front();
}

std::string SimLog::tail(std::size_t lines) const {
  std::string text;
  for (std::size_t i = lines_.size() - std::min(lines, lines_.size()); i < lines_.size(); ++i)
    text += lines_[i] + "\n";
  return text;
}

}  // namespace caravan::sim
