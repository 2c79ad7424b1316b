// SPDX-License-Identifier: Apache-2.0
#include "hcl/diagnostic.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::hcl {
namespace {

constexpr std::size_t quoted_line_bytes_max = 160;

std::string first_line(const Range& where) {
  if (where.source == nullptr) return {};
  const std::string_view text = where.source->text;
  const std::size_t from =
      where.begin.offset == 0 ? 0 : text.rfind('\n', where.begin.offset - 1) + 1;
  std::size_t to = text.find('\n', where.begin.offset);
  if (to == std::string_view::npos) to = text.size();
  std::string line(text.substr(from, to - from));
  if (line.ends_with('\r')) line.pop_back();
  std::replace(line.begin(), line.end(), '\t', ' ');  // one column each, so that carets line up
  if (line.size() <= quoted_line_bytes_max) return line;
  std::size_t cut = quoted_line_bytes_max;
  while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
  return line.substr(0, cut);
}

Diagnostic make(Diagnostic::Severity severity, const Range& where, std::string summary,
                std::string detail) {
  Diagnostic made{severity, {}, where.begin, where.end, std::move(summary), std::move(detail), {}};
  if (where.source == nullptr) {
    made.begin.line = 0;
    return made;
  }
  made.file = where.source->name;
  made.source_line = first_line(where);
  return made;
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace

std::string Diagnostic::one_line() const {
  std::string text = detail.empty() ? summary : summary + "; " + detail;
  if (begin.line == 0) return file.empty() ? text : file + ": " + text;
  return fmt::format("{}:{}:{}: {}", file, begin.line, begin.column, text);
}

std::string Diagnostic::render() const {
  std::string text = one_line() + "\n";
  if (begin.line == 0 || source_line.empty()) return text;
  const std::size_t line_end = code_points(source_line) + 1;
  std::size_t last = end.line == begin.line ? end.column : line_end;
  last = std::min(last, line_end);
  const std::size_t first = std::min<std::size_t>(begin.column, line_end);
  return text + "  " + base::printable(source_line, source_line.size()) + "\n  " +
         std::string(first - 1, ' ') + std::string(last > first ? last - first : 1, '^') + "\n";
}

void Diagnostics::error(const Range& where, std::string summary, std::string detail) {
  add(make(Diagnostic::Severity::error, where, std::move(summary), std::move(detail)));
}

void Diagnostics::warning(const Range& where, std::string summary, std::string detail) {
  add(make(Diagnostic::Severity::warning, where, std::move(summary), std::move(detail)));
}

void Diagnostics::add(Diagnostic diagnostic) {
  std::size_t& count = diagnostic.severity == Diagnostic::Severity::error ? errors_ : warnings_;
  if (count >= diagnostics_max) return;
  ++count;
  list_.push_back(std::move(diagnostic));
}

std::string Diagnostics::summary() const {
  std::vector<std::string> lines;
  for (const Diagnostic& d : list_)
    if (d.severity == Diagnostic::Severity::error) lines.push_back(d.one_line());
  return base::join(lines, "\n");
}

std::string Diagnostics::render() const {
  std::string text;
  for (const Diagnostic& d : list_) text += d.render();
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string near = base::nearest(word, candidates);
  return near.empty() ? "" : fmt::format(" Did you mean \"{}\"?", near);
}

}  // namespace caravan::hcl
