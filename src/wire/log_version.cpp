// SPDX-License-Identifier: Apache-2.0
#include "wire/log_version.hpp"

#include <array>

#include <fmt/core.h>

#include "wire/command.hpp"

namespace caravan::wire {
namespace {

/// By version, the first kind that it added. New versions go to the end.
constexpr std::array<std::size_t, log_version> first_kinds = {0, kind_of<SetLogVersion>(),
                                                              kind_of<UpsertAuthMethods>(),
                                                              kind_of<ApplyOnce>()};

}  // namespace

LogVersion version_of(std::size_t kind) {
  if (kind >= command_kinds) return log_version + 1;
  LogVersion version = log_version;
  while (first_kinds[version - 1] > kind)
    --version;
  return version;
}

base::Status understands(LogVersion version, std::string_view command) {
  const std::optional<std::size_t> kind = kind_of(command);
  if (!kind) return {};
  LogVersion needed = version_of(*kind);
  if (*kind == kind_of<SetLogVersion>() && needed <= version) {
    const base::Result<Command> decoded = decode_command(command, nullptr);
    if (decoded) needed = decoded->body.as<SetLogVersion>()->version;
  }
  if (*kind == kind_of<ApplyOnce>() && needed <= version) {
    const std::string command_within = carried(command);
    // Nothing writes one within another, and applying it changes nothing.
    return kind_of(command_within) == kind ? base::Status() : understands(version, command_within);
  }
  if (needed <= version) return {};
  return base::fail(base::Code::unsupported, newer_log(needed, version));
}

std::string newer_log(LogVersion version, LogVersion known) {
  return fmt::format(
      "the cluster has come to log version {} and this server knows {}: install a newer caravan on "
      "it",
      version, known);
}

}  // namespace caravan::wire
