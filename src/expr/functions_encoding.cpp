// SPDX-License-Identifier: Apache-2.0
// Formats, hashes and times.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cmath>

#include <fmt/core.h>

#include "base/text.hpp"
#include "expr/go_time.hpp"
#include "expr/template_functions.hpp"
#include "expr/template_run.hpp"
#include "expr/text.hpp"
#include "expr/yaml.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::expr {
namespace {

using Answer = base::Result<Data>;

json::Value value_of(const Data& data) { return data ? *data : json::Value(nullptr); }

Answer parse_bool(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (text == yes) return make_data(true);
  for (const std::string_view no : {"", "0", "f", "F", "FALSE", "false", "False"})
    if (text == no) return make_data(false);
  return base::invalid("invalid syntax: \"" + base::printable(text, 60) + "\"");
}

Answer parse_number(const TemplateCall& call, bool integer, bool is_signed) {
  TRY(const std::string text, call.text(0));
  if (text.empty()) return integer ? make_data(0) : make_data(0.0);
  const auto number = parse_go_number(text);
  const std::int64_t* n = number ? number->as_int() : nullptr;
  if (!number || (integer && n == nullptr) || (integer && !is_signed && *n < 0))
    return base::invalid("invalid syntax: \"" + base::printable(text, 60) + "\"");
  return integer ? make_data(*n) : make_data(number->number());
}
Answer parse_int(const TemplateCall& call) { return parse_number(call, true, true); }
Answer parse_uint(const TemplateCall& call) { return parse_number(call, true, false); }
Answer parse_float(const TemplateCall& call) { return parse_number(call, false, true); }

Answer parse_json(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  if (base::trim(text).empty()) return make_data(json::Object());
  TRY(json::Value value, json::parse(text));
  return make_data(std::move(value));
}

Answer parse_yaml(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  if (base::trim(text).empty()) return make_data(json::Object());
  TRY(json::Value value, json::parse(text));
  return make_data(std::move(value));
}

/// Go sorts the members of maps and escapes what matters to HTML.
json::Value sorted(const json::Value& value) {
  if (const json::Array* array = value.as_array()) {
    json::Array out;
    for (const json::Value& item : *array) out.push_back(sorted(item));
    return out;
  }
  const json::Object* object = value.as_object();
  if (object == nullptr) return value;
  std::vector<const json::Member*> members;
  for (const json::Member& member : *object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](auto* a, auto* b) { return a->name < b->name; });
  json::Object out;
  for (const json::Member* member : members) out[member->name] = sorted(member->value);
  return out;
}

std::string html_safe(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&')
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

Answer to_json(const TemplateCall& call) {
  return make_data(html_safe(json::to_string(sorted(value_of(call[0])))));
}
Answer to_json_pretty(const TemplateCall& call) {
  return make_data(html_safe(json::to_pretty(sorted(value_of(call[0])), 2)));
}
Answer to_unescaped_json(const TemplateCall& call) {
  return make_data(json::to_string(sorted(value_of(call[0]))));
}
Answer to_unescaped_json_pretty(const TemplateCall& call) {
  return make_data(json::to_pretty(sorted(value_of(call[0])), 2));
}

Answer to_yaml(const TemplateCall& call) {
  std::string text = write_yaml(sorted(value_of(call[0])));
  while (text.ends_with('\n')) text.pop_back();
  return make_data(std::move(text));
}

Answer base64_encode(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  return make_data(base::base64_encode(text));
}
Answer base64_decode(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  TRY(std::string bytes, base::base64_decode(text));
  return make_data(std::move(bytes));
}
Answer base64_url_encode(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  std::string encoded = base::base64_encode(text);  // padded, unlike a JWT's
  std::replace(encoded.begin(), encoded.end(), '+', '-');
  std::replace(encoded.begin(), encoded.end(), '/', '_');
  return make_data(std::move(encoded));
}
Answer base64_url_decode(const TemplateCall& call) {
  TRY(std::string text, call.text(0));
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  TRY(std::string bytes, base::base64_decode(text));
  return make_data(std::move(bytes));
}

Answer hex_digest(const TemplateCall& call, const char* algorithm) {
  TRY(const std::string text, call.text(0));
  unsigned char out[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, algorithm, nullptr, text.data(), text.size(), out, &size) != 1)
    return base::invalid(fmt::format("{} is not available", algorithm));
  return make_data(base::to_hex({reinterpret_cast<char*>(out), size}));
}
Answer md5sum(const TemplateCall& call) { return hex_digest(call, "MD5"); }
Answer sha1sum(const TemplateCall& call) { return hex_digest(call, "SHA1"); }
Answer sha256_hex(const TemplateCall& call) { return hex_digest(call, "SHA256"); }

Answer hmac_sha256_hex(const TemplateCall& call) {
  TRY(const std::string text, call.text(0));
  TRY(const std::string key, call.text(1));
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size) == nullptr)
    return base::invalid("HMAC is not available");
  return make_data(base::to_hex({reinterpret_cast<char*>(out), size}));
}

Answer timestamp(const TemplateCall& call) {
  const base::Instant now = call.run.now();
  if (call.size() == 0) return make_data(base::format_rfc3339({now.seconds() * 1'000'000'000}));
  TRY(const std::string layout, call.text(0));
  if (layout == "unix") return make_data(std::to_string(now.seconds()));
  return make_data(format_go_time(now, layout));
}

constexpr TemplateFunction rows[] = {
    {"base64Decode", 1, 1, base64_decode},
    {"base64Encode", 1, 1, base64_encode},
    {"base64URLDecode", 1, 1, base64_url_decode},
    {"base64URLEncode", 1, 1, base64_url_encode},
    {"hmacSHA256Hex", 2, 2, hmac_sha256_hex},
    {"md5sum", 1, 1, md5sum},
    {"parseBool", 1, 1, parse_bool},
    {"parseFloat", 1, 1, parse_float},
    {"parseInt", 1, 1, parse_int},
    {"parseJSON", 1, 1, parse_json},
    {"parseUint", 1, 1, parse_uint},
    {"parseYAML", 1, 1, parse_yaml},
    {"sha256Hex", 1, 1, sha256_hex},
    {"sprig_b64dec", 1, 1, base64_decode},
    {"sprig_b64enc", 1, 1, base64_encode},
    {"sprig_fromJson", 1, 1, parse_json},
    {"sprig_sha1sum", 1, 1, sha1sum},
    {"sprig_sha256sum", 1, 1, sha256_hex},
    {"sprig_toJson", 1, 1, to_json},
    {"sprig_toPrettyJson", 1, 1, to_json_pretty},
    {"timestamp", 0, 1, timestamp},
    {"toJSON", 1, 1, to_json},
    {"toJSONPretty", 1, 1, to_json_pretty},
    {"toUnescapedJSON", 1, 1, to_unescaped_json},
    {"toUnescapedJSONPretty", 1, 1, to_unescaped_json_pretty},
    {"toYAML", 1, 1, to_yaml},
};

}  // namespace

std::span<const TemplateFunction> encoding_template_functions() { return rows; }

}  // namespace caravan::expr
