// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::cli {
namespace {

std::string lines_of(const HelpLines& lines) {
  std::size_t width = 8;
  for (const auto& [name, synopsis] : lines)
    width = std::max(width, name.size());
  std::string out;
  for (const auto& [name, synopsis] : lines)
    out += fmt::format("    {:{}}    {}\n", name, width, synopsis);
  return out;
}

std::string indented(const std::string& text, std::string_view indent) {
  std::string out;
  for (const std::string& line : base::split(text, '\n'))
    out += line.empty() ? "\n" : fmt::format("{}{}\n", indent, line);
  return out;
}

std::string options(const std::string& title, const std::vector<FlagSpec>& flags) {
  std::string out = fmt::format("\n{}:\n", title);
  for (const FlagSpec& flag : flags) {
    out += flag.value.empty() ? fmt::format("\n  -{}\n", flag.name)
                              : fmt::format("\n  -{}=<{}>\n", flag.name, flag.value);
    out += indented(flag.help, "    ");
  }
  return out;
}

}  // namespace

std::string overview(const Face& face) {
  HelpLines others;
  for (const Command& command : face.commands) {
    const std::string first = command.name.substr(0, command.name.find(' '));
    const bool grouped = command.name.size() > first.size();
    const auto is_first = [&](const auto& line) { return line.first == first; };
    if (std::ranges::any_of(face.common, is_first) || std::ranges::any_of(others, is_first))
      continue;
    const auto synopsis = face.groups.find(first);
    others.emplace_back(
        first, grouped && synopsis != face.groups.end() ? synopsis->second : command.synopsis);
  }
  for (const std::string& alias : face.shown_aliases)
    if (const Command* command = face.find(alias)) others.emplace_back(alias, command->synopsis);
  std::ranges::sort(others);
  const std::string usage =
      fmt::format("Usage: {} [-version] [-help] <command> [args]\n\n", face.program);
  if (face.common.empty()) return fmt::format("{}Commands:\n{}", usage, lines_of(others));
  return fmt::format("{}Common commands:\n{}\nOther commands:\n{}", usage, lines_of(face.common),
                     lines_of(others));
}

std::string group_help(const Face& face, std::string_view group) {
  HelpLines lines;
  const std::string prefix = std::string(group) + " ";
  for (const Command& command : face.commands)
    if (command.name.starts_with(prefix))
      lines.emplace_back(command.name.substr(prefix.size()), command.synopsis);
  if (lines.empty()) return "";
  const auto synopsis = face.groups.find(std::string(group));
  return fmt::format(
      "Usage: {} {} <subcommand> [options] [args]\n\n  {}.\n  '{} {} <subcommand> -help' tells "
      "more.\n\nSubcommands:\n{}",
      face.program, group, synopsis == face.groups.end() ? "Groups commands" : synopsis->second,
      face.program, group, lines_of(lines));
}

std::vector<FlagSpec> flags_of(const Face& face, const Command& command) {
  std::vector<FlagSpec> flags = command.flags;
  if (command.uses_api)
    flags.insert(flags.end(), face.general_flags.begin(), face.general_flags.end());
  return flags;
}

std::string command_help(const Face& face, const Command& command) {
  std::string out = fmt::format("Usage: {} {} {}\n", face.program, command.name, command.usage);
  if (!command.alias.empty()) out += fmt::format("Alias: {} {}\n", face.program, command.alias);
  out += "\n" + indented(command.help, "  ");
  if (command.uses_api) out += options("General Options", face.general_flags);
  if (!command.flags.empty()) out += options("Options of this command", command.flags);
  return out;
}

}  // namespace caravan::cli
