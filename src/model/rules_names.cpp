// SPDX-License-Identifier: Apache-2.0
#include "model/rules.hpp"

namespace caravan::model::rules {

namespace {
constexpr std::size_t name_max = 128;
}

void check_name(Complaints& c, const std::string& path, const std::string& name) {
  if (name.empty()) return c.add("{}: missing", path);
  if (name.size() > name_max)
    return c.add("{}: {} characters, the limit is {}", path, name.size(), name_max);
  for (const char ch : name)
    if (static_cast<unsigned char>(ch) <= ' ' || ch == 0x7f)
      return c.add("{}: \"{}\" contains a space or a control character", path,
                   base::printable(name, 64));
  if (!base::is_utf8(name)) c.add("{}: not valid UTF-8", path);
}

void check_folder_name(Complaints& c, const std::string& path, const std::string& name) {
  check_name(c, path, name);
  if (name.find_first_of("/\\") != std::string::npos)
    c.add("{}: \"{}\" contains a slash", path, name);
  if (name == "." || name == "..") c.add("{}: \"{}\" is not a name", path, name);
}

}  // namespace caravan::model::rules
