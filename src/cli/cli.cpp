// SPDX-License-Identifier: Apache-2.0
// The frame: finds the command, reads its flags, makes its client, runs it.
#include "cli/cli.hpp"

#include <csignal>
#include <cstdio>
#include <span>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/help.hpp"

namespace caravan::cli {
namespace {

constexpr int exit_unknown_command = 127;
constexpr std::size_t command_words_max = 4;

struct Found {
  const Command* command = nullptr;
  std::size_t words = 0;  // how many arguments name it
};

/// The longest run of leading words that names a command.
Found find(const Face& face, const std::vector<std::string>& arguments) {
  Found found;
  std::string name;
  for (std::size_t i = 0; i < std::min(arguments.size(), command_words_max); ++i) {
    if (arguments[i].starts_with('-')) break;
    name += (i == 0 ? "" : " ") + arguments[i];
    if (const Command* command = face.find(name)) found = {command, i + 1};
  }
  return found;
}

bool asks_help(const std::string& word) {
  return word == "-h" || word == "-help" || word == "--help";
}

std::string group_of(const Face& face, const std::vector<std::string>& arguments) {
  std::string name;
  for (const std::string& word : arguments) {
    const std::string longer = name.empty() ? word : name + " " + word;
    if (word.starts_with('-') || group_help(face, longer).empty()) break;
    name = longer;
  }
  return name;
}

/// Not a command: a group, a call for help, or a slip.
int explain(const Face& face, const std::vector<std::string>& arguments) {
  const std::string group = group_of(face, arguments);
  const std::size_t rest = group.empty() ? 0 : base::split(group, ' ').size();
  const std::string next = rest < arguments.size() ? arguments[rest] : "";
  std::fputs((group.empty() ? overview(face) : group_help(face, group)).c_str(), stdout);
  if (asks_help(next)) return 0;
  if (next.empty()) return group.empty() ? exit_unknown_command : 1;
  std::vector<std::string> names;
  for (const Command& command : face.commands) {
    names.push_back(command.name);
    if (!command.alias.empty()) names.push_back(command.alias);
  }
  const std::string near = base::nearest((group.empty() ? "" : group + " ") + next, names);
  if (!near.empty())
    std::fprintf(stderr, "Unknown command \"%s\". Did you mean \"%s\"?\n",
                 base::printable(next, 64).c_str(), near.c_str());
  return exit_unknown_command;
}

int run_command(const Face& face, const Command& command, std::span<const std::string> arguments,
                const Versions& versions) {
  Context context(face, command, versions);
  base::Result<ParsedArguments> parsed = parse_arguments(flags_of(face, command), arguments);
  if (!parsed) return context.wrong_use(parsed.error().message);
  if (parsed->help) {
    context.raw(command_help(face, command));
    return 0;
  }
  context.flags = std::move(parsed->flags);
  context.words = std::move(parsed->words);
  if (context.words.size() < command.words_min || context.words.size() > command.words_max) {
    const bool late_flag =
        context.words.size() > command.words_max && context.words.back().starts_with('-');
    return context.wrong_use(fmt::format("This command takes {}{}", command.takes,
                                         late_flag ? "; flags go before it" : ""));
  }
  if (command.uses_api) {
    base::Result<Client> client = Client::make(face.settings(context.flags));
    if (!client) return context.fail("Error initializing client", client.error());
    context.client = std::make_unique<Client>(std::move(*client));
  }
  const int code = command.run(context);
  return code == 0 && context.output_is_broken() ? 1 : code;  // what was not printed was not done
}

int run_face(const Face& face, const std::vector<std::string>& arguments,
             const Versions& versions) {
  ::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, and then silence
  std::vector<std::string> words = arguments;
  if (!words.empty() && (words[0] == "-v" || words[0] == "-version" || words[0] == "--version"))
    words = {"version"};
  const Found found = find(face, words);
  if (!found.command) return explain(face, words);
  return run_command(face, *found.command, std::span(words).subspan(found.words), versions);
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Versions& versions) {
  return run_face(native_face(), arguments, versions);
}

int run_consul(const std::vector<std::string>& arguments, const Versions& versions) {
  return run_face(consul_face(), arguments, versions);
}

}  // namespace caravan::cli
