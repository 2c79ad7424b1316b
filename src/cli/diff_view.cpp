// SPDX-License-Identifier: Apache-2.0
#include "cli/diff_view.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"

namespace caravan::cli {
namespace {

std::string marker(const json::Value& diff) {
  const std::string type = text(diff, "Type");
  if (type == "Added") return "+";
  if (type == "Deleted") return "-";
  return type == "Edited" ? "+/-" : "";
}

class DiffView {
 public:
  explicit DiffView(bool verbose) : verbose_(verbose) {}

  std::vector<std::string> lines(const json::Value& job) {
    put(0, marker(job), marker(job).size(), fmt::format("Job: \"{}\"", text(job, "ID")));
    if (shows(job)) contents(job, 0, width_of(job, "TaskGroups"));
    for (const json::Value& group : list(job, "TaskGroups"))
      show_group(group);
    return std::move(lines_);
  }

 private:
  bool shows(const json::Value& diff) const { return verbose_ || text(diff, "Type") == "Edited"; }

  /// The widest marker among all that stands in one column.
  static std::size_t width_of(const json::Value& diff, std::string_view inner) {
    std::size_t width = 0;
    for (const std::string_view name :
         {std::string_view("Fields"), std::string_view("Objects"), inner})
      if (!name.empty())
        for (const json::Value& item : list(diff, name))
          width = std::max(width, marker(item).size());
    return width;
  }

  void put(std::size_t indent, const std::string& mark, std::size_t width,
           const std::string& rest) {
    std::string line(indent, ' ');
    if (width > 0) line += fmt::format("{:<{}} ", mark, width);
    lines_.push_back(line + rest);
  }

  void show_group(const json::Value& group) {
    std::vector<std::string> updates;
    for (const json::Member* update : sorted_members(group.at("Updates")))
      updates.push_back(
          fmt::format("{} {}", integer(group.at("Updates"), update->name), update->name));
    const std::string note = updates.empty() ? "" : " (" + base::join(updates, ", ") + ")";
    put(0, marker(group), marker(group).size(),
        fmt::format("Task Group: \"{}\"{}", text(group, "Name"), note));
    std::size_t width = width_of(group, "Tasks");
    if (shows(group))
      contents(group, 2, width);
    else
      width = width_of(json::Object{{"Tasks", group.at("Tasks")}}, "Tasks");
    for (const json::Value& task : list(group, "Tasks")) {
      put(2, marker(task), width,
          fmt::format("Task: \"{}\"{}", text(task, "Name"), annotations(task)));
      if (shows(task) && text(task, "Type") != "None") contents(task, 4, width_of(task, ""));
    }
  }

  static std::string annotations(const json::Value& diff) {
    const std::vector<std::string> notes = texts(diff.at("Annotations"));
    return notes.empty() ? "" : " (" + base::join(notes, ", ") + ")";
  }

  void contents(const json::Value& diff, std::size_t indent, std::size_t width) {
    std::size_t longest = 0;
    for (const json::Value& field : list(diff, "Fields"))
      longest = std::max(longest, text(field, "Name").size());
    for (const json::Value& field : list(diff, "Fields"))
      put(indent, marker(field), width,
          fmt::format("{:<{}} {}{}", text(field, "Name") + ":", longest + 1, values(field),
                      annotations(field)));
    for (const json::Value& object : list(diff, "Objects")) {
      put(indent, marker(object), width, text(object, "Name") + " {");
      contents(object, indent + 2, width_of(object, ""));
      put(indent, "", width, "}");
    }
  }

  static std::string values(const json::Value& field) {
    const std::string type = text(field, "Type");
    const std::string before = base::printable(text(field, "Old"), 1024);
    const std::string after = base::printable(text(field, "New"), 1024);
    if (type == "Edited") return fmt::format("\"{}\" => \"{}\"", before, after);
    return fmt::format("\"{}\"", type == "Deleted" ? before : after);
  }

  bool verbose_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> diff_lines(const json::Value& job_diff, bool verbose) {
  return DiffView(verbose).lines(job_diff);
}

}  // namespace caravan::cli
