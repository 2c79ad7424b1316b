// SPDX-License-Identifier: Apache-2.0
#include "consensus/archive.hpp"

#include <gtest/gtest.h>

#include "base/gzip.hpp"
#include "consensus/tar.hpp"

namespace caravan::consensus {
namespace {

Archive sample() {
  return {.index = 134,
          .term = 2,
          .time_ms = 1'795'184'015'436,
          .state = std::string(5000, 'x'),
          .key = std::string("\0\1\2 key", 7)};
}

TEST(Archive, reads_back) {
  const base::Result<Archive> back = decode_archive(encode_archive(sample()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(archive_id(*back), "2-134-1795184015436");
  EXPECT_EQ(back->state, sample().state);
  EXPECT_EQ(back->key, sample().key);
}

TEST(Archive, without_a_key) {
  Archive archive = sample();
  archive.key.clear();
  const base::Result<Archive> back = decode_archive(encode_archive(archive));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key, "");
}

TEST(Archive, damage_is_noticed) {
  const std::string tar = *base::gunzip(encode_archive(sample()), 1 << 20);
  Files files = *from_tar(tar);
  files["state.bin"][17] = 'y';
  const auto changed = decode_archive(base::gzip(to_tar(files, 0)));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().message, "the snapshot is damaged: SHA256SUMS do not fit its files");
  const std::size_t end = tar.size() - 1024;  // behind it stand two empty blocks
  for (std::size_t length = 0; length < end; length += 100)
    EXPECT_FALSE(decode_archive(base::gzip(tar.substr(0, length)))) << length;
  EXPECT_EQ(decode_archive("{}").error().message,
            "failed to decompress snapshot: gzip: invalid header");
}

TEST(Archive, those_of_others_are_refused_by_name) {
  Files files = *from_tar(*base::gunzip(encode_archive(sample()), 1 << 20));
  EXPECT_EQ(files.size(), 4U);
  files.erase("SHA256SUMS");
  EXPECT_EQ(decode_archive(base::gzip(to_tar(files, 0))).error().message,
            "the snapshot has no SHA256SUMS");
}

TEST(Tar, what_is_no_plain_file_is_refused) {
  std::string tar = to_tar({{"a", "1"}}, 7);
  EXPECT_EQ(from_tar(tar)->at("a"), "1");
  EXPECT_EQ(tar.size() % 512, 0U);
  tar[156] = '2';  // a link, and the sum of the header does not fit any more
  EXPECT_FALSE(from_tar(tar));
  std::string huge = to_tar({{"a", "1"}}, 7);
  huge.replace(124, 11, "77777777777");
  EXPECT_FALSE(from_tar(huge));
}

}  // namespace
}  // namespace caravan::consensus
