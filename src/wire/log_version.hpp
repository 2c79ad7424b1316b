// SPDX-License-Identifier: Apache-2.0
// What servers must know to understand each other's log. A cluster is at the version that all of
// its servers know, and no command above it is proposed: so a server of the version before can take
// part until it is its turn to be replaced, and a newer log never meets one that would skip what it
// cannot read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace caravan::wire {

using LogVersion = std::uint64_t;

/// Raised by a release that adds a command, or a field on which the outcome of one depends.
inline constexpr LogVersion log_version = 4;
/// Of servers that do not say theirs, and of a cluster before anybody has raised it.
inline constexpr LogVersion first_log_version = 1;

/// The first version in which a report that is overtaken by a newer one is left out.
inline constexpr LogVersion numbered_reports = 4;

/// The first version that knows a kind of command; of one that nobody knows here, the next one.
LogVersion version_of(std::size_t kind);
/// What is said where the log is newer than what is known of it.
std::string newer_log(LogVersion version, LogVersion known);
/// Whether one who knows the log up to `version` can apply an encoded command, and take part
/// afterwards. Errors: unsupported. Damage is not looked for.
base::Status understands(LogVersion version, std::string_view command);

}  // namespace caravan::wire
