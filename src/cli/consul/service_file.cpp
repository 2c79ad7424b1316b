// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/service_file.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "config/service_definitions.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"

namespace caravan::cli::consul {
base::Result<std::vector<json::Object>> read_services(const std::string& path) {
  TRY(std::string text, read_text(path));
  hcl::Diagnostics diagnostics;
  const hcl::File file = hcl::parse(path, std::move(text), hcl::Dialect::plain, diagnostics);
  std::optional<hcl::Value> all;
  if (!diagnostics.has_errors()) {
    hcl::Run run(diagnostics);
    const hcl::Scope scope;
    all = hcl::free_form({file.body.get(), &scope}, run);
  }
  if (!all || diagnostics.has_errors())
    return base::invalid(std::string(base::trim(diagnostics.render())));
  const json::Value read = all->to_json();
  std::vector<json::Object> services =
      config::definitions(read.at("service"), read.at("services"));
  if (services.empty())
    return base::invalid(fmt::format("{}: no service and no services in it", path));
  return services;
}

}  // namespace caravan::cli::consul
