// SPDX-License-Identifier: Apache-2.0
// Tables, key-value blocks, times and sizes as the recordings of the command line show them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "json/value.hpp"

namespace caravan::cli {

using Rows = std::vector<std::vector<std::string>>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Columns with two spaces between; the last one is not padded. `empty` stands in empty cells.
std::string table(const Rows& rows, std::string_view empty = "<none>");
/// "Key   = Value", aligned.
std::string key_values(const Pairs& pairs);

/// The first eight characters of an id, or all of it.
std::string short_id(std::string_view id, bool whole);
/// "2026-11-20T14:13:05Z" in the local zone; "N/A" for zero.
std::string format_time(std::int64_t unix_ns);
/// The same from RFC 3339 text; "N/A" for what is none.
std::string format_time(const json::Value& text);
/// "3h2m ago": the two largest units.
std::string time_ago(std::int64_t unix_ns, std::int64_t now_ns);
/// format_time() when `verbose`, else time_ago().
std::string show_time(std::int64_t unix_ns, bool verbose, std::int64_t now_ns);
std::int64_t now_ns();
/// "28 MiB", "4.0 KiB", "0 B".
std::string format_bytes(double bytes);

// Reading answers: what is missing or of another kind is "", 0, false or empty.
std::string text(const json::Value& object, std::string_view name);
std::int64_t integer(const json::Value& object, std::string_view name);
bool boolean(const json::Value& object, std::string_view name);
const json::Array& list(const json::Value& object, std::string_view name);
const json::Array& list(const json::Value& value);
/// Members in the order of their names.
std::vector<const json::Member*> sorted_members(const json::Value& object);
std::vector<std::string> texts(const json::Value& array);
std::string yes_no(bool value);  // "true" or "false"

/// Indented by four, members sorted, as the peers print answers.
std::string pretty_json(const json::Value& value);

}  // namespace caravan::cli
