// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

const Lines& common_commands() {
  static const Lines lines = {{"run", "Run a new job or update an existing job"},
                              {"stop", "Stop a running job"},
                              {"status", "Display the status of jobs and other objects"},
                              {"alloc", "Interact with allocations"},
                              {"job", "Interact with jobs"},
                              {"node", "Interact with nodes"},
                              {"agent", "Run an agent: a server, a client or both"}};
  return lines;
}

const std::map<std::string, std::string>& group_synopses() {
  static const std::map<std::string, std::string> synopses = {
      {"alloc", "Interact with allocations"},
      {"config", "Interact with agent configurations"},
      {"deployment", "Interact with deployments"},
      {"eval", "Interact with evaluations"},
      {"job", "Interact with jobs"},
      {"node", "Interact with nodes"},
      {"operator", "Tools for operators of a cluster"},
      {"server", "Interact with servers"},
      {"service", "Interact with registered services"},
      {"system", "Interact with the system API"}};
  return synopses;
}

std::string lines_of(const Lines& lines) {
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

std::string overview() {
  Lines others;
  for (const Command& command : commands()) {
    const std::string first = command.name.substr(0, command.name.find(' '));
    const bool grouped = command.name.size() > first.size();
    const bool common = std::ranges::any_of(common_commands(),
                                            [&](const auto& line) { return line.first == first; });
    const bool listed =
        std::ranges::any_of(others, [&](const auto& line) { return line.first == first; });
    if (common || listed) continue;
    const auto synopsis = group_synopses().find(first);
    others.emplace_back(
        first, grouped && synopsis != group_synopses().end() ? synopsis->second : command.synopsis);
  }
  for (const char* alias : {"exec", "fs", "logs", "init", "inspect", "validate"})
    if (const Command* command = find_command(alias)) others.emplace_back(alias, command->synopsis);
  std::ranges::sort(others);
  return fmt::format(
      "Usage: {} [-version] [-help] <command> [args]\n\nCommon commands:\n{}\nOther commands:\n{}",
      program_name(), lines_of(common_commands()), lines_of(others));
}

std::string group_help(std::string_view group) {
  Lines lines;
  const std::string prefix = std::string(group) + " ";
  for (const Command& command : commands())
    if (command.name.starts_with(prefix))
      lines.emplace_back(command.name.substr(prefix.size()), command.synopsis);
  if (lines.empty()) return "";
  const auto synopsis = group_synopses().find(std::string(group));
  return fmt::format(
      "Usage: {} {} <subcommand> [options] [args]\n\n  {}.\n  '{} {} <subcommand> -help' tells "
      "more.\n\nSubcommands:\n{}",
      program_name(), group,
      synopsis == group_synopses().end() ? "Groups commands" : synopsis->second, program_name(),
      group, lines_of(lines));
}

std::vector<FlagSpec> flags_of(const Command& command) {
  std::vector<FlagSpec> flags = command.flags;
  if (command.uses_api) flags.insert(flags.end(), general_flags().begin(), general_flags().end());
  return flags;
}

std::string command_help(const Command& command) {
  std::string out = fmt::format("Usage: {} {} {}\n", program_name(), command.name, command.usage);
  if (!command.alias.empty()) out += fmt::format("Alias: {} {}\n", program_name(), command.alias);
  out += "\n" + indented(command.help, "  ");
  if (command.uses_api) out += options("General Options", general_flags());
  if (!command.flags.empty()) out += options("Options of this command", command.flags);
  return out;
}

}  // namespace caravan::cli
