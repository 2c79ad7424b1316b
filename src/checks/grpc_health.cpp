// SPDX-License-Identifier: Apache-2.0
#include "checks/grpc_health.hpp"

#include <optional>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::checks {
namespace {

constexpr std::size_t frame_head = 5;  // compressed or not, and four bytes of length
constexpr char service_field = 0x0a;   // number 1, a text
constexpr char status_field = 0x08;    // number 1, a number
constexpr std::uint64_t serving = 1;
constexpr std::size_t message_shown_max = 200;

/// As the encoding writes numbers: seven bits a byte, the lowest first.
std::string varint(std::uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7)
    bytes += static_cast<char>(number | 0x80);
  return bytes + static_cast<char>(number);
}

std::optional<std::uint64_t> read_varint(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size() && i < 9; ++i) {
    number |= static_cast<std::uint64_t>(bytes[i] & 0x7f) << (7 * i);
    if ((bytes[i] & 0x80) == 0) return number;
  }
  return {};
}

const char* name_of(std::uint64_t status) {
  return status == 0 ? "UNKNOWN" : status == 2 ? "NOT_SERVING" : "SERVICE_UNKNOWN";
}

}  // namespace

std::string health_question(std::string_view service) {
  std::string message;
  if (!service.empty()) message = service_field + varint(service.size()) + std::string(service);
  std::string framed(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8)
    framed += static_cast<char>(message.size() >> shift & 0xff);
  return framed + message;
}

std::string health_complaint(const CallAnswer& answer) {
  if (answer.status != 200) return fmt::format("the answer has status {}", answer.status);
  if (answer.grpc_status != "0")
    return fmt::format("rpc error: code {}{}", answer.grpc_status.empty() ? "?" : answer.grpc_status,
                       answer.grpc_message.empty()
                           ? ""
                           : ": " + base::printable(answer.grpc_message, message_shown_max));
  if (answer.body.size() < frame_head || answer.body[0] != '\0')
    return "the answer cannot be read";
  const std::string_view message = std::string_view(answer.body).substr(frame_head);
  // A status of 0 is not written at all.
  if (message.empty()) return "it says UNKNOWN";
  const auto status = message[0] == status_field ? read_varint(message.substr(1)) : std::nullopt;
  if (!status) return "the answer cannot be read";
  return *status == serving ? "" : fmt::format("it says {}", name_of(*status));
}

}  // namespace caravan::checks
