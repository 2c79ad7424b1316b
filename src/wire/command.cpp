// SPDX-License-Identifier: Apache-2.0
#include "wire/command.hpp"

#include <fmt/core.h>

namespace caravan::wire {
namespace {

template <std::size_t Kind = 0>
base::Result<AnyCommand> decode_body(std::uint64_t kind, std::string_view bytes,
                                     const JobSource* jobs) {
  if constexpr (Kind == std::variant_size_v<AnyCommand>) {
    return base::fail(base::Code::unsupported,
                      fmt::format("command {} is from a newer version", kind));
  } else {
    if (kind != Kind) return decode_body<Kind + 1>(kind, bytes, jobs);
    using Body = std::variant_alternative_t<Kind, AnyCommand>;
    TRY(Body body, decode<Body>(bytes, jobs));
    return body;
  }
}

}  // namespace

void PlanResult::share_metrics() {
  std::map<const model::AllocMetric*, int> known;
  for (model::Allocation& alloc : placed) {
    if (!alloc.metrics) {
      metrics_of.push_back(-1);
      continue;
    }
    const auto [entry, is_new] =
        known.try_emplace(alloc.metrics.get(), static_cast<int>(metrics.size()));
    if (is_new) metrics.push_back(alloc.metrics);
    metrics_of.push_back(entry->second);
    alloc.metrics = nullptr;
  }
}

std::shared_ptr<const model::AllocMetric> PlanResult::metrics_at(std::size_t number) const {
  if (number >= metrics_of.size()) return placed[number].metrics;
  const auto at = static_cast<std::size_t>(metrics_of[number]);
  return at < metrics.size() ? metrics[at] : placed[number].metrics;
}

std::string encode_command(const Command& command) {
  std::string bytes;
  put_varint(bytes, command.body.index());
  put_varint(bytes, zigzag(command.time_ns));
  std::visit([&](const auto& body) { bytes += encode(body); }, command.body);
  return bytes;
}

base::Result<Command> decode_command(std::string_view bytes, const JobSource* jobs) {
  std::uint64_t kind = 0, time = 0;
  if (!take_varint(bytes, kind) || !take_varint(bytes, time))
    return base::invalid("the command is damaged");
  Command command;
  command.time_ns = unzigzag(time);
  TRY(command.body, decode_body(kind, bytes, jobs));
  return command;
}

}  // namespace caravan::wire
