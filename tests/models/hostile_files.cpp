#include "tests/models/hostile_files.h"

#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include "tests/models/bytes.h"
#include "tests/models/torch_file_writer.h"

namespace latentreel::models {
namespace {

using namespace std::string_literals;
using testing::repeated;

const Storages kStorages{{"0", floats({0, 1, 2, 3, 4, 5})}};
constexpr const char* kRunsCode = "it was made to run code";
constexpr const char* kPickle = "data.pkl";

// A state dict that begins as it should and goes on with what `write` writes as a value.
std::string in_state_dict(const std::function<void(PickleWriter&)>& write, int protocol = 2) {
  PickleWriter pickle(protocol);
  pickle.dict().mark().text("good").tensor("FloatStorage", "0", {2, 3}).text("bad");
  write(pickle);
  return checkpoint_of(pickle.set_items().finish(), kStorages);
}

// ---- Code in pickles ----------------------------------------------------------------------------

void add_called_functions(const std::string& proof, std::vector<HostileFile>& files) {
  const auto shell = "touch " + proof;
  const auto python = "open('" + proof + "', 'w')";
  struct Call {
    const char* module;
    const char* name;
    std::string argument;
  };
  const std::vector<Call> calls{
      {"os", "system", shell},
      {"posix", "system", shell},
      {"nt", "system", shell},
      {"os", "popen", shell},
      {"os", "execv", "/bin/sh"},
      {"subprocess", "Popen", shell},
      {"subprocess", "check_output", shell},
      {"subprocess", "getoutput", shell},
      {"commands", "getoutput", shell},
      {"pty", "spawn", shell},
      {"builtins", "eval", python},
      {"builtins", "exec", python},
      {"builtins", "compile", python},
      {"builtins", "open", proof},
      {"builtins", "__import__", "os"},
      {"__builtin__", "eval", python},
      {"__builtin__", "execfile", proof},
      {"importlib", "import_module", "antigravity"},
      {"runpy", "run_path", proof},
      {"runpy", "_run_code", python},
      {"code", "interact", ""},
      {"timeit", "timeit", python},
      {"cProfile", "run", python},
      {"pdb", "run", python},
      {"bdb", "Bdb.run", python},
      {"pip", "main", "install evil"},
      {"pydoc", "pipepager", shell},
      {"webbrowser", "open", "http://localhost/"},
      {"urllib.request", "urlopen", "http://localhost/"},
      {"requests.api", "get", "http://localhost/"},
      {"socket", "create_connection", "localhost"},
      {"asyncio.subprocess", "create_subprocess_shell", shell},
      {"multiprocessing.util", "spawnv_passfds", shell},
      {"ctypes", "CDLL", "/tmp/evil.so"},
      {"shutil", "rmtree", "/tmp/latentreel-none"},
      {"pickle", "loads", "cos\nsystem\n."},
      {"_pickle", "loads", "cos\nsystem\n."},
      {"marshal", "loads", "c"},
      {"dill._dill", "_create_function", python},
      {"cloudpickle.cloudpickle", "_make_function", python},
      {"joblib", "load", proof},
      {"numpy", "load", proof},
      {"numpy.testing._private.utils", "runstring", python},
      {"torch", "load", proof},
      {"torch.hub", "load", "evil/evil"},
      {"torch.serialization", "load", proof},
      {"torch.utils.cpp_extension", "load_inline", python},
      {"torch.utils.collect_env", "run", shell},
      {"torch._dynamo.guards", "GuardBuilder.get", python},
      {"torch.fx.graph_module", "reduce_graph_module", python},
      {"torch.jit.unsupported_tensor_ops", "execWrapper", python},
      {"types", "FunctionType", python},
      {"operator", "attrgetter", "system"},
      {"functools", "reduce", python},
      {"collections", "_sys.modules", ""},
      {"torch.storage", "os.system", shell},
  };
  for (const auto& call : calls) {
    const auto full = std::string(call.module).append(".").append(call.name);
    files.push_back({full + ".ckpt", in_state_dict([&](PickleWriter& p) {
                       p.global(call.module, call.name).text(call.argument).raw("\x85R");
                     }),
                     kPickle, full});
  }
}

// The same function by every instruction and in every place.
void add_ways_of_calling(const std::string& proof, std::vector<HostileFile>& files) {
  const auto shell = "touch " + proof;
  const auto system = [](PickleWriter& p) -> PickleWriter& { return p.global("posix", "system"); };
  const auto run = [&](PickleWriter& p) -> PickleWriter& {
    return system(p).text(shell).raw("\x85R");
  };
  const auto add = [&files](const char* name, const std::string& bytes,
                            const char* reason = kRunsCode) {
    files.push_back({name, bytes, kPickle, reason});
  };
  const auto bare = [](PickleWriter& p) { return checkpoint_of(p.finish(), {}); };

  PickleWriter only(2);
  add("only.ckpt", bare(run(only)));
  PickleWriter before(2);
  add("before-the-dict.ckpt", bare(run(before).raw("0").dict()));
  add("new-object.ckpt", in_state_dict([&](auto& p) { system(p).text(shell).raw("\x85\x81"); }));
  add("new-object-with-keywords.ckpt",
      in_state_dict([&](auto& p) { system(p).text(shell).raw("\x85}\x92"); }, 4));
  add("stack-global.ckpt",
      in_state_dict([&](auto& p) { p.raw("\x8c\5posix\x8c\6system\x93").text(shell).raw("\x85R"); },
                    4));
  add("stack-global-from-memo.ckpt",
      in_state_dict(
          [&](auto& p) {
            p.raw("\x8c\5posix\x94").raw("0\x8c\6system\x94").raw("0");
            p.raw("h\0h\1\x93"s).text(shell).raw("\x85R");
          },
          4));
  add("build-with-state.ckpt", in_state_dict([&](auto& p) {
        p.global("models", "Net").raw(")\x81").dict().text("__setstate__");
        system(p).set_item().build().text(shell).build();
      }));
  add("reduce-ex-of-a-builtin.ckpt", in_state_dict([&](auto& p) {
        p.global("builtins", "setattr")
            .mark()
            .global("builtins", "dict")
            .text("get")
            .none()
            .tuple();
        p.reduce();
      }));
  add("as-a-key.ckpt", in_state_dict([&](auto& p) { run(p.dict()).none().set_item(); }));
  add("in-callbacks.ckpt", in_state_dict([&](auto& p) {
        p.dict().text("callbacks").dict();
        run(p.global("pytorch_lightning.callbacks", "ModelCheckpoint").dict().text("best"));
        p.set_item().set_item().set_item();
      }));
  add("as-an-argument.ckpt", in_state_dict([&](auto& p) {
        p.global("functools", "partial").mark();
        system(p).text(shell).tuple().reduce().raw(")R");
      }));
  add("as-a-default.ckpt",
      in_state_dict([&](auto& p) { system(p.global("collections", "defaultdict")).raw("\x85R"); }));
  add("rebuild-from-type.ckpt", in_state_dict([&](auto& p) {
        p.global("torch._tensor", "_rebuild_from_type_v2").mark();
        system(p).global("torch", "Tensor").text(shell).raw("\x85").dict().tuple().reduce();
      }));
  add("backward-hooks.ckpt", in_state_dict([&](auto& p) {
        p.begin_tensor().storage("FloatStorage", "0", 6).integer(0).integers({6}).integers({1});
        run(p.truth(false)).tuple().reduce();
      }));
  add("as-a-storage-class.ckpt", in_state_dict([&](auto& p) {
        p.begin_tensor().mark().text("storage");
        system(p).text(shell).text("cpu").integer(6).raw("tQ");
        p.end_tensor(0, {6}, {1});
      }));
  add("in-a-persistent-id.ckpt",
      in_state_dict([&](auto& p) { run(p.mark().text("module")).text("source").raw("tQ"); }));
  add("after-a-mark.ckpt", in_state_dict([&](auto& p) { run(p.mark()).raw("1").none(); }));
  add("dropped.ckpt", in_state_dict([&](auto& p) { run(p).raw("0").none(); }));

  // Instructions of protocols 0 and 1, and of the registry of copyreg.
  constexpr const char* kUnused = "which checkpoints do not use";
  add("inst.ckpt", in_state_dict([&](auto& p) { p.mark().text(shell).raw("iposix\nsystem\n"); }),
      kUnused);
  add("obj.ckpt", in_state_dict([&](auto& p) { system(p.mark()).text(shell).raw("o"); }));
  add("obj-of-a-class.ckpt",
      in_state_dict([&](auto& p) { p.mark().global("models", "Net").raw("o"); }), kUnused);
  add("extension-registry.ckpt", in_state_dict([&](auto& p) { p.raw("\x82\1)R"); }), kUnused);
  add("text-persistent-id.ckpt", in_state_dict([&](auto& p) { p.raw("Pevil\n"); }), kUnused);
  add("protocol-0.ckpt", checkpoint_of("cposix\nsystem\n(S'" + shell + "'\ntR.", {}));
  add("protocol-1.ckpt", checkpoint_of("\x80\1N.", {}), "protocol 1");
  add("no-pickle.ckpt", checkpoint_of("#!/bin/sh\n" + shell + "\n", {}), kUnused);

  PickleWriter module;
  run(module.global("__torch__", "Net").raw(")").new_object().dict().text("w")).set_item().build();
  add("torchscript.pt", torchscript_of(module.finish(), {}));

  PickleWriter legacy;
  run(legacy.dict().text("a")).set_item();
  files.push_back({"legacy.ckpt", legacy_of(legacy.finish(), {}, 4), "the pickles", kRunsCode});
  auto first = legacy_of(PickleWriter().dict().finish(), {}, 4);
  first.replace(15, std::string::npos, legacy.finish());
  files.push_back({"legacy-version.ckpt", first, "the pickles", kRunsCode});
}

// ---- Pickles that grow --------------------------------------------------------------------------

void add_pickle_bombs(std::vector<HostileFile>& files) {
  const auto add = [&files](const char* name, const std::string& instructions, const char* reason) {
    // What can be read and holds no dictionary is found out later.
    const auto* where = std::string_view(reason).starts_with("it holds a ") ? "" : kPickle;
    files.push_back({name, checkpoint_of("\x80\4" + instructions + ".", {}), where, reason});
  };
  add("marks.ckpt", repeated("(", 3'000'000), "its marks grow");
  add("nesting.ckpt", repeated("]", 3'000'000), "more than 2000000 values");
  add("deep-tuples.ckpt", "N" + repeated("\x85", 1'000'000), "it holds a tuple");
  add("memo.ckpt", "Nr\xff\xff\xff\xff", "keeps a value under the number 4294967295");
  add("memo-growth.ckpt", "N" + repeated("\x94", 2'000'001), "keeps a value under the number");
  add("stack.ckpt", "N" + repeated("2", 3'000'000), "its stack grows");
  // Lists that hold the one before ten times, a hundred levels deep: 10^100 values when printed.
  std::string laughs = "]\x94";
  for (int level = 0; level < 100; ++level) {
    const auto before = "h"s + static_cast<char>(level);
    laughs += "](" + repeated(before, 10) + "e\x94";
  }
  add("laughs.ckpt", laughs, "it holds a list");
  add("long-text.ckpt", "X\xff\xff\xff\xff", "it ends too early");
  add("longer-text.ckpt", "\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "it ends too early");
  add("long-number.ckpt", "\x8b\xff\xff\xff\x7f", "it ends too early");
  add("negative-length.ckpt", "T\xff\xff\xff\xff", "a negative length");
  add("long-class.ckpt", "c" + std::string(1 << 20, 'x') + "\nx\n", "more than 1000 bytes");
  add("circle.ckpt", "]q\0h\0a"s, "it holds a list");

  // A module that is two of one that is two of one …: 2^60 tensors by their names.
  PickleWriter module;
  module.global("__torch__", "M").raw(")").new_object().dict().text("w");
  module.tensor("FloatStorage", "0", {6}).set_item().build().put(0);
  for (int level = 0; level < 60; ++level) {
    module.raw("0").global("__torch__", "M").raw(")").new_object().dict();
    module.text("a").get(0).set_item().text("b").get(0).set_item().build().put(0);
  }
  files.push_back({"modules.pt", torchscript_of(module.finish(), kStorages), "", "100000 names"});
}

// ---- Archives that lie --------------------------------------------------------------------------

void add_archives(std::vector<HostileFile>& files) {
  const auto pickle = [] {
    return PickleWriter().dict().text("a").tensor("FloatStorage", "0", {6}).set_item().finish();
  }();
  const auto& numbers = kStorages[0].second;
  const auto add = [&files](const char* name, const ZipWriter& zip, const char* where,
                            const char* reason) {
    files.push_back({name, zip.finish(), where, reason});
  };
  const auto with_data = [&](const std::function<void(ZipWriter&)>& write) {
    ZipWriter zip;
    zip.add("r/data.pkl", pickle);
    write(zip);
    return zip;
  };
  add("crc.ckpt", with_data([&](auto& z) { z.add("r/data/0", numbers, {.crc = 7}); }), "r/data/0",
      "not those that were written");
  add("pickle-crc.ckpt", ZipWriter().add("r/data.pkl", pickle, {.crc = 7}), "r/data.pkl",
      "not those that were written");
  add("bomb.ckpt",
      ZipWriter().add("r/data.pkl", "\x4b\x4c\x44",
                      {.method = 8, .size = std::uint64_t{1} << 40, .zip64 = true}),
      "data.pkl", "67108864 are read at most");
  add("storage-bomb.ckpt", with_data([&](auto& z) {
        z.add("r/data/0", "\x4b\x4c\x44",
              {.method = 8, .size = std::uint64_t{1} << 40, .zip64 = true});
      }),
      "r/data/0", "it is compressed");
  add("compressed-pickle.ckpt", ZipWriter().add("r/data.pkl", pickle, {.method = 8}), "r/data.pkl",
      "it is compressed");
  add("two-minds.ckpt", ZipWriter().add("r/data.pkl", pickle, {.local_method = 8}), "r/data.pkl",
      "compressed by its own header");
  add("overlap.ckpt", with_data([&](auto& z) {
        z.add("r/data/0", std::string(200, 'a')).add("r/data/1", "b", {.header = z.size() - 100});
      }),
      "r/data/0", "overlaps");
  add("same-place.ckpt", with_data([&](auto& z) { z.add("r/data/0", pickle, {.header = 0}); }),
      "r/data/0", "lies where another member");
  add("duplicate.ckpt", with_data([&](auto& z) { z.add("r/data.pkl", pickle); }), "r/data.pkl",
      "two members of that name");
  add("disguise.ckpt",
      with_data([&](auto& z) { z.add("r/data/0", numbers, {.local_name = "r/data/1"}); }),
      "r/data/0", "lies \"r/data/1\"");
  add("encrypted.ckpt", ZipWriter().add("r/data.pkl", pickle, {.flags = 1}), "r/data.pkl",
      "encrypted");
  add("dots.ckpt", with_data([&](auto& z) { z.add("r/../../../tmp/evil", "x"); }), "tmp/evil",
      "leads out of its archive");
  add("absolute.ckpt", with_data([&](auto& z) { z.add("/tmp/evil", "x"); }), "/tmp/evil",
      "leads out of its archive");
  add("backslashes.ckpt", with_data([&](auto& z) { z.add("r\\..\\evil", "x"); }), "evil",
      "leads out of its archive");
  add("control-characters.ckpt", with_data([&](auto& z) { z.add("../\x1b[2J\x7", "x"); }),
      "\\x1B[2J", "leads out of its archive");
  add("huge.ckpt",
      ZipWriter().add("r/data.pkl", pickle,
                      {.size = ~std::uint64_t{0}, .packed = ~std::uint64_t{0}, .zip64 = true}),
      "r/data.pkl", "it would have 18446744073709551615 bytes");
  ZipWriter many;
  many.add("r/data.pkl", pickle);
  for (int i = 0; i < 100'000; ++i) many.add("r/data/" + std::to_string(i), "", {.header = 0});
  add("members.ckpt", many, "", "100001 members");
  add("no-pickle-member.ckpt", ZipWriter().add("r/data/0", numbers), "", "no data.pkl");
  add("other-zip.ckpt", ZipWriter().add("setup.py", "import os"), "", "no data.pkl");
  add("missing-storage.ckpt", with_data([](auto&) {}), "tensor \"a\"", "is not in the file");
}

// ---- Tensors that lie ---------------------------------------------------------------------------

void add_tensors(std::vector<HostileFile>& files) {
  const auto add = [&files](const char* name, std::int64_t count, std::int64_t offset,
                            std::initializer_list<std::int64_t> shape,
                            std::initializer_list<std::int64_t> strides, const char* reason) {
    files.push_back({name, in_state_dict([&](auto& p) {
                       p.view("FloatStorage", "0", count, offset, shape, strides);
                     }),
                     "tensor \"bad\"", reason});
  };
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  add("negative-stride.ckpt", 6, 5, {6}, {-1}, "not a count");
  add("negative-size.ckpt", 6, 0, {-1}, {1}, "not a count");
  add("negative-offset.ckpt", 6, -1, {1}, {1}, "its offset is not a count");
  add("overrun.ckpt", 6, 0, {7}, {1}, "does not fit in its storage");
  add("offset-overrun.ckpt", 6, 1, {6}, {1}, "does not fit in its storage");
  add("stride-overrun.ckpt", 6, 0, {2, 2}, {5, 1}, "does not fit in its storage");
  add("overflow.ckpt", 6, 0, {kMost, kMost, 2}, {1, 1, 1}, "does not fit in its storage");
  add("offset-overflow.ckpt", 6, kMost, {kMost}, {kMost}, "does not fit in its storage");
  add("giant.ckpt", 6, 0, {1 << 30, 1 << 30}, {0, 0}, "does not fit in its storage");
  add("count.ckpt", 1000, 0, {1000}, {1}, "where 1000 numbers of F32");
  add("no-count.ckpt", -1, 0, {1}, {1}, "a type that cannot be read");

  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto infinity = std::numeric_limits<float>::infinity();
  for (const auto& [name, value] : {std::pair("nan.ckpt", nan), {"infinity.ckpt", -infinity}}) {
    const auto pickle =
        PickleWriter().dict().text("bad").tensor("FloatStorage", "0", {4}).set_item().finish();
    files.push_back({name, checkpoint_of(pickle, {{"0", floats({1, 2, value, 3})}}),
                     "tensor \"bad\"", "element 2 of its 4 is not a finite number"});
  }
}

// ---- Indices of several files -------------------------------------------------------------------

void add_indices(std::vector<HostileFile>& files) {
  const auto add = [&](const std::string& name, std::string text, const std::string& where,
                       const std::string& reason) {
    files.push_back({name + ".safetensors.index.json", std::move(text), where, reason});
  };
  const auto naming = [](const std::string& shard) {
    return R"({"weight_map": {"a": ")" + shard + R"("}})";
  };
  constexpr const char* kPlain = "is not the plain name of a file";
  add("parent", naming("../../etc/passwd"), "tensor \"a\"", kPlain);
  add("absolute", naming("/etc/passwd"), "tensor \"a\"", kPlain);
  add("folder", naming("b/c.safetensors"), "tensor \"a\"", kPlain);
  add("backslash", naming(R"(..\\c.safetensors)"), "tensor \"a\"", kPlain);
  add("dots", naming(".."), "tensor \"a\"", "\"..\" is not the plain name");
  add("dot", naming("."), "tensor \"a\"", kPlain);
  add("nothing", naming(""), "tensor \"a\"", kPlain);
  add("zero", naming(R"(a\u0000b)"), "tensor \"a\"", kPlain);
  add("escape", naming(R"(\u001b[2J)"), "tensor \"a\"", kPlain);
  add("long-name", naming(std::string(1000, 'a')), "tensor \"a\"", kPlain);
  add("number", R"({"weight_map": {"a": 1}})", "tensor \"a\"", "is not the name of a file");
  add("object", R"({"weight_map": {"a": {"b": "c"}}})", "tensor \"a\"",
      "is not the name of a file");
  add("list-in-map", R"({"weight_map": {"a": ["b"]}})", "", "its weight_map holds a list");
  add("map-is-text", R"({"weight_map": "a"})", "", "its weight_map is not an object");
  add("map-is-a-list", R"({"weight_map": []})", "", "its weight_map holds a list");
  add("no-map", R"({"metadata": {"total_size": 1}})", "", "it names no tensors");
  add("empty-map", R"({"weight_map": {}})", "", "it names no tensors");
  add("two-maps", R"({"weight_map": {"a": "b"}, "weight_map": {"c": "d"}})", "",
      "it holds weight_map twice");
  add("twice", R"({"weight_map": {"a": "b", "a": "c"}})", "tensor \"a\"",
      "it is in the index twice");
  add("list", R"(["weight_map"])", "", "it is a list");
  add("text", R"("weight_map")", "", "it is not an object");
  add("cut-off", R"({"weight_map": {"a": "b")", "", "it is not valid JSON");
  add("bytes-behind", naming("b") + "\0x"s, "", "it is not valid JSON");
  add("not-utf-8", naming("\xff"), "", "it is not valid JSON");
  add("deep", R"({"metadata": )" + repeated("[", 1'000'000), "", "it is nested too deeply");
  add("page", "<html><body>Not found</body></html>", "", "it is a web page");
  std::string many = R"({"weight_map": {"a": "b")";
  for (int i = 0; i < 1001; ++i)
    many += ", \"t" + std::to_string(i) + "\": \"f" + std::to_string(i) + '"';
  add("many-files", many + "}}", "", "it names more than 1000 files");
  std::string tensors = R"({"weight_map": {"a": "b")";
  for (int i = 0; i < 100'001; ++i) tensors += ",\"" + std::to_string(i) + R"(":"b")";
  add("many-tensors", tensors + "}}", "", "it names more than 100000 tensors");
  add("itself", naming("itself.safetensors.index.json"), "itself.safetensors.index.json",
      "it is JSON");
}

}  // namespace

std::vector<HostileFile> hostile_files(const std::string& proof) {
  std::vector<HostileFile> files;
  add_called_functions(proof, files);
  add_ways_of_calling(proof, files);
  add_pickle_bombs(files);
  add_archives(files);
  add_tensors(files);
  add_indices(files);
  return files;
}

std::vector<HostileFile> good_files() {
  PickleWriter pickle;
  pickle.ordered_dict().mark().text("a").tensor("FloatStorage", "0", {2, 3});
  pickle.text("b").view("FloatStorage", "0", 6, 1, {2}, {2}).set_items();
  PickleWriter module;
  module.global("__torch__", "M").raw(")").new_object().dict().text("a");
  module.tensor("FloatStorage", "0", {6}).set_item().build();
  PickleWriter legacy;
  legacy.dict().text("a").begin_tensor().storage_part("FloatStorage", "0", 6, 2, 4);
  legacy.end_tensor(0, {2, 2}, {2, 1}).set_item();
  ZipWriter plain;
  plain.add("r/data.pkl", pickle.finish(), {.zip64 = true}).add("r/data/0", kStorages[0].second);
  return {{"checkpoint.ckpt", checkpoint_of(pickle.finish(), kStorages), "", ""},
          {"module.pt", torchscript_of(module.finish(), kStorages), "", ""},
          {"legacy.ckpt", legacy_of(legacy.finish(), kStorages, 4), "", ""},
          {"plain.ckpt", plain.finish(ZipWriter::End::plain), "", ""}};
}

}  // namespace latentreel::models
