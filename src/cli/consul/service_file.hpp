// SPDX-License-Identifier: Apache-2.0
// Services as files describe them: HCL or JSON, in the small letters of configuration files.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace caravan::cli::consul {

/// Those under `service` and `services`, in the words of the API. Errors: io; invalid, with
/// file:line:column.
base::Result<std::vector<json::Object>> read_services(const std::string& path);

}  // namespace caravan::cli::consul
