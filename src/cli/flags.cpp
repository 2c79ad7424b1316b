// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::cli {
namespace {

bool is_true_word(std::string_view word) {
  return word == "true" || word == "1" || word == "t" || word == "T" || word == "TRUE" ||
         word == "True";
}
bool is_false_word(std::string_view word) {
  return word == "false" || word == "0" || word == "f" || word == "F" || word == "FALSE" ||
         word == "False";
}

std::unexpected<base::Error> unknown_flag(const std::string& name,
                                          std::span<const FlagSpec> known) {
  std::vector<std::string> names;
  for (const FlagSpec& spec : known)
    names.push_back(spec.name);
  const std::string near = base::nearest(name, names);
  return base::invalid(fmt::format("flag provided but not defined: -{}{}",
                                   base::printable(name, 64),
                                   near.empty() ? "" : fmt::format(". Did you mean -{}?", near)));
}

}  // namespace

bool Flags::on(std::string_view name, bool otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : is_true_word(found->second.back());
}

std::string Flags::text(std::string_view name, std::string otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second.back();
}

std::vector<std::string> Flags::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

base::Result<long long> Flags::number(std::string_view name, long long otherwise) const {
  if (!given(name)) return otherwise;
  const base::Result<long long> value = base::parse_int(text(name));
  if (!value)
    return base::invalid(fmt::format("invalid value \"{}\" for flag -{}: not a number",
                                     base::printable(text(name), 64), name));
  return *value;
}

base::Result<ParsedArguments> parse_arguments(std::span<const FlagSpec> known,
                                              std::span<const std::string> arguments) {
  ParsedArguments parsed;
  std::size_t at = 0;
  for (; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (argument.size() < 2 || argument[0] != '-') break;
    if (argument == "--") {
      ++at;
      break;
    }
    const std::string bare = argument.substr(argument.starts_with("--") ? 2 : 1);
    const std::size_t equals = bare.find('=');
    const std::string name = bare.substr(0, equals);
    const auto spec = std::ranges::find(known, name, &FlagSpec::name);
    if (spec == known.end() && (name == "h" || name == "help")) {
      parsed.help = true;
      continue;
    }
    if (spec == known.end()) return unknown_flag(name, known);
    std::string value = equals == std::string::npos ? "" : bare.substr(equals + 1);
    if (spec->value.empty()) {
      if (equals == std::string::npos) value = "true";
      if (!is_true_word(value) && !is_false_word(value))
        return base::invalid(
            fmt::format("invalid boolean value \"{}\" for -{}", base::printable(value, 64), name));
    } else if (equals == std::string::npos) {
      if (at + 1 == arguments.size())
        return base::invalid(fmt::format("flag needs an argument: -{}", name));
      value = arguments[++at];
    }
    parsed.flags.add(name, std::move(value));
  }
  parsed.words.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return parsed;
}

}  // namespace caravan::cli
