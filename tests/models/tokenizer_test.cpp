#include "models/clip/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <ostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/clip/text_cleaning.h"
#include "src/files/user_folders.h"
#include "tests/models/bytes.h"
#include "tests/temporary_folder.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::processor_seconds;
using Ids = std::vector<std::int64_t>;

const fs::path kTinyClip = fs::path(LATENTREEL_SOURCE_DIR) / "tests/first_pair/clip.safetensors";
const fs::path kTinyMerges = fs::path(LATENTREEL_SOURCE_DIR) / "tests/first_pair/merges.txt";

const ClipTokenizer& tiny_tokenizer() {
  static const auto tokenizer = ClipTokenizer::load(kTinyMerges);
  return tokenizer;
}

// The published vocabulary, where cmake/clip-vocabulary.sh has put it.
fs::path published_path() {
  try {
    return default_merges_path("/nowhere/at/all/clip.safetensors", files::user_data_folder());
  } catch (const WeightsError&) {
    return {};
  }
}

const ClipTokenizer& published_tokenizer() {
  static const auto tokenizer = ClipTokenizer::load(published_path());
  return tokenizer;
}

#define NEEDS_PUBLISHED_VOCABULARY()                                                      \
  if (published_path().empty()) {                                                         \
    GTEST_SKIP() << "CLIP's published vocabulary is not there; cmake/clip-vocabulary.sh " \
                    "fetches it.";                                                        \
  }

Ids ids_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::int64_t>(in), {}};
}

std::string merges_complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const WeightsError& error) {
    return error.what();
  }
  return "none";
}

// --- cleaning -----------------------------------------------------------------------------------

TEST(TextCleaning, CleansAsClipDoes) {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", ""},
      {" \t\n\u00a0\u3000\u2028 ", ""},
      {"  many\t\nspaces\u00a0here  ", "many spaces here"},
      {"a\u1680b\u202fc\u205fd\u0085e", "a b c d…e"},  // U+0085 is an ellipsis in Windows-1252
      {"zero\u200bwidth", "zero\u200bwidth"},
      {"cafe\u0301", "café"},
      {"“smart quotes” — it’s ‘so’ „low“", "\"smart quotes\" — it's 'so' \"low\""},
      {"ＦＵＬＬ　ｗｉｄｔｈ！ ｶﾞ", "full width! ガ"},
      {"ﬁne ﬂow oﬀ Ĳssel ŉ ǅ", "fine flow off ijssel 'n dž"},
      {"\x01re\x7f\x1b[1;31md\ufeff\x1b[0m\x1b", "red"},
      {"\u0093quoted\u0094 \u0080", "\"quoted\" €"},
      {"&amp;lt;b&amp;gt;", "<b>"},
      {"P&EACUTE;REZ &szlig; &SZLIG;", "pérez ß ss"},
      {"&#65;&#x42;&#128;&#0;&#xD800;&#x110000;&#1;&#59;", "ab€\ufffd\ufffd\ufffd;"},
      {"this&not that", "this¬ that"},
      {"&copy2024 &notit; &nothing", "©2024 ¬it; ¬hing"},
      {"fish &chips &unknown; & &; &#; &#x; &", "fish &chips &unknown; & &; &#; &#x; &"},
      // A '<' keeps entities from ftfy, from that line on, but not from the two that follow it.
      {"< &amp;amp;amp;amp;", "< &amp;amp;"},
      {"&amp;amp;amp;amp;\n<\n&amp;amp;amp;", "& < &amp;"},
      {"İstanbul STRASSE ẞ", "i\u0307stanbul strasse ß"},
      {"ΌΣΟΣ ΣΑΣ. Σ ΑΣ'Α Α.Σ", "όσος σας. σ ασ'α α.ς"},
  };
  for (const auto& [text, clean] : table) EXPECT_EQ(clean_text(text), clean) << text;
}

TEST(TextCleaning, StopsOnEndlessEntities) {
  std::string text = "&";
  for (int i = 0; i < 12000; ++i) text += "amp;";
  const double start = processor_seconds();
  EXPECT_TRUE(clean_text(text).starts_with("&amp;"));
  EXPECT_LT(processor_seconds() - start, 5.0);
}

TEST(TextCleaning, Unescapes) {
  EXPECT_EQ(unescape_html("&lt&gt;&QUOT;&apos;&hearts;&thetasym;&hearts"), "<>\"'♥ϑ&hearts");
  EXPECT_EQ(unescape_html("&#X26;&#38&#0038;"), "&&&");
}

TEST(TextCleaning, RefusesWhatIsNotUtf8) {
  for (const std::string text :
       {"\xff", "a\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_THROW(clean_text(text), std::invalid_argument);
  }
}

// --- the tiny pair's vocabulary -----------------------------------------------------------------

TEST(ClipTokenizer, CountsIdsAsClipDoes) {
  EXPECT_EQ(tiny_tokenizer().vocabulary_size(), 1071);
  EXPECT_EQ(tiny_tokenizer().start_id(), 1069);
  EXPECT_EQ(tiny_tokenizer().end_id(), 1070);
}

TEST(ClipTokenizer, ReadsTheTinyPairsPrompts) {
  EXPECT_EQ(tiny_tokenizer().frame("a red heart on a white background", 9),
            ids_of("1069 320 551 681 525 320 533 523 1070"));
  EXPECT_EQ(tiny_tokenizer().frame("a castle on green hills at sunset", 9),
            ids_of("1069 320 759 525 545 774 760 606 1070"));
  EXPECT_EQ(tiny_tokenizer().frame("zebra: a blue fish under water!", 32),
            ids_of("1069 89 68 574 320 281 320 554 756 549 863 256 1070 "
                   "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"));
}

TEST(ClipTokenizer, ShowsHowWordsSplit) {
  EXPECT_THAT(
      tiny_tokenizer().pieces("Zebra: 日 red"),
      ElementsAre("z", "e", "br", "a</w>", ":</w>", "\\xE6", "\\x97", "\\xA5</w>", "red</w>"));
  EXPECT_TRUE(tiny_tokenizer().pieces(" ").empty());
}

TEST(ClipTokenizer, IsReadableWithCharactersWhole) {
  EXPECT_EQ(tiny_tokenizer().readable("Zebra: \u65e5 red"), "z\u00b7e\u00b7br\u00b7a : \u65e5 red");
  EXPECT_EQ(tiny_tokenizer().readable("red \U0001F3F0"), "red \U0001F3F0");
  EXPECT_EQ(tiny_tokenizer().readable(" "), "");
}

TEST(ClipTokenizer, TellsWhichWordsASmallVocabularyLacks) {
  EXPECT_THAT(tiny_tokenizer().unknown_words("Zebra: a blue fish, a zebra and a gnu!"),
              ElementsAre("zebra", "gnu"));
  EXPECT_TRUE(tiny_tokenizer().unknown_words("a red heart on a white background, 3!").empty());
  EXPECT_TRUE(tiny_tokenizer().unknown_words("").empty());
}

TEST(ClipTokenizer, SaysHowFarAPromptIsTooLong) {
  std::string prompt;
  for (int i = 0; i < 31; ++i) prompt += "red ";
  try {
    tiny_tokenizer().frame(prompt, 32);
    FAIL();
  } catch (const PromptTooLong& error) {
    EXPECT_EQ(error.tokens, 31u);
    EXPECT_EQ(error.allowed, 30u);
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    EXPECT_STREQ(
        error.what(),
        "reading the prompt \"red red red red red red red red red red red red red red red "
        "red red red red red red red red red red red red red red red …\": it has 31 tokens, "
        "but this CLIP reads at most 30. Shorten it, or split it into several prompts.");
  }
  Ids expected(32, 551);
  expected.front() = 1069;
  expected.back() = 1070;
  EXPECT_EQ(tiny_tokenizer().frame(prompt, 32, Overflow::truncate), expected);
  EXPECT_EQ(tiny_tokenizer().frame(prompt.substr(4), 32), expected);
}

TEST(ClipTokenizer, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(merges_complaint([] { tiny_tokenizer().encode("red \xff heart"); }),
            "reading the prompt \"red \\xFF heart\": byte 4 is not UTF-8. Save it as UTF-8.");
}

TEST(ClipTokenizer, RefusesAMegabyte) {
  const std::string text(1'000'000, 'a');
  EXPECT_EQ(merges_complaint([&] { tiny_tokenizer().encode(text); }),
            "reading the prompt \"" + std::string(120, 'a') +
                "…\": it has 1000000 bytes, more than the 65536 that are read. Shorten it.");
}

TEST(ClipTokenizer, TakesNoLongTimeOverOneLongWord) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < ClipTokenizer::kLongestPrompt) {
    text += static_cast<char>('a' + random() % 26);
  }
  const double start = processor_seconds();
  const auto ids = tiny_tokenizer().encode(text);
  EXPECT_GT(ids.size(), 10000u);
  EXPECT_LT(processor_seconds() - start, 5.0);
}

// Random bytes and random mixtures of what is special: ids within the vocabulary, or an error.
TEST(ClipTokenizer, SurvivesAnything) {
  std::mt19937 random(42);
  const std::vector<std::string> special{
      "&",      "&#", "&#x",  ";",     "<|startoftext|>",    "<",     "\x1b[", "'", "ſ",  "\u0301",
      "İ",      "Σ",  "\xf0", "\x80",  std::string(1, '\0'), "&amp;", "ｶﾞ",    "ﬁ", "\n", "日本",
      "\u200d", "9",  "</w>", "&notin"};
  int read = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    const auto parts = random() % 12;
    const bool bytes = random() % 2 == 0;
    for (unsigned k = 0; k < parts; ++k) {
      text += bytes ? std::string(1, static_cast<char>(random() % 256))
                    : special[random() % special.size()];
    }
    try {
      for (const auto id : tiny_tokenizer().encode(text)) {
        ASSERT_GE(id, 0);
        ASSERT_LT(id, tiny_tokenizer().vocabulary_size());
      }
      EXPECT_EQ(tiny_tokenizer().pieces(text).size(), tiny_tokenizer().encode(text).size());
      ++read;
    } catch (const WeightsError&) {
    }
  }
  EXPECT_GT(read, 4000);
}

// --- merges files -------------------------------------------------------------------------------

TEST(ClipTokenizer, MergesTheLowestFirst) {
  const ClipTokenizer tokenizer("#version: 0.2\r\nb c\r\na b\na a\nb c</w>\na bc</w>\na bc",
                                "merges");
  EXPECT_EQ(tokenizer.vocabulary_size(), 512 + 6 + 2);
  EXPECT_THAT(tokenizer.pieces("ab abc aaa bc"),
              ElementsAre("a", "b</w>", "ab", "c</w>", "aa", "a</w>", "bc</w>"));
}

TEST(ClipTokenizer, SaysWhatIsWrongWithAMergesFile) {
  const auto refusal = [](const std::string& merges) {
    return merges_complaint([&] { ClipTokenizer(merges, "m.txt"); });
  };
  const std::string fetch = ". Fetch the model's merges.txt again.";
  const std::string header = "#version: 0.2\n";
  EXPECT_EQ(refusal(""),
            "reading m.txt: it does not begin with a line \"#version: …\". It should be "
            "a CLIP's merges.txt.");
  EXPECT_THAT(refusal("t h\nth e\n"), HasSubstr("it does not begin with a line"));
  EXPECT_EQ(refusal(header), "reading m.txt: it holds no merges" + fetch);
  EXPECT_EQ(refusal(header + "t h\nthe\n"),
            "reading m.txt: line 3: \"the\" is not two symbols with a blank between them" + fetch);
  EXPECT_EQ(
      refusal(header + "t h e\n"),
      "reading m.txt: line 2: \"t h e\" is not two symbols with a blank between them" + fetch);
  EXPECT_EQ(refusal(header + "t h\n\nth e\n"),
            "reading m.txt: line 3: \"\" is not two symbols with a blank between them" + fetch);
  EXPECT_EQ(
      refusal(header + "th e\n"),
      "reading m.txt: line 2: \"th e\" joins a symbol that no line before it has made" + fetch);
  EXPECT_EQ(
      refusal(header + "t </w>\n"),
      "reading m.txt: line 2: \"t </w>\" joins a symbol that no line before it has made" + fetch);
  EXPECT_EQ(refusal(header + "t h\nt h\n"),
            "reading m.txt: line 3: \"t h\" makes a symbol that a line before it has made" + fetch);
  EXPECT_EQ(refusal(header + "t</w> h\n"),
            "reading m.txt: line 2: \"t</w> h\" goes on after the end of a word" + fetch);
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string result(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

TEST(ClipTokenizer, UnpacksWithCare) {
  const TemporaryFolder folder;
  const auto file = folder / "merges.txt.gz";
  const auto put = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
  };
  const auto refusal = [&] { return merges_complaint([&] { ClipTokenizer::load(file); }); };
  const auto good = gzip("#version: 0.2\nt h\nth e</w>\n");
  put(good);
  EXPECT_EQ(ClipTokenizer::load(file).vocabulary_size(), 516);
  for (std::size_t size = 2; size < good.size(); ++size) {
    put(good.substr(0, size));
    EXPECT_THAT(refusal(), HasSubstr("it cannot be unpacked: it is damaged or incomplete")) << size;
  }
  put(good + "x");
  EXPECT_THAT(refusal(), HasSubstr("data follows the end of its gzip stream"));
  put(gzip(std::string(20'000'000, ' ')));
  EXPECT_THAT(refusal(), HasSubstr("it unpacks to more than 16777216 bytes"));
}

TEST(ClipTokenizer, ChecksThePublishedFilesDigest) {
  const TemporaryFolder folder;
  const auto file = folder / "bpe_simple_vocab_16e6.txt.gz";
  std::ofstream(file, std::ios::binary) << gzip("#version: 0.2\nt h\n");
  EXPECT_EQ(merges_complaint([&] { ClipTokenizer::load(file); }),
            "reading " + file.string() +
                ": its SHA-256 is not "
                "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a. It is damaged; "
                "remove it and run cmake/clip-vocabulary.sh again.");
}

TEST(ClipTokenizer, FindsTheMergesOfAModel) {
  EXPECT_EQ(default_merges_path(kTinyClip, {}), kTinyMerges);

  const TemporaryFolder folder;
  const auto clip = folder / "clip.safetensors";
  const auto published_file = folder / "data/bpe_simple_vocab_16e6.txt.gz";
  try {
    default_merges_path(clip, folder / "data");
    FAIL();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::missing);
    EXPECT_EQ(error.what(),
              "looking for the tokenizer's merges of " + clip.string() + ": neither " +
                  (folder / "merges.txt").string() + " nor " + published_file.string() +
                  " is there. Put the model's merges.txt beside it, or run "
                  "cmake/clip-vocabulary.sh, which fetches the published vocabulary.");
  }
  fs::create_directories(published_file.parent_path());
  std::ofstream(published_file).flush();
  EXPECT_EQ(default_merges_path(clip, folder / "data"), published_file);
  std::ofstream(folder / "merges.txt").flush();
  EXPECT_EQ(default_merges_path(clip, folder / "data"), folder / "merges.txt");
}

// --- the published vocabulary -------------------------------------------------------------------

TEST(PublishedVocabulary, HasClipsAlphabet) {
  NEEDS_PUBLISHED_VOCABULARY();
  const auto& tokenizer = published_tokenizer();
  EXPECT_EQ(tokenizer.vocabulary_size(), 49408);
  EXPECT_EQ(tokenizer.start_id(), 49406);
  EXPECT_EQ(tokenizer.end_id(), 49407);
  EXPECT_THAT(tokenizer.encode("!"), ElementsAre(256));  // 0 at the end of a word
  EXPECT_THAT(tokenizer.encode("~"), ElementsAre(256 + 93));
  EXPECT_THAT(tokenizer.encode("in"), ElementsAre(530));  // 512 is "in" within a word
  EXPECT_THAT(tokenizer.encode("jekyll"), ElementsAre(49405));
  // Bytes that no merge joins: U+10FFFD is F4 8F BF BD.
  EXPECT_THAT(tokenizer.encode("\U0010fffd"), ElementsAre(176, 237, 123, 256 + 121));
}

struct Expected {
  int number;
  std::string text;
  std::string ids;
};

std::ostream& operator<<(std::ostream& out, const Expected& expected) {
  return out << expected.number;
}

class PublishedIds : public ::testing::TestWithParam<Expected> {};

TEST_P(PublishedIds, AreClips) {
  NEEDS_PUBLISHED_VOCABULARY();
  EXPECT_EQ(published_tokenizer().encode(GetParam().text), ids_of(GetParam().ids))
      << GetParam().text;
}

// Computed with openai/CLIP's tokenizer and ftfy 6.3.1.
const std::vector<Expected> kExpected{
    {1, "", ""},
    {2, "a diagram", "320 22697"},
    {3, "hello world!", "3306 1002 256"},
    {4, "A painting of an apple in a fruit bowl", "320 3086 539 550 3055 530 320 5190 3814"},
    {5, "A man fighting with a bull", "320 786 4652 593 320 6029"},
    {6, "watermark, cropped, confusing, blurry", "2505 2110 267 31139 267 24683 267 21977"},
    {7, "it's we're I'll don't they'd I'm you've",
     "585 568 649 982 328 1342 847 713 889 1896 328 880 592 1200"},
    {8, "café", "15304"},
    {8, "cafe\u0301", "15304"},
    {9, "naïve Ångström", "1097 35689 563 23176 10352 807 7255 332"},
    {10, "日本語", "39121 44353 34002 508"},
    {11, "你好，世界", "47466 254 29290 377 267 19759 244 163 243 490"},
    {12, "\U0001F600", "7334"},
    {13, "\U0001F469\u200D\U0001F680", "26304 13542"},
    {14, "\U0001F3A8\U0001F58C\uFE0F", "31953 6269 234 1001"},
    {15, "3.14 @ 100%", "274 269 272 275 287 272 271 271 260"},
    {16, "under_score", "1798 318 4431"},
    {17, "“smart quotes” — it’s", "257 4115 5808 257 2005 585 568"},
    {18, "&amp;lt;b&amp;gt;", "283 321 285"},
    {19, "Привет, мир", "26302 16370 29503 110 22176 141 480 267 38018 16701 141 478"},
    {20, "İstanbul", "328 16384 11231"},
    {21, "हिन्दी", "29446 26721 26090 19389 29552 25751"},
    {22, "rock'n'roll '90s", "2172 262 333 262 3341 262 280 271 338"},
    {23, "trending on ArtStation | unreal engine", "6087 525 1486 2631 347 15636 5857"},
    {24, "supercalifragilisticexpialidocious", "1642 2857 13093 2076 5868 26850 835 639 38466"},
    {25, "the first day of the waters", "518 874 575 539 518 7753"},
    {26, "A primeminister giving a speech in public", "320 14162 3569 2339 320 4902 530 2122"},
    {27, "fiancée's 3 cats…", "27752 13489 568 274 3989 959"},
    {28, "Straße", "1894 127 253 324"},
    {29, "ＦＵＬＬｗｉｄｔｈ", "9407 23571"},
    {30, "<|startoftext|> x", "49406 343"},
    {31, "!!!", "995"},
    {32, "  many\t\nspaces\u00a0here  ", "1346 9006 763"},
    {34, "한국어", "15197 250 31871 255 31625 368"},
};

INSTANTIATE_TEST_SUITE_P(All, PublishedIds, ::testing::ValuesIn(kExpected),
                         [](const auto& row) { return "Line" + std::to_string(row.index + 1); });

TEST(PublishedVocabulary, FramesAndTruncates) {
  NEEDS_PUBLISHED_VOCABULARY();
  Ids empty(77, 0);
  empty[0] = 49406;
  empty[1] = 49407;
  EXPECT_EQ(published_tokenizer().frame("", 77), empty);

  std::string text;
  for (int i = 0; i < 100; ++i) text += "a ";
  Ids expected(77, 320);
  expected.front() = 49406;
  expected.back() = 49407;
  EXPECT_EQ(published_tokenizer().frame(text, 77, Overflow::truncate), expected);
  EXPECT_THROW(published_tokenizer().frame(text, 77), PromptTooLong);
}

TEST(PublishedVocabulary, ReadsTheUnpackedFileAlike) {
  NEEDS_PUBLISHED_VOCABULARY();
  // Of a longer file the same number of merges count.
  const TemporaryFolder folder;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> packed(gzopen(published_path().c_str(), "rb"),
                                                          &gzclose);
  std::string text(4'000'000, '\0');
  const int size = gzread(packed.get(), text.data(), static_cast<unsigned>(text.size()));
  ASSERT_EQ(size, 3'194'984);
  text.resize(static_cast<std::size_t>(size));
  std::ofstream(folder / "merges.txt", std::ios::binary) << text;
  const auto tokenizer = ClipTokenizer::load(folder / "merges.txt");
  EXPECT_EQ(tokenizer.vocabulary_size(), 49408);
  EXPECT_THAT(tokenizer.encode("a diagram"), ElementsAre(320, 22697));
}

}  // namespace
}  // namespace latentreel::models
