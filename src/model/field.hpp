// SPDX-License-Identifier: Apache-2.0
// How a noun lists its members, once:
//
//   template <class V> void fields(V& v, RestartPolicy& p) {
//     v(1, "Attempts", p.attempts);
//     v(2, "Interval", p.interval);
//     v.unknown(p.unknown);
//   }
//
// From that list `wire` makes the JSON with the public name and the binary form with the number,
// and this chapter makes the diff and the hash. Numbers are for ever: a field that goes leaves its
// number unused (tools/field_numbers.txt is the committed list, tools/fields.py compares). A
// visitor that only reads promises to leave the noun as it was.
#pragma once

#include <array>
#include <string_view>

#include "base/id.hpp"
#include "base/time.hpp"
#include "base/unknown.hpp"

namespace caravan::model {

/// Asks the JSON writer to leave the key out when the member has its empty value.
struct OmitEmpty {};
inline constexpr OmitEmpty omit_empty;

/// An enum tells its public names, in order, by a function found beside it:
/// `constexpr auto enum_names(JobType) { return std::array{"service"sv, "batch"sv}; }`
template <class E>
concept NamedEnum = requires(E e) { enum_names(e); };

template <NamedEnum E>
constexpr std::string_view name_of(E e) {
  return enum_names(e)[static_cast<std::size_t>(e)];
}

using namespace std::string_view_literals;

}  // namespace caravan::model
