// SPDX-License-Identifier: Apache-2.0
// What the agent tells caravan-fetch on its standard input. The answer is the exit code and, on
// standard error, one line for the user.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caravan::fetch {

/// Exit codes.
inline constexpr int fetched = 0;
inline constexpr int failed = 1;   // may go better another time
inline constexpr int refused = 2;  // never will: the request is wrong

/// The endings of what is taken apart. Longer ones first: "tar.gz" is not a "gz".
inline constexpr std::array archive_kinds = {"tar.gz", "tar.bz2", "tar.xz", "tar.zst", "tgz",
                                             "tbz2",   "txz",     "tzst",   "tar",     "zip",
                                             "gz",     "bz2",     "xz",     "zst"};

struct Request {
  std::string url;                             // http, https or file
  std::map<std::string, std::string> headers;  // of the HTTP request
  bool insecure = false;                       // believes any certificate
  std::string checksum;                        // "sha256:<hex>"; "" = none is known
  std::string archive;              // "" = as the name says, "none", or an ending as "tar.gz"
  std::string mode;                 // "any", "file" or "dir"
  std::string file_name;            // of the downloaded file; "" = the last part of the URL's path
  std::string root;                 // absolute; nothing is written outside of it
  std::string staging;              // relative to root; emptied first and removed at the end
  std::string destination;          // relative to root; a folder, with mode "file" the file itself
  std::int64_t uid = -1, gid = -1;  // the owner of what arrives; -1 = root
  std::uint64_t seconds_max = 1800;
  std::uint64_t bytes_max = 100'000'000'000;
  std::uint64_t files_max = 4096;                      // in an archive; 0 = no limit
  std::uint64_t unpacked_bytes_max = 100'000'000'000;  // 0 = no limit
  bool isolated = true;
  std::vector<std::string> readable;  // further paths that a file URL may name
};

/// Visits each member with its name; the form on the wire is name, NUL, value, NUL, and so on.
template <class R, class V>
void members(R& r, V&& v) {
  v("url", r.url);
  v("headers", r.headers);
  v("insecure", r.insecure);
  v("checksum", r.checksum);
  v("archive", r.archive);
  v("mode", r.mode);
  v("file_name", r.file_name);
  v("root", r.root);
  v("staging", r.staging);
  v("destination", r.destination);
  v("uid", r.uid);
  v("gid", r.gid);
  v("seconds_max", r.seconds_max);
  v("bytes_max", r.bytes_max);
  v("files_max", r.files_max);
  v("unpacked_bytes_max", r.unpacked_bytes_max);
  v("isolated", r.isolated);
  v("readable", r.readable);
}

/// Precondition: no member contains a NUL.
std::string encode(const Request& request);
/// False for what no agent sends.
bool decode(std::string_view bytes, Request& request);

}  // namespace caravan::fetch
