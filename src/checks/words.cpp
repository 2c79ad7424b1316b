// SPDX-License-Identifier: Apache-2.0
#include "checks/words.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::checks {
namespace {

constexpr int http_ok = 200;

/// Why there was no connection, as clients know it from a Go program.
std::string why(const io::Address& address, const std::string& said) {
  const std::string place = address.to_string() + ": ";
  const std::size_t at = said.find(place);
  if (at == std::string::npos) return said;
  return fmt::format("dial tcp {}connect: {}", place, base::to_lower(said.substr(at + place.size())));
}

/// "Get" for "GET".
std::string capitalized(std::string_view method) {
  std::string name = base::to_lower(method);
  if (!name.empty()) name[0] = method[0];
  return name;
}

}  // namespace

std::string job_words(const Outcome& outcome) {
  if (outcome.status_code == http_ok) return "nomad: http ok";
  return outcome.is_quoted || outcome.output.empty() ? outcome.output : "nomad: " + outcome.output;
}

std::string registry_words(const Probe& probe, std::string_view place, const Outcome& outcome) {
  using Kind = Probe::Kind;
  switch (probe.kind) {
    case Kind::tcp:
      return outcome.passing ? fmt::format("TCP connect {}: Success", place)
                             : why(probe.address, outcome.output);
    case Kind::h2ping:
      return outcome.passing ? "HTTP2 ping was successful"
                             : "HTTP2 ping failed: " + why(probe.address, outcome.output);
    case Kind::grpc:
      return outcome.passing
                 ? fmt::format("gRPC check {}: success", place)
                 : fmt::format("gRPC check {}: {}", place, why(probe.address, outcome.output));
    case Kind::http:
      break;
  }
  if (outcome.status_code == 0)
    return fmt::format("{} \"{}\": {}", capitalized(probe.method), place,
                       why(probe.address, outcome.output));
  return fmt::format("HTTP {} {}: {} {} Output: {}", probe.method, place, outcome.status_code,
                     http::reason_phrase(outcome.status_code), outcome.output);
}

}  // namespace caravan::checks
