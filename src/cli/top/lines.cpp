// SPDX-License-Identifier: Apache-2.0
#include "cli/top/lines.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/top/layout.hpp"

namespace caravan::cli::top {
namespace {

constexpr std::size_t rows_for_footer = 5;    // lower terminals show data instead
constexpr std::size_t rows_for_both = 20;     // from here on nodes stand above jobs
constexpr std::size_t nodes_above_share = 5;  // of the terminal: a fifth
// Where there is no terminal the head is as wide as most are, and tables as wide as they need.
constexpr std::size_t head_columns = 80, unlimited = 4096;

/// What the token may not see is not shown as none.
std::vector<Piece> head_pieces(const Picture& p) {
  std::vector<Piece> pieces;
  const auto add = [&](const char* of, std::string text, bool hurts = false) {
    const bool refused = std::ranges::find(p.refused, of) != p.refused.end();
    if (!refused) pieces.push_back({std::move(text), hurts});
  };
  add("servers", "region " + p.region);
  add("leader", p.leader.empty() ? "no leader" : "leader " + p.leader, p.leader.empty());
  add("servers", fmt::format("servers {}/{} alive", p.servers_alive, p.servers),
      p.servers_alive < p.servers);
  add("nodes", fmt::format("nodes {}/{} ready", p.nodes_ready, p.nodes.size()),
      p.nodes_ready < p.nodes.size());
  add("allocations", fmt::format("allocations {} running", p.allocs_running));
  add("allocations", fmt::format("{} pending", p.allocs_pending));
  add("allocations", fmt::format("{} failed", p.allocs_failed), p.allocs_failed > 0);
  add("evaluations", fmt::format("evaluations {} blocked", p.evals_blocked), p.evals_blocked > 0);
  if (p.ns != "default") pieces.push_back({p.ns == "*" ? "all namespaces" : "namespace " + p.ns});
  if (!p.refused.empty())
    pieces.push_back({"not for this token: " + base::join(p.refused, ", "), true});
  return pieces;
}

Tone tone_of(Health health) {
  switch (health) {
    case Health::bad:
      return Tone::bad;
    case Health::waiting:
      return Tone::waiting;
    case Health::ended:
      return Tone::faint;
    case Health::well:
      break;
  }
  return Tone::plain;
}

/// The titles and rows [offset, offset + count) of a sheet.
void add_table(std::vector<Line>& lines, const Sheet& sheet, std::size_t offset, std::size_t count,
               std::size_t columns) {
  const Widths widths = widths_of(sheet, columns);
  std::vector<std::string> titles;
  for (const Column& column : sheet.columns)
    titles.push_back(column.title);
  lines.push_back({row_text(sheet, titles, widths, columns), Tone::title});
  for (std::size_t i = offset; i < std::min(offset + count, sheet.rows.size()); ++i)
    lines.push_back({row_text(sheet, sheet.rows[i].cells, widths, columns),
                     tone_of(sheet.rows[i].health)});
}

/// One line, or two where the reason does not fit behind the rest.
void add_failure(std::vector<Line>& lines, const View& view, std::size_t columns,
                 std::int64_t now_ns) {
  const std::string since = format_time(view.failing_since_ns);  // 2026-11-20T14:13:05Z
  const std::string clock = since.substr(std::min(since.find('T') + 1, since.size()), 8);
  const std::string ago = time_ago(view.failing_since_ns, now_ns);
  const std::vector<Piece> pieces = {{fmt::format("no answer since {} ({}):", clock, ago)},
                                     {one_line(view.failure)}};
  for (Piece& line : wrapped(pieces, columns))
    lines.push_back({std::move(line.text), Tone::bad});
}

std::string footer(const View& view, const Sheet& sheet, const Frame& frame,
                   std::size_t columns) {
  constexpr std::string_view hints = "j/a/n  s sort  / filter  p pause  ? help  q quit";
  if (view.typing) return fmt::format("filter: {}_   Enter keeps it, Esc drops it", view.filter);
  const std::size_t last = std::min(frame.offset + frame.page, sheet.rows.size());
  std::string text = fmt::format("{} {}-{} of {} by {}", sheet.noun, last == 0 ? 0 : frame.offset + 1,
                                 last, sheet.rows.size(), name_of(view.order));
  if (!view.filter.empty()) text += fmt::format(", with \"{}\"", view.filter);
  if (view.paused) text += ", PAUSED";
  const bool fits = text.size() + 3 + hints.size() <= columns;
  return text + "   " + std::string(fits ? hints : "? help");
}

std::vector<Line> help_lines(std::size_t columns) {
  static constexpr std::string_view text[] = {
      "j  jobs          a  allocations      n  nodes",
      "s  sort by trouble, cpu, memory, name",
      "/  only rows with a text; Esc drops it",
      "p  pause         q  quit             ?  this help",
      "arrows, PgUp, PgDn, Home, End scroll",
      "",
      "Red does not run as it should, yellow is on its way.",
      "CPU MHZ and MEMORY of nodes: allocated/total.",
      "Of jobs and allocations: used/asked for.",
      "CPU USE, MEM USE: what the tasks of a node use.",
      "-: nobody measured it, or was asked yet.",
      "",
      "Any key goes back.",
  };
  std::vector<Line> lines;
  for (const std::string_view line : text)
    lines.push_back({cut(line, columns), Tone::plain});
  return lines;
}

void add_head(std::vector<Line>& lines, const Picture& picture, std::size_t rows_max,
              std::size_t columns) {
  for (Piece& line : wrapped(head_pieces(picture), columns)) {
    if (lines.size() >= rows_max) return;
    lines.push_back({std::move(line.text), line.hurts ? Tone::bad : Tone::head});
  }
}

}  // namespace

Frame frame_of(const Picture* picture, const View& view, std::size_t rows, std::size_t columns,
               std::int64_t now_ns) {
  Frame frame;
  std::vector<Line>& lines = frame.lines;
  if (view.help) {
    lines = help_lines(columns);
    if (lines.size() > rows) lines.resize(rows);
    return frame;
  }
  if (!view.failure.empty()) add_failure(lines, view, columns, now_ns);
  if (!picture) {
    if (lines.empty()) lines.push_back({cut("asking the cluster ...", columns), Tone::faint});
    if (lines.size() > rows) lines.resize(rows);
    return frame;
  }
  add_head(lines, *picture, lines.size() + std::max<std::size_t>(1, rows * 2 / 5), columns);
  if (view.table != Table::nodes && rows >= rows_for_both) {
    Sheet nodes = sheet_of(*picture, Table::nodes, now_ns);
    arrange(nodes, view.order, "");
    add_table(lines, nodes, 0, rows / nodes_above_share, columns);
  }
  Sheet sheet = sheet_of(*picture, view.table, now_ns);
  arrange(sheet, view.order, view.filter);
  const std::size_t taken = lines.size() + 1 + (rows >= rows_for_footer ? 1 : 0);
  frame.page = rows > taken ? rows - taken : 1;
  const std::size_t end = sheet.rows.size() > frame.page ? sheet.rows.size() - frame.page : 0;
  frame.offset = std::min(view.offset, end);
  add_table(lines, sheet, frame.offset, frame.page, columns);
  if (rows >= rows_for_footer) {
    lines.resize(std::max(lines.size(), rows - 1));  // the footer is the last line
    lines.push_back({cut(footer(view, sheet, frame, columns), columns), Tone::faint});
  }
  if (lines.size() > rows) lines.resize(rows);
  return frame;
}

std::string plain_text(const Picture& picture, std::int64_t now_ns) {
  std::vector<Line> lines;
  for (const Piece& line : wrapped(head_pieces(picture), head_columns))
    lines.push_back({line.text});
  for (const Table table : {Table::nodes, Table::jobs}) {
    Sheet sheet = sheet_of(picture, table, now_ns);
    arrange(sheet, Order::trouble, "");
    lines.push_back({""});
    add_table(lines, sheet, 0, sheet.rows.size(), unlimited);
  }
  std::string text;
  for (const Line& line : lines)
    text += line.text + "\n";
  return text;
}

}  // namespace caravan::cli::top
