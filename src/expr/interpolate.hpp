// SPDX-License-Identifier: Apache-2.0
// `${…}` in the strings of a job, filled in where the task runs. There are no expressions here: a
// reference is a dotted name, or a name with a quoted key for names that have odd dots.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caravan::expr {

/// What a name stands for; nothing when it is unknown. `${env["A.B"]}` asks for "env.A.B", and
/// `${NOMAD_DC}` for "NOMAD_DC".
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Past this length the rest of the text is left as it was.
inline constexpr std::size_t interpolated_bytes_max = 4 << 20;

/// Fills in every known reference. Unknown and malformed ones stay literal text, as `$${` becomes a
/// literal `${`. What was filled in is not looked at again.
std::string interpolate(std::string_view text, const Lookup& lookup);

/// The names that `text` refers to, in order, each once.
std::vector<std::string> references(std::string_view text);

}  // namespace caravan::expr
