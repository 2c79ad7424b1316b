// SPDX-License-Identifier: Apache-2.0
// How configuration structs list their keys. Each has a `keys(v, T&)` beside it; a visitor reads a
// file into the members, so a file that says nothing of a key leaves what was there before.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"
#include "json/value.hpp"

namespace caravan::config {

using namespace std::chrono_literals;

/// "file:line" by dotted key.
using SetKeys = std::map<std::string, std::string, std::less<>>;

/// A number of bytes, also written "1M" or "100GB".
struct Bytes {
  std::int64_t count = 0;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

// What a visitor `v` is asked:
//   v("key", member)                a value, a block, or a map of text
//   v.append("key", list)           a later file adds to the list instead of replacing it
//   v.labelled("key", map)          blocks with a label
//   v.maybe_labelled("key", map)    blocks that may have a label; "default" when not
//   v.pieces("key", values)         blocks, or a list of them: each file adds what it has
//   v.any("key")                    anything, known by name only

}  // namespace caravan::config
