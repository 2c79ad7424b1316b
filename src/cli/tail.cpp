// SPDX-License-Identifier: Apache-2.0
#include "cli/tail.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

namespace caravan::cli {
namespace {

constexpr long long default_lines = 10;
constexpr std::size_t bytes_per_line = 1024;  // longer lines make fewer of them
constexpr std::size_t tail_bytes_max = 1024 * 1024;

void write(Context& context, std::string_view bytes, bool to_stderr) {
  if (to_stderr)
    std::fwrite(bytes.data(), 1, bytes.size(), stderr);
  else
    context.raw(bytes);
}

}  // namespace

Params Tail::params() const {
  return {{"follow", follow ? "true" : "false"},
          {"origin", from_end ? "end" : "start"},
          {"offset", fmt::format("{}", bytes)},
          {"plain", "true"}};
}

std::vector<FlagSpec> tail_flags(std::vector<FlagSpec> others) {
  others.push_back({"f", "", "Go on as more comes, until Ctrl-C."});
  others.push_back({"tail", "", "Only the end."});
  others.push_back({"n", "lines", "How many of the last lines. Default = 10 under -tail"});
  others.push_back({"c", "bytes", "How many of the last bytes."});
  return others;
}

base::Result<Tail> tail_of(const Flags& flags) {
  Tail tail;
  tail.follow = flags.on("f");
  tail.from_end = flags.on("tail") || flags.given("n") || flags.given("c");
  TRY(const long long lines, flags.number("n", default_lines));
  TRY(const long long bytes, flags.number("c", 0));
  if (lines < 0 || bytes < 0)
    return base::invalid("-n and -c take numbers that are not below zero");
  if (!tail.from_end) return tail;
  if (flags.given("c")) {
    tail.bytes = static_cast<std::size_t>(bytes);
  } else {
    tail.lines = static_cast<std::size_t>(lines);
    tail.bytes = std::min(tail.lines * bytes_per_line, tail_bytes_max);
  }
  return tail;
}

std::string_view last_lines(std::string_view text, std::size_t lines) {
  std::size_t at = text.ends_with('\n') ? text.size() - 1 : text.size();
  for (; lines > 0; --lines) {
    if (at == 0) return text;
    const std::size_t end = text.rfind('\n', at - 1);
    if (end == std::string_view::npos) return text;
    at = end;
  }
  return text.substr(std::min(at + 1, text.size()));
}

base::Status copy_tail(Context& context, const std::string& path, Params params, const Tail& tail,
                       bool to_stderr) {
  for (auto& pair : tail.params())
    params.push_back(std::move(pair));
  std::string kept;  // all of it when it ends; the first piece when it does not
  bool cut = tail.lines == 0;
  const auto take = [&](std::string_view piece) {
    if (!cut && !tail.follow) {
      kept += piece;
      return true;
    }
    write(context, cut ? piece : last_lines(piece, tail.lines), to_stderr);
    cut = true;
    return !context.output_is_broken();
  };
  const base::Status status = context.api().stream(path, std::move(params), take);
  if (!kept.empty()) write(context, last_lines(kept, tail.lines), to_stderr);
  return status;
}

}  // namespace caravan::cli
