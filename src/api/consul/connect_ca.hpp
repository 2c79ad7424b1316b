// SPDX-License-Identifier: Apache-2.0
// The authority of the service mesh as its pages write and show it. Pure.
#pragma once

#include "json/value.hpp"
#include "model/connect_ca.hpp"
#include "server/connect.hpp"

namespace caravan::api::consul {

json::Object roots_json(const model::ConnectCa& ca);
/// Without its private key.
json::Object connect_config_json(const model::ConnectCa& ca);

/// What an operator wants, on top of what is there. Errors: invalid, naming the member; unsupported
/// (another provider).
base::Result<server::ConnectSettings> connect_settings_of(json::Object body,
                                                          const model::ConnectConfig& before);

}  // namespace caravan::api::consul
