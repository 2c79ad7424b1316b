// SPDX-License-Identifier: Apache-2.0
#include "agent/flag_parsing.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::agent {

base::Status parse_flags(const std::vector<std::string>& arguments, const Flags& flags) {
  std::vector<std::string> known;
  for (const auto& [name, flag] : flags)
    known.push_back(name);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (!argument.starts_with('-'))
      return base::invalid(fmt::format("\"{}\": agent takes flags only", argument));
    argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
    const std::size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    const auto flag = flags.find(name);
    if (flag == flags.end()) {
      const std::string near = base::nearest(name, known);
      return base::invalid(
          fmt::format("unknown flag -{}{}", name,
                      near.empty() ? "" : fmt::format(", did you mean -{}?", near)));
    }
    std::string value;
    if (equals != std::string_view::npos)
      value = argument.substr(equals + 1);
    else if (!flag->second.value_name.empty() && ++i < arguments.size())
      value = arguments[i];
    else if (!flag->second.value_name.empty())
      return base::invalid(fmt::format("flag -{} needs a value", name));
    if (flag->second.value_name.empty() && value == "false") continue;
    TRY_VOID(flag->second.set(value));
  }
  return {};
}

namespace {

bool is_config_name(const std::string& name) {
  const bool temporary = name.starts_with('.') || name.starts_with('#') || name.ends_with('~') ||
                         name.ends_with(".tmp");
  return !temporary && (name.ends_with(".hcl") || name.ends_with(".json"));
}

}  // namespace

base::Result<std::vector<std::string>> files_at(const std::string& path, io::Disk& disk) {
  if (!disk.exists(path)) return base::invalid(fmt::format("-config: {} does not exist", path));
  const base::Result<std::vector<io::FileInfo>> entries = disk.list(path);
  if (!entries) return std::vector<std::string>{path};  // a file
  std::vector<std::string> files;
  for (const io::FileInfo& entry : *entries)
    if (!entry.is_dir && is_config_name(entry.name)) files.push_back(path + "/" + entry.name);
  return files;
}

std::string usage_of(const std::string& head, const Flags& flags) {
  std::string text = head + "\n\nOptions:\n\n";
  for (const auto& [name, flag] : flags)
    text += fmt::format("  -{}{}\n    {}\n\n", name,
                        flag.value_name.empty() ? "" : "=" + flag.value_name, flag.help);
  return text;
}

}  // namespace caravan::agent
