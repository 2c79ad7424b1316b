// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "client/artifact_source.hpp"

namespace caravan::client {
namespace {

fetch::Request wanted(const std::string& source, std::map<std::string, std::string> options = {},
                      const std::string& mode = "any", const std::string& destination = "") {
  model::Artifact artifact;
  artifact.source = source;
  artifact.options = std::move(options);
  artifact.mode = mode;
  artifact.destination = destination;
  return fetch_request(artifact).value();
}

std::string refusal(const std::string& source, std::map<std::string, std::string> options = {}) {
  model::Artifact artifact;
  artifact.source = source;
  artifact.options = std::move(options);
  const auto request = fetch_request(artifact);
  return request ? "" : request.error().message;
}

TEST(ArtifactSource, goes_to_local_unless_told_otherwise) {
  EXPECT_EQ(wanted("http://h/a/b.bin").destination, "local/");
  EXPECT_EQ(wanted("http://h/a/b.bin").file_name, "b.bin");
  EXPECT_EQ(wanted("http://h/a/b.bin", {}, "file").destination, "local/b.bin");
  EXPECT_EQ(wanted("http://h/a/b.bin", {}, "file", "local/").destination, "local/b.bin");
  EXPECT_EQ(wanted("http://h/a/b.bin", {}, "file", "local/x").destination, "local/x");
  EXPECT_EQ(wanted("http://h/a/b%20c.bin").file_name, "b c.bin");
}

TEST(ArtifactSource, keeps_its_own_parameters_from_the_server) {
  const std::string md5 = "d41d8cd98f00b204e9800998ecf8427e";
  const auto request =
      wanted("https://h/get?id=7&checksum=md5:" + md5 + "&archive=zip&filename=x.bin");
  EXPECT_EQ(request.url, "https://h/get?id=7");
  EXPECT_EQ(request.checksum, "md5:" + md5);
  EXPECT_EQ(request.archive, "zip");
  EXPECT_EQ(request.file_name, "x.bin");
  EXPECT_EQ(wanted("http://h/x?a=1", {{"b", "2 3"}}).url, "http://h/x?a=1&b=2%203");
  EXPECT_EQ(wanted("http://h/x", {{"archive", "false"}}).archive, "none");
}

TEST(ArtifactSource, tells_a_checksum_by_its_length) {
  EXPECT_EQ(wanted("http://h/x", {{"checksum", std::string(64, 'A')}}).checksum,
            "sha256:" + std::string(64, 'a'));
  EXPECT_NE(refusal("http://h/x", {{"checksum", "sha256:abc"}}), "");
  EXPECT_NE(refusal("http://h/x", {{"checksum", "crc:" + std::string(32, 'a')}}), "");
  EXPECT_NE(refusal("http://h/x", {{"checksum", "file:http://h/sums"}}), "");
}

TEST(ArtifactSource, refuses_what_it_cannot_fetch) {
  EXPECT_NE(refusal("git::https://h/r.git").find("git"), std::string::npos);
  EXPECT_NE(refusal("s3::https://h/r").find("s3"), std::string::npos);
  EXPECT_NE(refusal("ftp://h/x"), "");
  EXPECT_NE(refusal("relative/path"), "");
  EXPECT_NE(refusal("http://h"), "");
  EXPECT_NE(refusal("http://h/"), "");
  EXPECT_NE(refusal("http://h/x", {{"filename", "../x"}}), "");
  EXPECT_NE(refusal("http://h/x", {{"archive", "rar"}}), "");
}

TEST(FetchRequest, survives_the_way_to_the_program) {
  fetch::Request request = wanted("http://h/x.tgz");
  request.root = "/r";
  request.staging = "t/.artifact-0";
  request.headers = {{"A", "b=c"}, {"D", ""}};
  request.readable = {"/a", "/b"};
  request.uid = -1;
  request.isolated = false;
  fetch::Request read;
  ASSERT_TRUE(fetch::decode(fetch::encode(request), read));
  EXPECT_EQ(fetch::encode(read), fetch::encode(request));
  EXPECT_EQ(read.headers, request.headers);
  EXPECT_EQ(read.readable, request.readable);
  EXPECT_EQ(read.uid, -1);
  EXPECT_FALSE(read.isolated);
  EXPECT_FALSE(fetch::decode("url", read));
  EXPECT_FALSE(fetch::decode(std::string("nonsense\0x\0", 11), read));
  EXPECT_FALSE(fetch::decode("", read));
}

}  // namespace
}  // namespace caravan::client
