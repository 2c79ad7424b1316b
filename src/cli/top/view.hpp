// SPDX-License-Identifier: Apache-2.0
// What somebody at the keys wants to see. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caravan::cli::top {

enum class Table { jobs, allocs, nodes };
enum class Order { trouble, cpu, memory, name };

/// "trouble", "cpu", "memory", "name".
std::string_view name_of(Order order);

struct View {
  Table table = Table::jobs;
  Order order = Order::trouble;
  std::string filter;  // rows that hold this text
  bool typing = false, paused = false, help = false;
  std::size_t offset = 0, page = 1;  // first row shown, and how many fit; the last drawing says so
  std::string failure;               // why the picture is old; "" when it is not
  std::int64_t failing_since_ns = 0;
};

enum class Key { up, down, page_up, page_down, home, end, escape, enter, erase, interrupt, text };

struct Press {
  Key key = Key::text;
  std::string text;  // of Key::text: one character
  friend bool operator==(const Press&, const Press&) = default;
};

/// What a terminal sends for keys; sequences that mean nothing here are skipped.
std::vector<Press> presses_of(std::string_view bytes);

/// Follows one key. False: it asks for the end.
bool follow(View& view, const Press& press);

}  // namespace caravan::cli::top
