// SPDX-License-Identifier: Apache-2.0
// The gRPC health checking protocol (grpc.health.v1), as bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "checks/http2.hpp"

namespace caravan::checks {

inline constexpr const char* health_method = "/grpc.health.v1.Health/Check";

/// The question for one service, framed; "" asks for the whole server.
std::string health_question(std::string_view service);
/// "" when the answer says SERVING, else why it does not count as well.
std::string health_complaint(const CallAnswer& answer);

}  // namespace caravan::checks
