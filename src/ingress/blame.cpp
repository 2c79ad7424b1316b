// SPDX-License-Identifier: Apache-2.0
#include "ingress/blame.hpp"

#include "base/text.hpp"

namespace caravan::ingress {
namespace {

/// The second word of the section that a line stands in.
std::string section_of(const std::vector<std::string>& lines, std::size_t line) {
  for (std::size_t at = line + 1; at-- > 0;) {
    if (lines[at].empty() || lines[at][0] == ' ' || lines[at][0] == '#') continue;
    const std::size_t blank = lines[at].find(' ');
    return blank == std::string::npos ? "" : lines[at].substr(blank + 1);
  }
  return "";
}

}  // namespace

std::set<std::string> blamed_routes(std::string_view output, std::string_view config,
                                    const RoutingTable& table) {
  const std::vector<std::string> lines = base::split(config, '\n');
  std::set<std::string> blamed;
  for (const std::string& said : base::split(output, '\n')) {
    if (said.find("[ALERT]") == std::string::npos) continue;
    // "parsing [/path/haproxy.cfg:12]"; of what is found later, "'server web_1234/s1'" or alike.
    std::string place;
    if (const std::size_t at = said.find(".cfg:"); at != std::string::npos) {
      const std::size_t end = said.find_first_not_of("0123456789", at + 5);
      const base::Result<long long> line = base::parse_int(said.substr(at + 5, end - at - 5));
      if (line && *line >= 1 && static_cast<std::size_t>(*line) <= lines.size()) {
        const auto index = static_cast<std::size_t>(*line) - 1;
        place = section_of(lines, index) + " " + lines[index] + " ";
      }
    }
    const std::string text = place + said;
    for (const Route& route : table.routes)
      if (text.find(route.id) != std::string::npos) blamed.insert(route.id);
  }
  return blamed;
}

}  // namespace caravan::ingress
