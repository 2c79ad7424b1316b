// SPDX-License-Identifier: Apache-2.0
// A table of the picture: rows as text, in the order asked for, before they meet a terminal's
// width. Pure.
#pragma once

#include "cli/top/picture.hpp"
#include "cli/top/view.hpp"

namespace caravan::cli::top {

struct Column {
  std::string title;
  bool right = false;  // numbers end at one line
  int rank = 0;        // where there is no room, the highest goes first; 0 stays
};

struct SheetRow {
  std::vector<std::string> cells;
  Health health = Health::well;
  double cpu = 0, memory = 0;  // to sort by
};

struct Sheet {
  std::string noun;  // "jobs"
  std::vector<Column> columns;
  std::vector<SheetRow> rows;
};

/// `now_ns` is for how long ago something changed.
Sheet sheet_of(const Picture& picture, Table table, std::int64_t now_ns);

/// Leaves the rows that hold `filter`, whatever its case, in that order.
void arrange(Sheet& sheet, Order order, const std::string& filter);

/// "1.2G", "512M", "0B": five characters at most.
std::string short_bytes(double bytes);

}  // namespace caravan::cli::top
