// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of a server: a segment of the log, a snapshot, an archive (also without its
// gzip), an identity. The first byte says which.
#include <cstdint>
#include <string>

#include "base/gzip.hpp"
#include "cluster/identity.hpp"
#include "consensus/archive.hpp"
#include "consensus/log_recovery.hpp"
#include "consensus/snapshot_file.hpp"
#include "consensus/tar.hpp"
#include "keyring/join_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: {
      consensus::LogContents contents;
      (void)consensus::scan_segment("file", bytes, true, [&](consensus::LogBatch batch) {
        return contents.apply(std::move(batch));
      });
      break;
    }
    case 1:
      (void)consensus::decode_snapshot("file", bytes);
      break;
    case 2:
      (void)consensus::decode_archive(bytes);
      break;
    case 3:
      if (consensus::from_tar(bytes)) (void)consensus::decode_archive(base::gzip(bytes));
      break;
    case 4:
      (void)cluster::parse_identity(bytes);
      break;
    default:
      (void)keyring::read_join_token(bytes);
      break;
  }
  return 0;
}
