// SPDX-License-Identifier: Apache-2.0
// What a verb is: its words, its help, its flags and its function. The frame (cli.cpp) parses,
// checks and dispatches; a verb sees only a Context.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "cli/client.hpp"
#include "cli/flags.hpp"

namespace caravan::cli {

class Context;
struct Face;

struct Command {
  std::string name;      // "job run"
  std::string alias;     // "run", or ""
  std::string synopsis;  // one line, for lists of commands
  std::string usage;     // what follows the name: "[options] <path>"
  std::string help;      // paragraphs of at most 76 columns
  std::vector<FlagSpec> flags;
  std::size_t words_min = 0, words_max = 0;
  std::string takes;     // "one argument: <path>", for the message about a wrong number of words
  bool uses_api = true;  // wants a client, and takes the general flags
  int (*run)(Context&) = nullptr;
};

/// Every command of the cluster's own command line, by name.
const std::vector<Command>& native_commands();

/// Name under which the binary was called, as messages and help show it.
std::string program_name();

/// What one run of a command has to work with.
class Context {
 public:
  Context(const Face& face, const Command& command, const Versions& versions)
      : face(face), command(command), versions(versions) {}

  const Face& face;
  const Command& command;
  const Versions& versions;
  Flags flags;
  std::vector<std::string> words;
  std::unique_ptr<Client> client;  // null when the command does not use the API

  Client& api() { return *client; }
  bool verbose() const { return flags.on("verbose"); }

  /// One line, or several, to standard output. After a broken pipe nothing is written any more.
  void out(std::string_view text);
  /// The same without the line end.
  void raw(std::string_view text);
  void err(std::string_view text);
  /// Says why on standard error and returns 1.
  int fail(std::string_view why);
  int fail(std::string_view what, const base::Error& error);
  /// fail() with the hint where help is to be found.
  int wrong_use(std::string_view why);
  bool output_is_broken() const { return broken_; }

  /// Answers -json and -t with `value`. False when neither was given; `code` is the exit code
  /// otherwise.
  bool shows_data(const json::Value& value, int& code);

 private:
  bool broken_ = false;
};

std::string env_or(const char* name, std::string otherwise);

}  // namespace caravan::cli
