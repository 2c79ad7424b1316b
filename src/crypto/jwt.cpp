// SPDX-License-Identifier: Apache-2.0
#include "crypto/jwt.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::crypto {

base::Result<std::string> base64url_decode(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return base::invalid("not base64url");
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  standard.append((4 - standard.size() % 4) % 4, '=');
  TRY(std::string bytes, base::base64_decode(standard));
  if (base::base64url_encode(bytes) != text) return base::invalid("not base64url");
  return bytes;
}

namespace {

base::Result<json::Object> object_in(std::string_view part) {
  TRY(const std::string text, base64url_decode(part));
  TRY(const json::Value value, json::parse(text));
  const json::Object* object = value.as_object();
  if (!object) return base::invalid("not a JSON object");
  return *object;
}

}  // namespace

std::string_view algorithm_name(SigningAlgorithm algorithm) {
  return algorithm == SigningAlgorithm::rs256 ? "RS256" : "EdDSA";
}

bool Jwt::is_signed_by(const SigningKey& key) const {
  return algorithm == algorithm_name(key.algorithm()) && key.verifies(signed_part, signature);
}

std::string sign_jwt(const SigningKey& key, const std::string& key_id, const json::Object& claims) {
  const json::Object header{
      {"alg", algorithm_name(key.algorithm())}, {"kid", key_id}, {"typ", "JWT"}};
  std::string token = base::base64url_encode(json::to_string(header));
  token += '.';
  token += base::base64url_encode(json::to_string(claims));
  const std::string signature = key.sign(token);
  token += '.';
  token += base::base64url_encode(signature);
  return token;
}

base::Result<Jwt> parse_jwt(std::string_view text) {
  if (text.size() > jwt_bytes_max)
    return base::invalid(
        fmt::format("a token of {} bytes: at most {} are read", text.size(), jwt_bytes_max));
  const std::size_t first = text.find('.'), last = text.rfind('.');
  if (first == last || text.find('.', first + 1) != last)
    return base::invalid("a token has three parts with dots between them");
  TRY(const json::Object header, object_in(text.substr(0, first)));
  if (header.contains("crit")) return base::invalid("the token demands extensions");
  Jwt jwt;
  jwt.algorithm = header.text_at("alg");
  jwt.key_id = header.text_at("kid");
  TRY(jwt.claims, object_in(text.substr(first + 1, last - first - 1)));
  TRY(jwt.signature, base64url_decode(text.substr(last + 1)));
  jwt.signed_part = text.substr(0, last);
  return jwt;
}

}  // namespace caravan::crypto
