// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/service_file.hpp"

#include <fmt/core.h>

#include "cli/consul/free_file.hpp"
#include "config/service_definitions.hpp"

namespace caravan::cli::consul {

base::Result<std::vector<json::Object>> read_services(const std::string& path) {
  TRY(const json::Value read, read_free_file(path));
  std::vector<json::Object> services =
      config::definitions(read.at("service"), read.at("services"));
  if (services.empty())
    return base::invalid(fmt::format("{}: no service and no services in it", path));
  return services;
}

}  // namespace caravan::cli::consul
