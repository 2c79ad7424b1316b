// SPDX-License-Identifier: Apache-2.0
// Any line as a cron expression, and what follows it as a time zone's file. Launch times go forward
// and end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/cron.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan::base;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const Result<Cron> cron = Cron::parse(input.substr(0, line));
  const Result<TimeZone> zone =
      line == std::string_view::npos ? TimeZone() : TimeZone::parse(input.substr(line + 1));
  if (!cron || !zone) return 0;
  Instant at = Instant::from_seconds(1'767'225'600);
  for (int i = 0; i < 8; ++i) {
    const auto next = cron->next(at, *zone);
    if (!next) break;
    if (*next <= at) std::abort();
    at = *next;
  }
  return 0;
}
