// SPDX-License-Identifier: Apache-2.0
// caravan-fetch: reads one request, brings the artifact, verifies it, unpacks it, puts it in its
// place, and ends.
#include <cstdio>
#include <iostream>
#include <iterator>

#include "fetch/checksum.hpp"
#include "fetch/download.hpp"
#include "fetch/failure.hpp"
#include "fetch/place.hpp"
#include "fetch/sandbox.hpp"
#include "fetch/unpack.hpp"

namespace caravan::fetch {
namespace {

constexpr const char* payload = "payload";
constexpr const char* ready_name = "ready";

/// The folder of a download: not there before, and not there afterwards.
class Cleared {
 public:
  Cleared(const Folder& root, const std::string& name) : root_(root), name_(name) {
    root_.remove_all(name_);
  }
  ~Cleared() { root_.remove_all(name_); }
  Cleared(const Cleared&) = delete;
  Cleared& operator=(const Cleared&) = delete;

 private:
  const Folder& root_;
  const std::string& name_;
};

void fetch_into(const Request& request, const Folder& root, const Folder& staging) {
  download(request, staging, payload);
  if (!request.checksum.empty()) verify(staging, payload, request.checksum);
  const std::string kind = request.archive == "none" ? ""
                           : request.archive.empty() ? archive_kind(request.file_name)
                                                     : request.archive;
  if (kind.empty() && request.mode == "dir")
    refuse("mode \"dir\" needs an archive; \"" + request.file_name + "\" is none by its name");
  const Folder ready = staging.enter(ready_name, true);
  if (kind.empty()) {
    if (::renameat(staging.fd(), payload, ready.fd(), request.file_name.c_str()) != 0)
      fail_system("placing \"" + request.file_name + "\"");
  } else {
    unpack(request, staging, payload, request.file_name, kind, ready);
  }
  place(request, root, ready);
}

void run() {
  bind_to_parent();
  const std::string input((std::istreambuf_iterator<char>(std::cin)), {});
  Request request;
  if (!decode(input, request)) refuse("caravan-fetch is started by the agent, not by hand");
  if (request.isolated) enter_sandbox(request.root, request.readable);
  const Folder root = Folder::open_root(request.root);
  const Cleared cleared(root, request.staging);
  fetch_into(request, root, root.enter(request.staging, true));
}

}  // namespace
}  // namespace caravan::fetch

int main() {
  try {
    caravan::fetch::run();
    return caravan::fetch::fetched;
  } catch (const caravan::fetch::Failure& failure) {
    std::fprintf(stderr, "%s\n", failure.message.c_str());
    return failure.exit_code;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return caravan::fetch::failed;
  }
}
