// SPDX-License-Identifier: Apache-2.0
// Any text as the tags of a service, a line each: whatever comes of them is written as
// configuration in which every line is one of ours, and everything that was not done is reported.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "ingress/haproxy_config.hpp"
#include "ingress/report.hpp"

namespace {
using namespace caravan;

ingress::Settings settings() {
  ingress::Settings made;
  made.entry_points = {{"proxy", "0.0.0.0", 9999, false, false, ""},
                       {"secure", "0.0.0.0", 443, true, false, ""},
                       {"bytes", "0.0.0.0", 99, false, true, ""}};
  made.tcp_ports = {{7000, 8000}};
  made.retry_gets = true;
  return made;
}

/// The first words that a line of ours can have.
bool is_ours(std::string_view line) {
  if (line.empty()) return true;
  if (line[0] != ' ') {
    for (const char* section : {"# Written by", "global", "defaults", "frontend ", "backend ", "userlist "})
      if (line.starts_with(section)) return true;
    return false;
  }
  for (const char* word :
       {"description", "stats", "maxconn", "srvtcpka-", "no", "hard-stop-after", "expose-experimental-directives",
        "ssl-default-bind-options", "user", "log", "mode", "timeout", "retries", "option", "bind",
        "http-request", "http-response", "http-check", "acl", "use_backend", "default_backend",
        "tcp-request", "server", "default-server", "balance", "retry-on", "stick-table", "cookie",
        "dynamic-cookie-key", "tune.idle-pool.shared"})
    if (line.substr(2).starts_with(word)) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ingress::Settings how = settings();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ingress::Instance instance{"nomad", "web", "1", "n", "dc1", "default", "10.0.0.1", 80, 1, 1, {}};
  instance.tags = base::split(text, '\n');
  instance.tags.emplace_back(text);  // line ends within a tag
  const ingress::RoutingTable table = ingress::make_routing_table({instance}, how);
  const ingress::DataPlanePaths paths{"/d/g", "/d/c", "/d/m", "/d", "/d/t"};
  const ingress::Placement placement = ingress::placement_of(table, {});
  const ingress::Rendered made = ingress::render(how, table, placement, paths, "1");
  for (const std::string& line : base::split(made.config, '\n'))
    if (!is_ours(line)) std::abort();
  for (const auto& [name, content] : made.files)
    for (const std::string& line : base::split(content, '\n'))
      if (!line.empty() && base::split(line, ' ').size() != 2) std::abort();
  (void)ingress::routes_page(table, table.problems);
  return 0;
}
