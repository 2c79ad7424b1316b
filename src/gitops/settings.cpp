// SPDX-License-Identifier: Apache-2.0
#include "gitops/settings.hpp"

#include <array>

#include "base/text.hpp"

namespace caravan::gitops {
namespace {

constexpr std::array schemes = {"http://", "https://", "ssh://", "git://", "file://", "/"};

/// "user@host:path", the short form of ssh.
bool is_short_ssh(std::string_view url) {
  const std::size_t at = url.find('@'), colon = url.find(':');
  return at != std::string_view::npos && colon != std::string_view::npos && at < colon &&
         url.find('/') > colon;
}

base::Result<bool> yes_or_no(const std::string& key, const std::string& text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return base::invalid(key + ": true or false, not \"" + base::printable(text, 32) + "\"");
}

}  // namespace

base::Result<Settings> settings_from(const std::map<std::string, std::string>& items) {
  Settings s;
  const std::map<std::string, std::string*> texts = {
      {"url", &s.url},           {"folder", &s.folder},     {"branch", &s.branch},
      {"path", &s.path},         {"var_path", &s.var_path}, {"username", &s.username},
      {"password", &s.password}, {"ssh_key", &s.ssh_key},   {"known_hosts", &s.known_hosts},
      {"token", &s.token}};
  for (const auto& [key, value] : items) {
    if (const auto text = texts.find(key); text != texts.end()) {
      *text->second = value;
    } else if (key == "delete") {
      TRY(s.prune, yes_or_no(key, value));
    } else if (key == "any_host_key") {
      TRY(s.any_host_key, yes_or_no(key, value));
    } else if (key == "interval") {
      const auto interval = base::parse_duration(value);
      if (!interval) return base::invalid("interval: " + interval.error().message);
      s.interval = *interval;
    } else {
      return base::invalid("\"" + base::printable(key, 64) + "\" is nothing that gitops knows");
    }
  }
  TRY_VOID(check(s));
  return s;
}

base::Status check(const Settings& s) {
  if (s.url.empty() == s.folder.empty())
    return base::invalid("either url (of a git repository) or folder (of files) is needed");
  if (!s.folder.empty() && !s.folder.starts_with('/'))
    return base::invalid("folder: \"" + s.folder + "\" is no absolute path");
  const bool known = std::ranges::any_of(schemes, [&](const char* scheme) {
    return s.url.starts_with(scheme);
  });
  if (!s.url.empty() && !known && !is_short_ssh(s.url))
    return base::invalid("url: \"" + base::printable(s.url, 200) +
                         "\" is neither http(s)://, ssh://, git://, file://, a path, nor "
                         "user@host:path");
  const bool plain = s.branch.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") ==
                     std::string::npos;
  if (!s.url.empty() && (s.branch.empty() || !plain || s.branch.starts_with('-')))
    return base::invalid("branch: \"" + base::printable(s.branch, 100) + "\" is no branch's name");
  if (s.path.empty()) return base::invalid("path: a pattern of job files is needed");
  if (s.interval < interval_min) return base::invalid("interval: at least 1s");
  return {};
}

std::string shown_source(const Settings& s) {
  if (s.url.empty()) return s.folder;
  const std::size_t scheme = s.url.find("://"), at = s.url.find('@');
  if (scheme == std::string::npos || at == std::string::npos) return s.url;
  return s.url.substr(0, scheme + 3) + s.url.substr(at + 1);
}

}  // namespace caravan::gitops
