// SPDX-License-Identifier: Apache-2.0
// An ingress block, in the ingress' own words.
#pragma once

#include "config/ingress_config.hpp"
#include "ingress/ingress.hpp"

namespace caravan::agent {

/// `config` has been found without problems. Errors: invalid and io, of the files that it names.
base::Result<ingress::Settings> ingress_settings(const config::IngressConfig& config,
                                                 const std::string& datacenter, io::Disk& disk);
ingress::Places ingress_places(const config::IngressConfig& config, std::string folder);

}  // namespace caravan::agent
