// SPDX-License-Identifier: Apache-2.0
// What one source may ask of us. Job files come from strangers; every growth has an end here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace caravan::hcl {

inline constexpr std::size_t source_bytes_max = 1 << 20;
/// Nesting of blocks, brackets, templates and conditionals; recursion follows it.
inline constexpr int depth_max = 64;
/// Operators in one argument. `a + b + …` is read without recursion, but its tree leans to the left
/// by that much, and walking it recurses.
inline constexpr int operators_max = 1000;
inline constexpr std::size_t diagnostics_max = 20;
/// The language's own documented limit of range().
inline constexpr std::size_t range_elements_max = 1024;
/// Bytes one value may stand for when written out; shared parts count each time they appear.
inline constexpr std::uint64_t value_weight_max = 8 << 20;
/// Members of one object. json::Object looks names up by walking, so large ones cost their square.
inline constexpr std::size_t members_max = 4096;
/// Work of one evaluation: nodes visited plus a share of the bytes produced.
inline constexpr std::int64_t evaluation_steps_max = 4'000'000;
/// Elements that one function may produce.
inline constexpr std::size_t elements_max = 100'000;
/// Decimal places before or after the point; beyond it a number is refused rather than written out.
inline constexpr int number_exponent_max = 300;
/// Width and precision of a format() verb.
inline constexpr std::size_t format_width_max = 4096;

}  // namespace caravan::hcl
