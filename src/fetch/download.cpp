// SPDX-License-Identifier: Apache-2.0
#include "fetch/download.hpp"

#include <cstdlib>
#include <curl/curl.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

constexpr long connect_seconds = 30;
constexpr long redirects_max = 10;

struct EndCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Target {
  int fd = -1;
  std::uint64_t written = 0, bytes_max = 0;
  bool too_large = false;
  std::string error;
};

std::size_t write_some(char* bytes, std::size_t size, std::size_t count, void* user) {
  Target& target = *static_cast<Target*>(user);
  const std::size_t length = size * count;
  if (target.bytes_max > 0 && target.written + length > target.bytes_max) {
    target.too_large = true;
    return 0;
  }
  for (std::size_t done = 0; done < length;) {
    const ssize_t n = ::write(target.fd, bytes + done, length - done);
    if (n < 0) {
      target.error = std::strerror(errno);
      return 0;
    }
    done += static_cast<std::size_t>(n);
  }
  target.written += length;
  return length;
}

/// A file URL names a file of the node: only where the operator said so, wherever links lead.
void check_file(const Request& request) {
  constexpr std::string_view scheme = "file://";
  if (!request.url.starts_with(scheme)) return;
  const std::string path = request.url.substr(scheme.size());
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);
  if (!real) fail_system("GET " + request.url);
  for (std::string allowed : request.readable) {
    while (allowed.ends_with('/'))
      allowed.pop_back();
    const std::string_view found = real.get();
    if (found.starts_with(allowed) && (found == allowed || found[allowed.size()] == '/')) return;
  }
  refuse("GET " + request.url +
         ": files of the node are closed to artifacts but for those below "
         "client.artifact.filesystem_isolation_extra_paths");
}

}  // namespace

std::string shown(const std::string& url) {
  std::string text = url.substr(0, url.find_first_of("?#"));
  const std::size_t begin = text.find("://");
  if (begin == std::string::npos) return text;
  const std::size_t host = begin + 3;
  const std::size_t at = text.rfind('@', text.find('/', host));
  if (at != std::string::npos && at >= host) text.erase(host, at + 1 - host);
  return text;
}

void download(const Request& request, const Folder& into, const std::string& name) {
  check_file(request);
  Target target;
  target.bytes_max = request.bytes_max;
  target.fd = ::openat(into.fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (target.fd < 0) fail_system("writing the download");
  const Folder closes(target.fd);

  const std::unique_ptr<CURL, EndCurl> curl(curl_easy_init());
  std::unique_ptr<curl_slist, FreeList> headers;
  for (const auto& [key, value] : request.headers) {
    curl_slist* longer = curl_slist_append(headers.get(), (key + ": " + value).c_str());
    (void)headers.release();
    headers.reset(longer);
  }
  char words[CURL_ERROR_SIZE] = "";
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(c, CURLOPT_MAXREDIRS, redirects_max);
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_USERAGENT, "caravan-fetch");
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, static_cast<long>(request.seconds_max));
  curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, write_some);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &target);
  if (request.insecure) {
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  const CURLcode code = curl_easy_perform(c);
  const std::string what = "GET " + shown(request.url) + ": ";
  if (target.too_large)
    fail(what + "larger than the limit of " + std::to_string(request.bytes_max) +
         " bytes (client.artifact.http_max_size)");
  if (!target.error.empty()) fail(what + target.error);
  if (code == CURLE_OK) return;
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
    refuse(what + curl_easy_strerror(code));
  fail(what + (words[0] != '\0' ? words : curl_easy_strerror(code)));
}

}  // namespace caravan::fetch
