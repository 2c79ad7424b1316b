// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include "base/gzip.hpp"
#include "base/text.hpp"

namespace caravan::http {
namespace {

/// Every request is asked for a dozen names: nothing is copied for that.
bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  add(std::string(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [field, value] : fields_)
    if (same_name(field, name)) return value;
  return {};
}

bool Headers::contains(std::string_view name) const {
  return std::ranges::any_of(fields_,
                             [&](const auto& field) { return same_name(field.first, name); });
}

base::Result<Query> Query::parse(std::string_view text) {
  Query query;
  if (text.empty()) return query;
  for (const std::string& pair : base::split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    TRY(std::string name, base::percent_decode(std::string_view(pair).substr(0, equals), true));
    std::string value;
    if (equals != std::string::npos) {
      TRY(value, base::percent_decode(std::string_view(pair).substr(equals + 1), true));
    }
    query.pairs_.emplace_back(std::move(name), std::move(value));
  }
  return query;
}

bool Query::has(std::string_view name) const {
  return std::ranges::any_of(pairs_, [&](const auto& pair) { return pair.first == name; });
}

std::string Query::get(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (key == name) return value;
  return "";
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : pairs_)
    if (key == name) values.push_back(value);
  return values;
}

base::Status Request::set_target(std::string text) {
  target = std::move(text);
  const std::size_t question = target.find('?');
  path = target.substr(0, question);
  query = Query();
  if (question == std::string::npos) return {};
  TRY(query, Query::parse(std::string_view(target).substr(question + 1)));
  return {};
}

const std::string& SharedBody::gzipped() const {
  std::call_once(zipped_, [this] { gzip_ = base::gzip(plain_); });
  return gzip_;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Request Entity Too Large";
    case 414:
      return "Request-URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

Response plain_error(int status, std::string message) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = std::move(message);
  return response;
}

}  // namespace caravan::http
