// SPDX-License-Identifier: Apache-2.0
#include "cli/flags.hpp"

#include <gtest/gtest.h>

#include "cli/cli.hpp"
#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/tail.hpp"
#include "cli/terminal.hpp"

namespace caravan::cli {
namespace {

const std::vector<FlagSpec> known = {{"detach", "", ""}, {"var", "v", ""}, {"n", "lines", ""}};

ParsedArguments parsed(const std::vector<std::string>& arguments) {
  auto result = parse_arguments(known, arguments);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : ParsedArguments();
}

std::string refusal(const std::vector<std::string>& arguments) {
  const auto result = parse_arguments(known, arguments);
  return result ? "" : result.error().message;
}

TEST(Flags, ValuesComeBehindAnEqualsSignOrAsTheNextWord) {
  const ParsedArguments a = parsed({"-var=a=1", "--var", "b=2", "-n", "-5", "file"});
  EXPECT_EQ(a.flags.all("var"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(a.flags.text("n"), "-5");
  EXPECT_EQ(a.words, std::vector<std::string>{"file"});
}

TEST(Flags, SwitchesTakeTheirValueOnlyBehindAnEqualsSign) {
  EXPECT_TRUE(parsed({"-detach", "false"}).flags.on("detach"));
  EXPECT_FALSE(parsed({"-detach=false"}).flags.on("detach", true));
  EXPECT_EQ(refusal({"-detach=maybe"}), "invalid boolean value \"maybe\" for -detach");
}

TEST(Flags, EndAtTheFirstWordSoThatCommandsOfTasksKeepTheirs) {
  EXPECT_EQ(parsed({"web", "-detach"}).words, (std::vector<std::string>{"web", "-detach"}));
  EXPECT_EQ(parsed({"--", "-detach"}).words, std::vector<std::string>{"-detach"});
  EXPECT_EQ(parsed({"-"}).words, std::vector<std::string>{"-"});
}

TEST(Flags, RefusalsNameTheNearestFlag) {
  EXPECT_EQ(refusal({"-detatch"}),
            "flag provided but not defined: -detatch. Did you mean -detach?");
  EXPECT_EQ(refusal({"-var"}), "flag needs an argument: -var");
}

class Faces : public testing::TestWithParam<const Face* (*)()> {
 protected:
  const Face* face = GetParam()();
};
INSTANTIATE_TEST_SUITE_P(All, Faces,
                         testing::Values([] { return &native_face(); },
                                         [] { return &consul_face(); }));

TEST_P(Faces, HaveHelpAndRefuseUnknownFlags) {
  for (const Command& command : face->commands) {
    const std::string help = command_help(*face, command);
    EXPECT_TRUE(help.starts_with("Usage: ")) << command.name;
    EXPECT_NE(help.find(command.name), std::string::npos);
    EXPECT_FALSE(command.synopsis.empty()) << command.name;
    EXPECT_FALSE(command.takes.empty()) << command.name;
    EXPECT_LE(command.words_min, command.words_max) << command.name;
    EXPECT_NE(command.run, nullptr) << command.name;
    const std::vector<std::string> wrong = {"-frobnicate"};
    EXPECT_FALSE(parse_arguments(flags_of(*face, command), wrong)) << command.name;
  }
}

TEST_P(Faces, HaveNamesAliasesAndFlagsThatAreTheirOwn) {
  std::vector<std::string> names;
  for (const Command& command : face->commands) {
    names.push_back(command.name);
    if (!command.alias.empty()) names.push_back(command.alias);
    std::vector<std::string> flags;
    for (const FlagSpec& flag : flags_of(*face, command))
      flags.push_back(flag.name);
    std::ranges::sort(flags);
    EXPECT_EQ(std::ranges::adjacent_find(flags), flags.end()) << command.name;
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(Commands, EndWithTheCodesThatScriptsKnow) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(run({}, {"1", "2"}), 127);
  EXPECT_EQ(run({"frobnicate"}, {"1", "2"}), 127);
  EXPECT_EQ(run({"job"}, {"1", "2"}), 1);
  EXPECT_EQ(run({"job", "-h"}, {"1", "2"}), 0);
  EXPECT_EQ(run({"job", "run", "-h"}, {"1", "2"}), 0);
  EXPECT_EQ(run({"job", "run", "-frob", "x"}, {"1", "2"}), 1);
  EXPECT_EQ(run({"job", "run"}, {"1", "2"}), 1);
  EXPECT_EQ(run({"status", "-address=127.0.0.1:1"}, {"1", "2"}), 1);
  EXPECT_EQ(run({"version"}, {"1", "2"}), 0);
  (void)testing::internal::GetCapturedStdout();
  (void)testing::internal::GetCapturedStderr();
}

TEST(Tail, KeepsTheLastLines) {
  EXPECT_EQ(last_lines("a\nb\nc\n", 2), "b\nc\n");
  EXPECT_EQ(last_lines("a\nb\nc", 1), "c");
  EXPECT_EQ(last_lines("a\nb\n", 9), "a\nb\n");
  EXPECT_EQ(last_lines("a\nb\n", 0), "");
  EXPECT_EQ(last_lines("", 3), "");
  EXPECT_EQ(last_lines("\n\n", 1), "\n");
}

TEST(Tail, AsksForTheEndInBytesAndLines) {
  const auto plain = tail_of(parsed({}).flags);
  EXPECT_FALSE(plain->from_end);
  const auto lines = tail_of(parsed({"-n", "3"}).flags);
  EXPECT_EQ(lines->lines, 3u);
  EXPECT_TRUE(lines->from_end);
  EXPECT_FALSE(tail_of(parsed({"-n", "x"}).flags));
}

TEST(EscapeWatch, EndsOnlyAtTheStartOfALine) {
  EscapeWatch watch("~");
  EXPECT_EQ(watch.pass("a~.\r"), "a~.\r");
  EXPECT_FALSE(watch.ended());
  EXPECT_EQ(watch.pass("~"), "");
  EXPECT_EQ(watch.pass("x\r~~y\r"), "~x\r~y\r");
  EXPECT_EQ(watch.pass("~.rest"), "");
  EXPECT_TRUE(watch.ended());
}

}  // namespace
}  // namespace caravan::cli
