// SPDX-License-Identifier: Apache-2.0
#include "client/artifact_source.hpp"
#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::client {
namespace {

/// Query and options in one: options win, as they stand in the job itself.
using Parameters = std::vector<std::pair<std::string, std::string>>;

Parameters take_query(std::string& url) {
  Parameters parameters;
  const std::size_t mark = url.find('?');
  if (mark == std::string::npos) return parameters;
  for (const std::string& part : base::split(url.substr(mark + 1), '&')) {
    const std::size_t equals = part.find('=');
    if (!part.empty())
      parameters.emplace_back(part.substr(0, equals),
                              equals == std::string::npos ? "" : part.substr(equals + 1));
  }
  url.resize(mark);
  return parameters;
}

/// One of our own parameters, decoded; it leaves the list.
base::Result<std::string> take(Parameters& parameters, const model::Artifact& artifact,
                               const std::string& name) {
  std::string value;
  for (const auto& [key, text] : parameters)
    if (key == name) {
      TRY(value, base::percent_decode(text));
    }
  std::erase_if(parameters, [&](const auto& p) { return p.first == name; });
  const auto option = artifact.options.find(name);
  return option == artifact.options.end() ? value : option->second;
}

/// The digits say which sum it is, where the block does not.
base::Result<std::string> read_checksum(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 4> kinds = {
      {{"md5", 32}, {"sha1", 40}, {"sha256", 64}, {"sha512", 128}}};
  if (text.empty()) return std::string();
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::string digits =
      base::to_lower(text.substr(colon == std::string::npos ? 0 : colon + 1));
  if (kind == "file")
    return base::fail(base::Code::unsupported,
                      "checksum: a file of checksums is not built yet; give the sum itself");
  const bool hex = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  for (const auto& [name, length] : kinds)
    if (hex && digits.size() == length && (kind.empty() || kind == name))
      return fmt::format("{}:{}", name, digits);
  return base::invalid(
      fmt::format("checksum: \"{}\" is not md5, sha1, sha256 or sha512 with its hex digits", text));
}

base::Result<std::string> read_archive(const std::string& text) {
  if (text.empty() || text == "true") return std::string();
  if (text == "false" || text == "0") return std::string("none");
  if (std::ranges::find(fetch::archive_kinds, text) != fetch::archive_kinds.end()) return text;
  return base::invalid(fmt::format("archive: \"{}\" is not a kind of archive that is known", text));
}

base::Status check_scheme(const std::string& url) {
  if (const std::string unbuilt = model::unbuilt_getter(url); !unbuilt.empty())
    return base::fail(base::Code::unsupported,
                      fmt::format("artifacts by {} are not built yet", unbuilt));
  for (const char* scheme : {"http://", "https://", "file:///"})
    if (url.starts_with(scheme)) return {};
  return base::invalid(
      fmt::format("the source \"{}\" must begin with http://, https:// or file:///", url));
}

/// The name of what is behind the URL. Errors: invalid (there is none, or it would be a path).
base::Result<std::string> name_of(const std::string& url, const std::string& given) {
  std::string name = given;
  if (name.empty()) {
    const std::string path = url.substr(url.find("://") + 3);
    const std::size_t slash = path.rfind('/');
    if (slash != std::string::npos) {
      TRY(name, base::percent_decode(path.substr(slash + 1)));
    }
  }
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos)
    return base::invalid("the source names no file; say one with the option \"filename\"");
  return name;
}

}  // namespace

base::Result<fetch::Request> fetch_request(const model::Artifact& artifact) {
  fetch::Request request;
  request.url = artifact.source;
  for (const char* forced : {"http::", "https::", "file::"})
    if (request.url.starts_with(forced)) request.url.erase(0, std::string_view(forced).size());
  if (request.url.starts_with("/")) request.url.insert(0, "file://");
  TRY_VOID(check_scheme(request.url));
  Parameters parameters = take_query(request.url);
  TRY(const std::string checksum, take(parameters, artifact, "checksum"));
  TRY(request.checksum, read_checksum(checksum));
  TRY(const std::string archive, take(parameters, artifact, "archive"));
  TRY(request.archive, read_archive(archive));
  TRY(const std::string given, take(parameters, artifact, "filename"));
  TRY(request.file_name, name_of(request.url, given));
  for (const auto& [key, value] : artifact.options)
    if (key != "checksum" && key != "archive" && key != "filename")
      parameters.emplace_back(base::percent_encode(key), base::percent_encode(value));
  char mark = '?';
  for (const auto& [key, value] : parameters) {
    request.url += fmt::format("{}{}={}", mark, key, value);
    mark = '&';
  }
  request.headers = artifact.headers;
  for (const auto& [key, value] : request.headers)
    if ((key + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return base::invalid(fmt::format("header \"{}\": a line break inside", key));
  request.insecure = artifact.insecure;
  request.mode = artifact.mode;
  request.destination = artifact.destination.empty() ? "local/" : artifact.destination;
  if (request.mode == "file" && request.destination.ends_with('/'))
    request.destination += request.file_name;
  return request;
}

}  // namespace caravan::client
