#include "models/files/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "models/files/pickle_attacks.h"
#include "tests/models/bytes.h"
#include "tests/models/torch_file_writer.h"

namespace latentreel::models {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using testing::repeated;
using Kind = PickleValue::Kind;

// A pickle with the bytes that its texts point into.
struct Read {
  explicit Read(std::string written) : bytes(std::move(written)) {
    pickle = read_pickle({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()},
                         "reading data.pkl of x.ckpt");
  }
  Read(const Read&) = delete;
  const PickleValue& root() const { return *pickle.root; }

  std::string bytes;
  Pickle pickle;
};

// What reading complains about, without what every complaint begins with.
std::string pickle_complaint(const std::string& bytes) {
  try {
    Read read(bytes);
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    const std::string text = error.what();
    const std::string start = "reading data.pkl of x.ckpt: ";
    EXPECT_THAT(text, ::testing::StartsWith(start));
    return text.substr(std::min(start.size(), text.size()));
  }
  return "none";
}

// The value that one run of instructions leaves.
struct Value : Read {
  explicit Value(const std::string& instructions, int protocol = 2)
      : Read(PickleWriter(protocol).raw(instructions).finish()) {}
  const PickleValue* operator->() const { return pickle.root; }
};

std::vector<std::int64_t> integers(const PickleValue& value) {
  std::vector<std::int64_t> result;
  for (const auto* item : value.items) {
    EXPECT_TRUE(item->is(Kind::integer));
    result.push_back(item->integer);
  }
  return result;
}

// "a" -> 1, in the order of its items.
std::vector<std::pair<std::string, std::int64_t>> items(const PickleValue& value) {
  std::vector<std::pair<std::string, std::int64_t>> result;
  value.for_each_item([&](const PickleValue& key, const PickleValue& item) {
    result.emplace_back(key.text, item.integer);
  });
  return result;
}

TEST(Pickle, ReadsNumbers) {
  EXPECT_TRUE(Value("N")->is(Kind::none));
  EXPECT_TRUE(Value("\x88")->is(Kind::boolean));
  EXPECT_EQ(Value("\x88")->integer, 1);
  EXPECT_EQ(Value("\x89")->integer, 0);
  EXPECT_EQ(Value("J\xfe\xff\xff\xff")->integer, -2);
  EXPECT_EQ(Value("K\xff")->integer, 255);
  EXPECT_EQ(Value("M\xfe\xff")->integer, 65534);
  EXPECT_EQ(Value("G\x3f\xf8\0\0\0\0\0\0"s)->real, 1.5);  // big-endian
  EXPECT_TRUE(Value("G\x7f\xf8\0\0\0\0\0\0"s)->is(Kind::real));
  EXPECT_TRUE(std::isnan(Value("G\x7f\xf8\0\0\0\0\0\0"s)->real));
}

TEST(Pickle, ReadsLongsOfAnyLength) {
  EXPECT_EQ(Value("\x8a\0"s)->integer, 0);
  EXPECT_EQ(Value("\x8a\1\xff")->integer, -1);
  EXPECT_EQ(Value("\x8a\2\xff\0"s)->integer, 255);
  EXPECT_EQ(Value("\x8a\6\1\2\3\4\5\6")->integer, 0x060504030201);
  EXPECT_EQ(Value("\x8a\x08\0\0\0\0\0\0\0\x80"s)->integer,
            std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(Value("\x8a\x09\0\0\0\0\0\0\0\0\1"s)->is(Kind::big_integer));
  EXPECT_EQ(Value("\x8b\2\0\0\0\1\2"s)->integer, 0x201);
  EXPECT_TRUE(Value("\x8b\0\4\0\0"s + std::string(1024, '\1'))->is(Kind::big_integer));
}

TEST(Pickle, ReadsTexts) {
  EXPECT_EQ(Value("X\2\0\0\0h\xc3"s)->text, "h\xc3");  // as it stands
  EXPECT_TRUE(Value("X\0\0\0\0"s)->is(Kind::text));
  EXPECT_EQ(Value("U\2hi")->text, "hi");
  EXPECT_EQ(Value("T\2\0\0\0hi"s)->text, "hi");
  EXPECT_EQ(Value("\x8c\2hi", 4)->text, "hi");
  EXPECT_EQ(Value("\x8d\2\0\0\0\0\0\0\0hi"s, 4)->text, "hi");
  for (const auto& bytes :
       {"C\2\0\1"s, "B\2\0\0\0\0\1"s, "\x8e\2\0\0\0\0\0\0\0\0\1"s, "\x96\2\0\0\0\0\0\0\0\0\1"s}) {
    Value value(bytes, 5);
    EXPECT_TRUE(value->is(Kind::bytes));
    EXPECT_EQ(value->text, "\0\1"s);
  }
}

TEST(Pickle, ReadsContainers) {
  EXPECT_TRUE(Value("}")->is(Kind::dict));
  EXPECT_TRUE(Value("]")->is(Kind::list));
  EXPECT_TRUE(Value(")")->is(Kind::tuple));
  EXPECT_TRUE(Value("\x8f", 4)->is(Kind::set));
  EXPECT_EQ(integers(Value("K\1\x85").root()), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(integers(Value("K\1K\2\x86").root()), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(integers(Value("K\1K\2K\3\x87").root()), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(integers(Value("K\t(K\1K\2K\3K\4t").root()), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(integers(Value("](K\1K\2eK\3a").root()), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(integers(Value("\x8f(K\1K\2\x90", 4).root()), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(integers(Value("(K\1K\2\x91", 4).root()), (std::vector<std::int64_t>{1, 2}));

  Value dict("}(U\1aK\1U\1bK\2uU\1aK\3s");
  EXPECT_THAT(items(dict.root()),
              ::testing::ElementsAre(std::pair("a", 1), std::pair("b", 2), std::pair("a", 3)));
  EXPECT_EQ(dict->extent(), 3u);
  EXPECT_EQ(dict->find("a")->integer, 3) << "the last one counts";
  EXPECT_EQ(dict->find("c"), nullptr);
  EXPECT_EQ(Value("K\1")->find("a"), nullptr);
}

TEST(Pickle, MovesTheStack) {
  EXPECT_EQ(Value("K\1K\2"
                  "0")
                ->integer,
            1);
  EXPECT_EQ(Value("K\1(K\2K\3"
                  "1")
                ->integer,
            1);
  EXPECT_EQ(Value("K\1("
                  "0")
                ->integer,
            1)
      << "POP takes a mark that has nothing above it";
  EXPECT_EQ(integers(Value("K\1"
                           "2\x86")
                         .root()),
            (std::vector<std::int64_t>{1, 1}));
  // Marks within marks.
  Value nested("((K\1tK\2t");
  ASSERT_EQ(nested->items.size(), 2u);
  EXPECT_TRUE(nested->items[0]->is(Kind::tuple));
  EXPECT_EQ(Value("\x95\2\0\0\0\0\0\0\0K\1"s, 4)->integer, 1);
}

TEST(Pickle, RemembersAndRecalls) {
  EXPECT_EQ(integers(Value("K\1q\7K\2h\7\x87").root()), (std::vector<std::int64_t>{1, 2, 1}));
  EXPECT_EQ(integers(Value("K\1r\0\1\0\0K\2j\0\1\0\0\x87"s).root()),
            (std::vector<std::int64_t>{1, 2, 1}));
  EXPECT_EQ(integers(Value("K\1\x94K\2\x94h\0h\1(h\0h\1t"s, 4).root()),
            (std::vector<std::int64_t>{1, 2}));
  // MEMOIZE counts what is kept, not instructions.
  EXPECT_EQ(Value("K\1q\0K\2q\0K\3\x94h\1"s, 4)->integer, 3);
  // A list that holds itself.
  Value circle("]q\0h\0a"s);
  ASSERT_EQ(circle->items.size(), 1u);
  EXPECT_EQ(circle->items[0], &circle.root());
}

TEST(Pickle, KeepsNamesAndCallsAsNotes) {
  Value name("cnumpy.core\nscalar\n");
  EXPECT_TRUE(name->is_global("numpy.core", "scalar"));
  EXPECT_EQ(name->described(), "the name \"numpy.core.scalar\"");
  EXPECT_TRUE(Value("\x8c\1a\x8c\1b\x93", 4)->is_global("a", "b"));

  for (const auto* call : {"ca\nB\nK\1\x85R", "ca\nB\nK\1\x85\x81", "ca\nB\nK\1\x85}\x92"}) {
    Value value(call, 4);
    ASSERT_TRUE(value->is(Kind::call));
    EXPECT_TRUE(value->callee->is_global("a", "B"));
    EXPECT_EQ(integers(*value->arguments), (std::vector<std::int64_t>{1}));
    EXPECT_EQ(value->state, nullptr);
    EXPECT_FALSE(value->is_mapping());
    EXPECT_EQ(value->described(), "an object of \"a.B\"");
  }
  // Built, filled, used as a key and called again.
  EXPECT_EQ(Value("ca\nB\n)RK\7b")->state->integer, 7);
  EXPECT_EQ(Value("ca\nB\n)RK\7a")->items.size(), 1u);
  EXPECT_TRUE(Value("ca\nB\n)RK\1K\2s")->is_mapping());
  EXPECT_EQ(Value("}ca\nB\nK\2s")->items.size(), 2u);
  EXPECT_TRUE(Value("ca\nB\n)R)R")->callee->is(Kind::call));

  Value storage("U\1aK\2\x86Q");
  ASSERT_TRUE(storage->is(Kind::persistent));
  EXPECT_EQ(storage->arguments->items[1]->integer, 2);
}

TEST(Pickle, ReadsOrderedDictsAsMappings) {
  EXPECT_TRUE(Value("ccollections\nOrderedDict\n)R")->is_mapping());
  Value filled("ccollections\nOrderedDict\n)R(U\1aK\1U\1bK\2u}U\1mK\3sb");
  EXPECT_THAT(items(filled.root()), ::testing::ElementsAre(std::pair("a", 1), std::pair("b", 2)));
  EXPECT_EQ(filled->state->find("m")->integer, 3);
  // Made from pairs, as Python 2 does, and then filled.
  Value pairs("ccollections\nOrderedDict\n](](U\1aK\1e](U\1bK\2ee\x85RU\1cK\3s");
  EXPECT_THAT(items(pairs.root()),
              ::testing::ElementsAre(std::pair("a", 1), std::pair("b", 2), std::pair("c", 3)));
  EXPECT_EQ(pairs->extent(), 3u);
  EXPECT_EQ(pairs->find("b")->integer, 2);
}

TEST(Pickle, EndsWhereItEnds) {
  Read read(PickleWriter().integer(1).finish() + "what follows");
  EXPECT_EQ(read.pickle.size, 5u);
}

TEST(Pickle, TellsWhatIsWrong) {
  EXPECT_THAT(pickle_complaint(""), HasSubstr("it ends too early, at byte 0"));
  EXPECT_THAT(pickle_complaint("\x80"), HasSubstr("it ends too early"));
  EXPECT_THAT(pickle_complaint("\x80\2X\xff\xff\xff\xff."), HasSubstr("it ends too early"));
  EXPECT_THAT(pickle_complaint("\x80\2\x8d\xff\xff\xff\xff\xff\xff\xff\xff."),
              HasSubstr("it ends too early"));
  EXPECT_THAT(pickle_complaint("\x80\2casdf"), HasSubstr("it ends inside a name"));
  EXPECT_THAT(pickle_complaint("\x80\2ca\nb"), HasSubstr("it ends inside a name"));
  EXPECT_THAT(pickle_complaint("\x80\2T\xff\xff\xff\xff"), HasSubstr("a negative length"));
  EXPECT_THAT(pickle_complaint("\x80\2\x8b\xff\xff\xff\xff"), HasSubstr("a negative length"));
  EXPECT_THAT(pickle_complaint("\x80\1N."), HasSubstr("protocol 1; 2 to 5 are read"));
  EXPECT_THAT(pickle_complaint("\x80\6N."), HasSubstr("protocol 6"));
  EXPECT_THAT(pickle_complaint("\x80\2."), HasSubstr("takes a value that is not there, at byte 3"));
  EXPECT_THAT(pickle_complaint("\x80\2K\1(."), HasSubstr("takes a value that is not there"))
      << "what lies below a mark is out of reach";
  EXPECT_THAT(pickle_complaint("\x80\2K\1t."), HasSubstr("a mark that is not there"));
  EXPECT_THAT(pickle_complaint("\x80\2h\1."), HasSubstr("recalls a value that it has not kept"));
  EXPECT_THAT(pickle_complaint("\x80\2K\1q\5h\1."),
              HasSubstr("recalls a value that it has not kept"));
  EXPECT_THAT(pickle_complaint("\x80\2q\1."), HasSubstr("takes a value that is not there"));
  EXPECT_THAT(pickle_complaint("\x80\2K\1K\2a."), HasSubstr("it appends to a whole number"));
  EXPECT_THAT(pickle_complaint("\x80\2)K\2a."), HasSubstr("it appends to a tuple"));
  EXPECT_THAT(pickle_complaint("\x80\2]K\1K\2s."), HasSubstr("it sets a key of a list"));
  EXPECT_THAT(pickle_complaint("\x80\2}(K\1u."), HasSubstr("it sets a key without a value"));
  EXPECT_THAT(pickle_complaint("\x80\4K\1K\2\x93."), HasSubstr("it names a class by no text"));
  EXPECT_THAT(pickle_complaint("\x80\2U\1a)R."), HasSubstr("it calls a text"));
  // What protocol 2 and later never write.
  for (const auto* other :
       {"I1\n", "F1\n", "S'a'\n", "V\n", "L1L\n", "Pid\n", "(ia\nb\n", "(ca\nb\no", "d", "l",
        "g1\n", "p1\n", "\x82\1", "\x97", "\x98", "\xff"}) {
    EXPECT_THAT(pickle_complaint("\x80\2"s + other + "."),
                HasSubstr("which checkpoints do not use"))
        << other;
  }
}

TEST(Pickle, IsBounded) {
  const auto too_many = kPickleValueLimit + 1;
  EXPECT_THAT(pickle_complaint("\x80\2" + repeated("N", too_many)),
              HasSubstr("more than 2000000 values"));
  EXPECT_THAT(pickle_complaint("\x80\2" + repeated("(", too_many)), HasSubstr("its marks grow"));
  EXPECT_THAT(pickle_complaint("\x80\2N" + repeated("2", too_many)), HasSubstr("its stack grows"));
  EXPECT_THAT(pickle_complaint("\x80\2Nq\1" + repeated("h\1", too_many)),
              HasSubstr("its stack grows"));
  EXPECT_THAT(pickle_complaint("\x80\2Nr\xff\xff\xff\xff."),
              HasSubstr("under the number 4294967295"));
  // A list into which the same value goes again and again.
  EXPECT_THAT(pickle_complaint("\x80\2]Nq\1"
                               "0" +
                               repeated("h\1a", kPickleItemLimit + 1)),
              HasSubstr("more than 4000000 items"));
  // Tuples of tuples of tuples: as deep as one likes, and nothing recurses.
  Value deep("N" + repeated("\x85", 1'000'000));
  EXPECT_TRUE(deep->is(Kind::tuple));
  EXPECT_EQ(deep->described(), "a tuple");
}

// A name taken again and again from the memo takes no memory, and no time to speak of.
TEST(Pickle, SharesItsTexts) {
  PickleWriter pickle(4);
  pickle.list().text(std::string(1000, 'x')).put(0).raw("0").mark();
  pickle.raw(repeated("h\0h\0\x93"s, 1'000'000)).raw("e");
  Read read(pickle.finish());
  ASSERT_EQ(read.root().items.size(), 1'000'000u);
  EXPECT_EQ(read.root().items.back()->module.data(), read.root().items.front()->text.data());
  EXPECT_LT(read.root().items.back()->described().size(), 300u);

  EXPECT_THAT(pickle_complaint(PickleWriter().global("m", std::string(1001, 'x')).finish()),
              HasSubstr("it names a class by more than 1000 bytes"));
}

TEST(PickleAttacks, KnowsWhatOnlyAttacksName) {
  const std::vector<std::pair<const char*, const char*>> attacks{
      {"os", "system"},
      {"posix", "system"},
      {"nt", "system"},
      {"os.path", "exists"},
      {"subprocess", "Popen"},
      {"builtins", "eval"},
      {"builtins", "exec"},
      {"__builtin__", "execfile"},
      {"builtins", "setattr"},
      {"builtins", "__import__"},
      {"builtins", "open"},
      {"importlib", "import_module"},
      {"runpy", "run_path"},
      {"pickle", "loads"},
      {"_pickle", "Unpickler"},
      {"dill._dill", "_create_function"},
      {"marshal", "loads"},
      {"types", "CodeType"},
      {"operator", "attrgetter"},
      {"functools", "reduce"},
      {"socket", "create_connection"},
      {"urllib.request", "urlopen"},
      {"webbrowser", "open"},
      {"shutil", "rmtree"},
      {"pty", "spawn"},
      {"ctypes", "CDLL"},
      {"code", "InteractiveInterpreter"},
      {"pip._internal", "main"},
      {"timeit", "timeit"},
      {"torch", "load"},
      {"torch.hub", "load"},
      {"torch.serialization", "load"},
      {"torch.jit", "load"},
      {"torch.utils.collect_env", "run"},
      {"torch.fx.graph_module", "reduce_graph_module"},
      {"numpy", "load"},
      {"numpy.testing._private.utils", "runstring"},
      {"io", "open"},
      {"pandas.io.common", "os.system"},
      {"collections", "_sys.modules"},
      {"torch.serialization", "os.system"},
      {"builtins", "eval.__call__"},
  };
  for (const auto& [module, name] : attacks) {
    EXPECT_TRUE(is_attack(module, name)) << module << ' ' << name;
    const auto text = pickle_complaint(PickleWriter().global(module, name).raw(")R").finish());
    EXPECT_THAT(text, HasSubstr(std::string(module) + "." + name));
    EXPECT_THAT(text, HasSubstr("made to run code"));
    EXPECT_THAT(text, HasSubstr("Nothing of it was run"));
  }
}

TEST(PickleAttacks, LeavesWhatCheckpointsHold) {
  const std::vector<std::pair<const char*, const char*>> harmless{
      {"collections", "OrderedDict"},
      {"collections", "defaultdict"},
      {"torch._utils", "_rebuild_tensor_v2"},
      {"torch", "FloatStorage"},
      {"torch", "device"},
      {"torch.jit._pickle", "build_intlist"},
      {"torch.serialization", "_get_layout"},
      {"torch.nn.parameter", "Parameter"},
      {"torch.optim.adam", "Adam"},
      {"numpy", "dtype"},
      {"numpy.core.multiarray", "scalar"},
      {"_codecs", "encode"},
      {"builtins", "set"},
      {"builtins", "complex"},
      {"functools", "partial"},
      {"pathlib", "PosixPath"},
      {"argparse", "Namespace"},
      {"types", "SimpleNamespace"},
      {"omegaconf.dictconfig", "DictConfig"},
      {"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"},
      {"taming.modules.losses.vqperceptual", "VQLPIPSWithDiscriminator"},
      {"code.models", "Config"},  // somebody's own folder
      {"osprey", "Net"},
      {"models.unet", "Options.Mode"},
      {"__torch__.multimodal.model.multimodal_transformer", "Multimodal"},
      {"", ""},
  };
  for (const auto& [module, name] : harmless) {
    EXPECT_FALSE(is_attack(module, name)) << module << ' ' << name;
  }
}

}  // namespace
}  // namespace latentreel::models
