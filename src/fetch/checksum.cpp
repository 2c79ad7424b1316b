// SPDX-License-Identifier: Apache-2.0
#include "fetch/checksum.hpp"

#include <algorithm>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

#include <openssl/evp.h>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

std::string hex_sum(int fd, const EVP_MD* kind) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
  EVP_DigestInit_ex(digest.get(), kind, nullptr);
  std::vector<char> buffer(1 << 20);
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) > 0)
    EVP_DigestUpdate(digest.get(), buffer.data(), static_cast<std::size_t>(n));
  if (n < 0) fail_system("reading the download");
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(digest.get(), sum, &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += "0123456789abcdef"[sum[i] >> 4];
    hex += "0123456789abcdef"[sum[i] & 15];
  }
  return hex;
}

}  // namespace

void verify(const Folder& folder, const std::string& name, const std::string& expected) {
  const std::size_t colon = expected.find(':');
  const std::string kind = expected.substr(0, colon);
  std::string wanted = colon == std::string::npos ? "" : expected.substr(colon + 1);
  std::ranges::transform(wanted, wanted.begin(), [](char c) { return c | 0x20; });
  if (kind != "md5" && kind != "sha1" && kind != "sha256" && kind != "sha512")
    refuse("checksum: \"" + kind + "\" is not md5, sha1, sha256 or sha512");
  const EVP_MD* digest = EVP_get_digestbyname(kind.c_str());
  const int fd = ::openat(folder.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) fail_system("reading the download");
  const Folder closes(fd);
  const std::string found = hex_sum(fd, digest);
  if (found != wanted)
    fail("checksum mismatch: expected " + kind + ":" + wanted + ", got " + kind + ":" + found);
}

}  // namespace caravan::fetch
